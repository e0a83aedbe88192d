-- No transaction and no fold was written by a writer still to come. After a restore
-- into another server the writers' ids may start again below those on the books, and
-- totals and events would wait for them.
SELECT format('writer %s', xid) AS offender,
       format('on the books, but the next one to come is %s',
              pg_snapshot_xmax(pg_current_snapshot())) AS detail
  FROM (
    (SELECT xid FROM transactions_transaction ORDER BY xid DESC LIMIT 1)
    UNION ALL
    (SELECT horizon FROM transactions_fold ORDER BY horizon DESC LIMIT 1)
  ) AS written
 WHERE xid > coalesce(pg_current_xact_id_if_assigned(),
                      pg_snapshot_xmax(pg_current_snapshot()))
