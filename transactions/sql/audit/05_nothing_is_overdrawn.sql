-- No wallet has less than nothing available, and a house account's row stays at zero.
SELECT format('wallet %s', id) AS offender,
       format('balance %s, held %s, overdraft limit %s', balance, held, overdraft_limit)
           AS detail
  FROM wallets_wallet
 WHERE balance - held + overdraft_limit < 0
    OR held < 0
    OR overdraft_limit < 0
    OR (owner_id IS NULL AND (balance <> 0 OR held <> 0 OR version <> 0))
