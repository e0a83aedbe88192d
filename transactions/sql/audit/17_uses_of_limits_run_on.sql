-- The uses of a limit are numbered without a gap, each of a transaction of its series,
-- at its instant and with its amount added to the total; the series stands at the last
-- one, and none is missing but those that no window reaches back to.
WITH use AS (
    SELECT use.series_id, use.number, use.at, use.total_amount, use.transaction_id,
           series.user_id, series.type, series.currency, series.unit,
           lag(use.number) OVER run AS number_before,
           lag(use.at) OVER run AS at_before,
           coalesce(lag(use.total_amount) OVER run, 0) AS amount_before,
           lead(use.number) OVER run IS NULL
               AND (series.total_amount, series.total_count, series.counted_at)
                   IS DISTINCT FROM (use.total_amount, use.number, use.at)
               AS is_not_where_the_series_stands
      FROM transactions_limituse AS use
      JOIN transactions_limitseries AS series ON series.id = use.series_id
    WINDOW run AS (PARTITION BY use.series_id ORDER BY use.number)
),
counted AS (
    SELECT transaction.id, transaction.owner_id, transaction.type, entry.currency,
           transaction.recorded_at,
           CASE transaction.type WHEN 'fund' THEN entry.amount + transaction.fee
                                 ELSE entry.amount - transaction.fee END AS principal
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
      JOIN wallets_wallet AS wallet
        ON wallet.id = entry.wallet_id AND wallet.owner_id = transaction.owner_id
     WHERE transaction.type
           IN ('fund', 'withdrawal', 'transfer', 'conversion', 'capture')
       AND (entry.side = 'credit') = (transaction.type = 'fund')
)
SELECT format('use %s of series %s', use.number, use.series_id) AS offender,
       format('total %s at %s, of transaction %s', use.total_amount, use.at,
              use.transaction_id) AS detail
  FROM use
  LEFT JOIN counted ON counted.id = use.transaction_id
 WHERE counted.id IS NULL
    OR use.user_id <> counted.owner_id
    OR use.type NOT IN ('', counted.type)
    OR use.currency NOT IN ('', counted.currency)
    OR use.at <> counted.recorded_at
    OR use.at < use.at_before
    OR use.number <> use.number_before + 1
    OR (use.number_before IS NULL AND use.number > 1
        AND use.at > statement_timestamp() - interval '30 days')
    OR use.total_amount < use.amount_before
    OR (use.unit = counted.currency
        AND (use.number_before IS NOT NULL OR use.number = 1)
        AND use.total_amount <> use.amount_before + counted.principal)
    OR use.is_not_where_the_series_stands
UNION ALL
SELECT format('series %s', series.id),
       format('stands at %s after %s uses, and has none',
              series.total_amount, series.total_count)
  FROM transactions_limitseries AS series
 WHERE (series.total_count > 0 OR series.total_amount > 0)
   AND NOT EXISTS (SELECT FROM transactions_limituse WHERE series_id = series.id)
UNION ALL
SELECT format('series %s', series.id),
       format('does not count transaction %s', counted.id)
  FROM transactions_limitseries AS series
  JOIN counted
    ON counted.owner_id = series.user_id
   AND counted.currency = series.currency
   AND series.type IN ('', counted.type)
   AND counted.recorded_at <= series.counted_at
   AND counted.recorded_at > statement_timestamp() - interval '30 days'
 WHERE NOT EXISTS (
        SELECT FROM transactions_limituse AS use
         WHERE use.series_id = series.id AND use.transaction_id = counted.id)
   AND counted.recorded_at >= (
        SELECT min(at) FROM transactions_limituse WHERE series_id = series.id)
