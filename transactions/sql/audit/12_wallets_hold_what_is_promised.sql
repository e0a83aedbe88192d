-- What a wallet holds is what is left of its active holds and of their fees, of which
-- each capture has paid the share that goes with what was captured, rounded down.
SELECT format('wallet %s', wallet.id) AS offender,
       format('holds %s, but its active holds come to %s',
              wallet.held, coalesce(active.amount, 0)) AS detail
  FROM wallets_wallet AS wallet
  LEFT JOIN (
        SELECT wallet_id,
               sum(amount - captured + fee
                   - div(fee * captured * power(10::numeric, exponent), amount)
                     / power(10::numeric, exponent)) AS amount
          FROM transactions_hold
          JOIN fx_currency ON code = currency
         WHERE status = 'active'
         GROUP BY wallet_id
       ) AS active ON active.wallet_id = wallet.id
 WHERE wallet.held <> coalesce(active.amount, 0)
