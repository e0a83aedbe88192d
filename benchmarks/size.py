"""What a transaction takes on disk, table by table and index by index."""

from benchmarks.databases import Databases

# What every movement writes rows of; wallets are updated and do not grow.
_GROWS = (
    "transactions_transaction",
    "transactions_entry",
    "transactions_conversion",
    "transactions_idempotencykey",
    "webhooks_event",
)
_NAMES = ", ".join(f"'{name}'" for name in _GROWS)
_KEYS = ("transactions_idempotencykey", "transactions_idempotencykey_pkey")
_SIZES = f"""
SELECT name, pg_relation_size(oid)
  FROM (SELECT oid, relname AS name FROM pg_class WHERE relname IN ({_NAMES})
         UNION ALL
        SELECT indexrelid, indexrelid::regclass::text FROM pg_index
         WHERE indrelid::regclass::text IN ({_NAMES})) AS one
 ORDER BY 2 DESC, 1;
"""


def bytes_per_transaction(databases: Databases, database: str) -> dict[str, float]:
    """The size of each table and index, shared among the transactions there are.

    Keys are pruned when they are old, so what stays is told without them, too.
    """
    count = int(
        databases.sql(database, "SELECT count(*) FROM transactions_transaction;")
    )
    rows = [line.split("|") for line in databases.sql(database, _SIZES).splitlines()]
    sizes = {name: int(size) / count for name, size in rows}
    in_all = sum(sizes.values())
    pruned = sum(sizes[name] for name in _KEYS)
    return {"in all": in_all, "when its key is pruned": in_all - pruned, **sizes}
