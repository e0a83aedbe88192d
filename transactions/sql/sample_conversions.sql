-- For each pivot the first conversion at or after it: a sample for the price of one
-- descent of the index per pivot, however many conversions there are.
SELECT DISTINCT sampled.transaction_id
  FROM unnest(%(pivots)s::uuid[]) AS pivot (id)
 CROSS JOIN LATERAL (
    SELECT transaction_id
      FROM transactions_conversion
     WHERE transaction_id >= pivot.id
     ORDER BY transaction_id
     LIMIT 1
 ) AS sampled
