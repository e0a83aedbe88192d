-- What was loaded and is not the provider's last word about that instant already. After
-- a correction, the first word is a new one. Should the clock not have moved since the
-- last word, this one is still the later.
INSERT INTO fx_rate (id, provider, base, quote, bid, ask, as_of, fetched_at,
                     staff_id, reason)
SELECT DISTINCT ON (loaded.as_of, loaded.base, loaded.quote)
       loaded.id, %(provider)s, loaded.base, loaded.quote, loaded.bid, loaded.ask,
       loaded.as_of,
       CASE WHEN word.fetched_at = %(now)s
            THEN %(now)s + interval '1 microsecond'
            ELSE %(now)s
       END,
       %(staff)s::uuid, %(reason)s
  FROM fx_loaded AS loaded
  LEFT JOIN LATERAL (
        SELECT bid, ask, fetched_at FROM fx_rate
         WHERE base = loaded.base AND quote = loaded.quote
           AND provider = %(provider)s AND as_of = loaded.as_of
         ORDER BY fetched_at DESC
         LIMIT 1
       ) AS word ON true
 WHERE (word.bid, word.ask) IS DISTINCT FROM (loaded.bid, loaded.ask)
 ORDER BY loaded.as_of, loaded.base, loaded.quote
