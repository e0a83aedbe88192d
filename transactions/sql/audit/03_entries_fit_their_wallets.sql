-- Entries are positive, in their wallet's currency, recorded with their transaction,
-- and numbered if and only if the wallet is a customer's.
SELECT format('%s line %s', entry.transaction_id, entry.line) AS offender,
       format('%s %s %s on wallet %s', entry.side, entry.amount, entry.currency,
              coalesce(wallet.id::text, 'missing')) AS detail
  FROM transactions_entry AS entry
  LEFT JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
  LEFT JOIN transactions_transaction AS transaction
    ON transaction.id = entry.transaction_id
 WHERE wallet.id IS NULL
    OR wallet.currency_id <> entry.currency
    OR entry.amount <= 0
    OR entry.side NOT IN ('debit', 'credit')
    OR (wallet.owner_id IS NULL) <> (entry.wallet_version IS NULL)
    OR (wallet.owner_id IS NULL) <> (entry.balance_after IS NULL)
    OR entry.recorded_at <> transaction.recorded_at
