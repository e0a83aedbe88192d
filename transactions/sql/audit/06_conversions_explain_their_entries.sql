-- Each conversion has its figures, and they are those of its entries: the source is
-- what the owner's wallet was debited less the fee, the target what it was credited,
-- the spread what the house took in, and the target is the source at the client rate
-- less the residual.
SELECT transaction.id::text AS offender,
       format('%s %s to %s %s at %s, residual %s',
              conversion.source_amount, conversion.source_currency,
              conversion.target_amount, conversion.target_currency,
              conversion.client_rate, conversion.residual) AS detail
  FROM transactions_transaction AS transaction
  LEFT JOIN transactions_conversion AS conversion
    ON conversion.transaction_id = transaction.id
  LEFT JOIN transactions_entry AS source
    ON source.transaction_id = transaction.id
   AND source.wallet_version IS NOT NULL
   AND source.side = 'debit'
   AND source.currency = conversion.source_currency
   AND source.amount = conversion.source_amount + transaction.fee
  LEFT JOIN transactions_entry AS target
    ON target.transaction_id = transaction.id
   AND target.wallet_version IS NOT NULL
   AND target.side = 'credit'
   AND target.currency = conversion.target_currency
   AND target.amount = conversion.target_amount
 WHERE transaction.type = 'conversion'
   AND (conversion.transaction_id IS NULL
        OR source.line IS NULL
        OR target.line IS NULL
        OR conversion.exact_target
           <> conversion.source_amount * conversion.client_rate
        OR conversion.residual
           <> conversion.exact_target - conversion.target_amount
        OR conversion.residual < 0
        OR conversion.spread_amount <> (
            SELECT coalesce(sum(income.amount), 0)
              FROM transactions_entry AS income
              JOIN wallets_wallet AS house
                ON house.id = income.wallet_id AND house.purpose = 'fx_income'
             WHERE income.transaction_id = transaction.id))
