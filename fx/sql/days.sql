-- The last word of each provider about each day (UTC) of a span.
SELECT days.day AS day, latest.*
  FROM generate_series(
        %(since)s::timestamptz, %(until)s::timestamptz - interval '24 hours',
        interval '24 hours'
       ) AS days (day)
 CROSS JOIN heard
 CROSS JOIN LATERAL (
        SELECT * FROM fx_rate
         WHERE base = 'EUR' AND quote = heard.quote AND provider = heard.provider
           AND as_of >= days.day AND as_of < days.day + interval '24 hours'
         ORDER BY as_of DESC, fetched_at DESC
         LIMIT 1
       ) AS latest
 ORDER BY days.day
