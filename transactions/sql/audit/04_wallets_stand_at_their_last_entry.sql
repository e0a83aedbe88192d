-- A customer's wallet has the balance and version of its last entry.
SELECT format('wallet %s', wallet.id) AS offender,
       format('balance %s at version %s, but its entries end with %s at version %s',
              wallet.balance, wallet.version,
              coalesce(last.balance_after, 0), coalesce(last.wallet_version, 0))
           AS detail
  FROM wallets_wallet AS wallet
  LEFT JOIN LATERAL (
        SELECT balance_after, wallet_version
          FROM transactions_entry
         WHERE wallet_id = wallet.id AND wallet_version IS NOT NULL
         ORDER BY wallet_version DESC
         LIMIT 1
       ) AS last ON true
 WHERE wallet.owner_id IS NOT NULL
   AND (wallet.balance, wallet.version)
       <> (coalesce(last.balance_after, 0), coalesce(last.wallet_version, 0))
