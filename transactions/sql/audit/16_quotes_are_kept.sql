-- A quote that was used was used once, by a conversion or a hold of its own user, at
-- the price that it promised; and whatever says that it used a quote used one that is
-- marked so.
WITH use AS (
    -- A branch for each kind of use. A hold has its target from the quote.
    SELECT conversion.quote_id, transaction.owner_id AS user_id, transaction.fee,
           conversion.source_currency, conversion.source_amount,
           conversion.target_currency, conversion.target_amount,
           conversion.client_rate, conversion.policy_id
      FROM transactions_conversion AS conversion
      JOIN transactions_transaction AS transaction
        ON transaction.id = conversion.transaction_id
     WHERE conversion.quote_id IS NOT NULL
    UNION ALL
    -- A hold has no rate but its quote's; that its captures keep to it is a law of
    -- their own.
    SELECT hold.quote_id, hold.owner_id, hold.fee, hold.currency, hold.amount,
           quote.target_currency, quote.target_amount, quote.client_rate,
           quote.policy_id
      FROM transactions_hold AS hold
      LEFT JOIN fx_quote AS quote ON quote.id = hold.quote_id
     WHERE hold.quote_id IS NOT NULL
)
SELECT coalesce(quote.id, used.quote_id)::text AS offender,
       format('%s, with %s uses, of which %s keep what it promised',
              coalesce(quote.status, 'not there'), coalesce(used.times, 0),
              coalesce(used.kept, 0)) AS detail
  FROM (SELECT * FROM fx_quote WHERE status = 'used') AS quote
  FULL JOIN (
        SELECT use.quote_id, count(*) AS times,
               count(*) FILTER (WHERE
                   (use.user_id, use.fee,
                    use.source_currency, use.source_amount,
                    use.target_currency, use.target_amount,
                    use.client_rate, use.policy_id)
                   = (promised.user_id, promised.fee,
                      promised.source_currency, promised.source_amount,
                      promised.target_currency, promised.target_amount,
                      promised.client_rate, promised.policy_id)) AS kept
          FROM use
          LEFT JOIN fx_quote AS promised ON promised.id = use.quote_id
         GROUP BY use.quote_id
       ) AS used ON used.quote_id = quote.id
 WHERE quote.id IS NULL OR used.kept IS DISTINCT FROM 1 OR used.times <> 1
