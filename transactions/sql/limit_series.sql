-- The series of these scopes, each as often as there are windows: with its totals, and
-- with those at the beginning of that window. A window costs one descent of the index
-- transactions_limituse_at, however long the series is.
--
-- Whoever locks a series here sees its newest totals, even after waiting for somebody
-- else: a row that was waited for is read again. The uses are not, and need not be
-- where only the present was added to. Where a series was behind when the statement
-- began (`seen_at`), whoever was waited for has added to its past: ask once more then.
SELECT series.id, series.user_id, series.type, series.currency, series.unit,
       series.total_amount, series.total_count, series.counted_at,
       seen.counted_at AS seen_at,
       length, coalesce(before.total_amount, 0), coalesce(before.number, 0),
       statement_timestamp()
  FROM unnest(%(users)s::uuid[], %(types)s::varchar[], %(currencies)s::varchar[],
              %(units)s::varchar[]) AS scope (user_id, type, currency, unit)
  JOIN transactions_limitseries AS series USING (user_id, type, currency, unit)
  JOIN transactions_limitseries AS seen ON seen.id = series.id
 CROSS JOIN unnest(%(windows)s::interval[]) AS length
  LEFT JOIN LATERAL (
        SELECT total_amount, number
          FROM transactions_limituse AS use
         WHERE use.series_id = series.id AND use.at <= statement_timestamp() - length
         ORDER BY use.at DESC, use.number DESC
         LIMIT 1
       ) AS before ON true
 ORDER BY series.id
