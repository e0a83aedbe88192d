-- The last step of each currency in a book at an instant, that instant included. One
-- descent of `transactions_position_at` per currency, however many steps there are.
SELECT step.*
  FROM wallets_wallet AS wallet
 CROSS JOIN LATERAL (
    SELECT *
      FROM transactions_positionstep
     WHERE book_id = %(book)s
       AND currency = wallet.currency_id
       AND recorded_at <= %(at)s
     ORDER BY recorded_at DESC, number DESC
     LIMIT 1
 ) AS step
 WHERE wallet.owner_id IS NULL AND wallet.purpose = 'fx_position'
