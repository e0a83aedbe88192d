-- What a transaction says its owner was charged is what the house took in by it.
SELECT coalesce(charged.id, booked.transaction_id)::text AS offender,
       format('a fee of %s, and %s in the entries', coalesce(charged.fee, 0),
              coalesce(booked.amount, 0)) AS detail
  FROM (SELECT id, fee FROM transactions_transaction WHERE fee <> 0) AS charged
  FULL JOIN (
        SELECT entry.transaction_id, sum(entry.amount) AS amount
          FROM transactions_entry AS entry
          JOIN wallets_wallet AS house
            ON house.id = entry.wallet_id AND house.purpose = 'fee_income'
         WHERE entry.side = 'credit'
         GROUP BY entry.transaction_id
       ) AS booked ON booked.transaction_id = charged.id
 WHERE coalesce(charged.fee, 0) <> coalesce(booked.amount, 0)
