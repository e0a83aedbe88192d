-- The observation of each provider that counts at an instant, with the pair's standing.
-- What had been fetched by then is what was known then; of a history that was loaded
-- afterwards, the newest row that was published by then stands in.
SELECT heard.quote, latest.fetched_at,
       latest.id, heard.provider, latest.bid, latest.ask, latest.as_of,
       standing.kind, standing.at, standing.bid, standing.ask, standing.reason
  FROM heard
 CROSS JOIN LATERAL (
        SELECT * FROM (
            (SELECT *, true AS was_known FROM fx_rate
              WHERE base = 'EUR' AND quote = heard.quote AND provider = heard.provider
                AND as_of >= %(at)s::timestamptz - %(longest)s::interval
                AND as_of <= %(at)s
                AND fetched_at <= %(at)s
              ORDER BY as_of DESC, fetched_at DESC
              LIMIT 1)
             UNION ALL
            (SELECT *, false FROM fx_rate
              WHERE base = 'EUR' AND quote = heard.quote AND provider = heard.provider
                AND as_of <= %(at)s
              ORDER BY as_of DESC, fetched_at DESC
              LIMIT 1)
           ) AS either
         ORDER BY was_known DESC
         LIMIT 1
       ) AS latest
  LEFT JOIN LATERAL (
        SELECT kind, at, bid, ask, reason FROM fx_verdict
         WHERE base = 'EUR' AND quote = heard.quote AND at <= %(at)s
         ORDER BY at DESC
         LIMIT 1
       ) AS standing ON true
