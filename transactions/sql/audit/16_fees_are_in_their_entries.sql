-- What a transaction says its owner was charged is what the house took in by it.
WITH booked AS MATERIALIZED (
    SELECT entry.transaction_id, sum(entry.amount) AS amount
      FROM transactions_entry AS entry
      JOIN wallets_wallet AS house
        ON house.id = entry.wallet_id AND house.purpose = 'fee_income'
     WHERE entry.side = 'credit'
     GROUP BY entry.transaction_id
)
SELECT transaction.id::text AS offender,
       format('a fee of %s, and %s in the entries', transaction.fee,
              coalesce(booked.amount, 0)) AS detail
  FROM transactions_transaction AS transaction
  LEFT JOIN booked ON booked.transaction_id = transaction.id
 WHERE transaction.fee <> coalesce(booked.amount, 0)
