-- One conversion by one call: one round trip.
\set user random(1, :users)
\set amount random(1, 100)
\set key random(1, 9000000000000000)
SELECT convert(:user, :amount, :key::text);
