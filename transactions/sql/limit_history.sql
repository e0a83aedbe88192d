-- What users did since an instant that counts in these scopes, in the order in which it
-- was recorded: once for each scope that has begun, or whose rules have not been there
-- all the time. The amount is the principal: what left a wallet less the fee, or what
-- was put into it and the fee.
SELECT scope.number, transaction.id, transaction.recorded_at, entry.currency,
       CASE transaction.type WHEN 'fund' THEN entry.amount + transaction.fee
                             ELSE entry.amount - transaction.fee END
  FROM unnest(%(users)s::uuid[], %(types)s::varchar[], %(currencies)s::varchar[],
              %(since)s::timestamptz[]) WITH ORDINALITY
       AS scope (user_id, type, currency, since, number)
  JOIN wallets_wallet AS wallet
    ON wallet.owner_id = scope.user_id
   AND scope.currency IN ('', wallet.currency_id)
  JOIN transactions_entry AS entry
    ON entry.wallet_id = wallet.id
   AND entry.wallet_version IS NOT NULL
   AND entry.recorded_at > scope.since
  JOIN transactions_transaction AS transaction
    ON transaction.id = entry.transaction_id
 WHERE transaction.owner_id = scope.user_id
   AND transaction.type = ANY(%(counted)s)
   AND scope.type IN ('', transaction.type)
   AND (entry.side = 'credit') = (transaction.type = 'fund')
 ORDER BY scope.number, transaction.recorded_at, transaction.id
