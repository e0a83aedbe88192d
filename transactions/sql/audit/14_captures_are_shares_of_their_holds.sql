-- Capture by capture, what a hold has paid is the share of what was agreed that goes
-- with what was captured, rounded down: the fee and, of a hold that converts, the
-- target and the spread. So a hold that was captured whole has paid all of it, and not
-- a unit more. Each capture is at the rate of the hold's quote, and its figures are its
-- entries'.
WITH paid AS (
    SELECT capture.id, hold.id AS hold_id, hold.amount, hold.fee, hold.quote_id,
           conversion.transaction_id AS converts, conversion.source_amount,
           conversion.client_rate, conversion.exact_target, conversion.target_amount,
           conversion.residual, conversion.spread_amount,
           entry.amount - capture.fee AS sold,
           sum(entry.amount - capture.fee) OVER so_far AS captured,
           sum(capture.fee) OVER so_far AS fee_paid,
           sum(conversion.target_amount) OVER so_far AS bought,
           sum(conversion.spread_amount) OVER so_far AS spread,
           power(10::numeric, source.exponent) AS units
      FROM transactions_hold AS hold
      JOIN transactions_transaction AS capture ON capture.hold_id = hold.id
      JOIN transactions_entry AS entry
        ON entry.transaction_id = capture.id
       AND entry.side = 'debit'
       AND entry.wallet_id = hold.wallet_id
      JOIN fx_currency AS source ON source.code = hold.currency
      LEFT JOIN transactions_conversion AS conversion
        ON conversion.transaction_id = capture.id
    WINDOW so_far AS (PARTITION BY hold.id ORDER BY entry.wallet_version)
)
SELECT paid.id::text AS offender,
       format('hold %s: with %s of %s captured, fees %s, bought %s, spread %s',
              hold_id, captured, amount, fee_paid, bought, spread) AS detail
  FROM paid
  LEFT JOIN fx_quote AS quote ON quote.id = paid.quote_id
  LEFT JOIN fx_currency AS target ON target.code = quote.target_currency
 CROSS JOIN LATERAL (SELECT power(10::numeric, target.exponent)) AS target_units (n)
 WHERE fee_paid <> div(paid.fee * captured * units, amount) / units
    OR (quote.id IS NULL) <> (converts IS NULL)
    OR (quote.id IS NOT NULL AND (
            bought <> div(quote.target_amount * captured * n, amount) / n
         OR spread <> div(quote.spread_amount * captured * n, amount) / n
         OR paid.source_amount <> sold
         OR paid.client_rate <> quote.client_rate
         OR paid.exact_target <> sold * quote.client_rate
         OR paid.residual <> paid.exact_target - paid.target_amount
         OR (paid.target_amount, paid.spread_amount) <> (
                SELECT coalesce(sum(given.amount) FILTER (
                           WHERE wallet.purpose IN ('customer', 'cash')), 0),
                       coalesce(sum(given.amount) FILTER (
                           WHERE wallet.purpose = 'fx_income'), 0)
                  FROM transactions_entry AS given
                  JOIN wallets_wallet AS wallet ON wallet.id = given.wallet_id
                 WHERE given.transaction_id = paid.id
                   AND given.side = 'credit'
                   AND given.currency = quote.target_currency)))
