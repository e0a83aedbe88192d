-- Each provider that ever spoke of each wanted pair: one descent of the index
-- `fx_rate_latest_of_provider` per provider, however long the history is.
WITH RECURSIVE heard (quote, provider) AS (
    SELECT wanted.quote, first.provider
      FROM unnest(%(quotes)s::varchar[]) AS wanted (quote)
     CROSS JOIN LATERAL (
            SELECT provider FROM fx_rate
             WHERE base = 'EUR' AND quote = wanted.quote
             ORDER BY provider
             LIMIT 1
           ) AS first
     UNION ALL
    SELECT heard.quote, next.provider
      FROM heard
     CROSS JOIN LATERAL (
            SELECT provider FROM fx_rate
             WHERE base = 'EUR' AND quote = heard.quote
               AND provider > heard.provider
             ORDER BY provider
             LIMIT 1
           ) AS next
)
