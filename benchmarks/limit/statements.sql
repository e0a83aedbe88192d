-- One conversion by single statements, as few as there can be: ten round trips.
\set user random(1, :users)
\set source 2 * :user
\set target 2 * :user + 1
\set amount random(1, 100)
\set key random(1, 9000000000000000)
BEGIN;
SELECT (SELECT mid FROM rate WHERE quote = 'MXN' ORDER BY as_of DESC LIMIT 1)
     / (SELECT mid FROM rate WHERE quote = 'USD' ORDER BY as_of DESC LIMIT 1) AS mid
\gset
UPDATE wallet SET balance = balance - :amount, version = version + 1
 WHERE id = :source RETURNING balance, version
\gset source_
UPDATE wallet
   SET balance = balance + trunc(:amount * :mid::numeric, 2), version = version + 1
 WHERE id = :target RETURNING balance, version
\gset target_
INSERT INTO transaction (owner_id) VALUES (:user) RETURNING id
\gset
INSERT INTO conversion
VALUES (:id, :amount, trunc(:amount * :mid::numeric, 2), :mid::numeric, 0.01);
INSERT INTO entry VALUES
    (:id, 1, :source, 'debit', :amount, 'USD',
     :source_balance::numeric, :source_version),
    (:id, 2, -1, 'credit', :amount, 'USD', NULL, NULL),
    (:id, 3, -1, 'debit', trunc(:amount * :mid::numeric, 2) + 0.01, 'MXN', NULL, NULL),
    (:id, 4, :target, 'credit', trunc(:amount * :mid::numeric, 2), 'MXN',
     :target_balance::numeric, :target_version),
    (:id, 5, -2, 'credit', 0.01, 'MXN', NULL, NULL);
INSERT INTO idempotency_key VALUES (:key::text, :id);
COMMIT;
