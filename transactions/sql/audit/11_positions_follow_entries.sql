-- Each book of positions has a step for every trade recorded until then and for nothing
-- else; it is what the entries changed, it continues the one before, and what was spent
-- in all is cost less result.
WITH due AS (
    SELECT book.id AS book_id, entry.currency, entry.transaction_id, entry.recorded_at,
           sum(CASE entry.side WHEN 'credit' THEN entry.amount ELSE -entry.amount END)
               AS change
      FROM transactions_positionbook AS book
      JOIN transactions_entry AS entry ON entry.recorded_at <= book.booked_until
      JOIN wallets_wallet AS wallet
        ON wallet.id = entry.wallet_id AND wallet.purpose = 'fx_position'
     GROUP BY book.id, entry.currency, entry.transaction_id, entry.recorded_at
),
step AS (
    SELECT *,
           lag(number, 1, 0) OVER steps AS number_before,
           lag(position, 1, 0) OVER steps AS position_before,
           lag(recorded_at, 1, recorded_at) OVER steps AS recorded_before,
           lag(cost - realised, 1, 0) OVER steps AS spent_before
      FROM transactions_positionstep
    WINDOW steps AS (PARTITION BY book_id, currency ORDER BY number)
)
SELECT format('book %s, %s', coalesce(due.book_id, step.book_id),
              coalesce(due.currency, step.currency)) AS offender,
       format('transaction %s changed %s; step %s: %s to %s, cost %s, realised %s',
              coalesce(due.transaction_id, step.transaction_id), due.change,
              step.number, step.change, step.position, step.cost, step.realised)
           AS detail
  FROM (SELECT * FROM due WHERE change <> 0) AS due
  FULL JOIN step
    ON step.book_id = due.book_id
   AND step.currency = due.currency
   AND step.transaction_id = due.transaction_id
 WHERE step.id IS NULL
    OR due.transaction_id IS NULL
    OR (step.change, step.recorded_at) <> (due.change, due.recorded_at)
    OR step.number <> step.number_before + 1
    OR step.recorded_at < step.recorded_before
    OR step.position <> step.position_before + step.change
    OR step.cost - step.realised <> step.spent_before + step.value
