-- Put in front of what post.sql writes, when something is to be counted: the uses of
-- limits, at the instant of the transactions themselves, and what they add up to.
new_use AS (
    INSERT INTO transactions_limituse
        (series_id, number, at, total_amount, transaction_id)
    SELECT series_id, number, coalesce(at, statement_timestamp()), total_amount,
           transaction_id
      FROM json_to_recordset(%(uses)s) AS row (
               series_id uuid, number bigint, at timestamptz, total_amount numeric,
               transaction_id uuid)
),
new_total AS (
    UPDATE transactions_limitseries AS series
       SET total_amount = row.total_amount, total_count = row.total_count,
           counted_at = statement_timestamp()
      FROM json_to_recordset(%(series)s) AS row (
               series_id uuid, total_amount numeric, total_count bigint)
     WHERE series.id = row.series_id
),
