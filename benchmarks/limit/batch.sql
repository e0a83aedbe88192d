-- A thousand conversions by one call.
\set key random(1, 9000000000000000)
SELECT convert_batch(:users, 1000, :key::text);
