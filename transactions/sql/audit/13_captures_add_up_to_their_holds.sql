-- What was captured of a hold is what its captures took from its wallet, fees aside,
-- and a capture pays whom the hold names, or else the house's cash.
SELECT format('hold %s', hold.id) AS offender,
       format('%s captured, but its captures took %s', hold.captured,
              coalesce(paid.amount, 0)) AS detail
  FROM transactions_hold AS hold
  LEFT JOIN (
        SELECT capture.hold_id, entry.wallet_id,
               sum(entry.amount - capture.fee) AS amount
          FROM transactions_transaction AS capture
          JOIN transactions_entry AS entry
            ON entry.transaction_id = capture.id
           AND entry.side = 'debit'
           AND entry.wallet_version IS NOT NULL
         WHERE capture.hold_id IS NOT NULL
         GROUP BY capture.hold_id, entry.wallet_id
       ) AS paid ON paid.hold_id = hold.id AND paid.wallet_id = hold.wallet_id
 WHERE hold.captured <> coalesce(paid.amount, 0)
UNION ALL
SELECT capture.id::text,
       format('pays %s of %s, not user %s', wallet.purpose,
              coalesce(wallet.owner_id::text, 'the house'), hold.to_user_id)
  FROM transactions_transaction AS capture
  JOIN transactions_hold AS hold ON hold.id = capture.hold_id
  JOIN transactions_entry AS entry
    ON entry.transaction_id = capture.id AND entry.side = 'credit'
  JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
 WHERE wallet.purpose IN ('customer', 'cash')
   AND (wallet.owner_id IS DISTINCT FROM hold.to_user_id
        OR capture.owner_id IS DISTINCT FROM hold.owner_id)
