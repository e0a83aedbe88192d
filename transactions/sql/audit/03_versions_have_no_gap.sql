-- Along each customer's wallet the versions run 1, 2, 3, and each entry leaves what the
-- one before it left, plus a credit or less a debit.
SELECT format('wallet %s version %s', wallet_id, wallet_version) AS offender,
       format('follows version %s at %s with %s %s, and left %s',
              version_before, balance_before, side, amount, balance_after) AS detail
  FROM (
    -- Streams along the index.
    SELECT wallet_id, wallet_version, side, amount, balance_after,
           lag(wallet_version, 1, 0) OVER wallet AS version_before,
           lag(balance_after, 1, 0) OVER wallet AS balance_before
      FROM transactions_entry
     WHERE wallet_version IS NOT NULL
    WINDOW wallet AS (PARTITION BY wallet_id ORDER BY wallet_version)
  ) AS entry
 WHERE wallet_version <> version_before + 1
    OR balance_after <> CASE side WHEN 'credit' THEN balance_before + amount
                                  ELSE balance_before - amount END
