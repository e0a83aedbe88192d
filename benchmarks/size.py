"""`python -m benchmarks.size [FUNDS]`: what a fund takes on disk, index by index.

They come one by one, each with a key and a request's id of the usual length.
"""

import sys

from rich.console import Console
from rich.table import Table

from benchmarks.databases import Databases
from benchmarks.product.in_process import product

USERS = 1000
FUNDS = 20_000

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


def show(sizes: dict[str, float]) -> None:
    """As a table, without what takes nothing."""
    table = Table("what", title="Bytes per transaction on disk", title_justify="left")
    table.add_column("bytes", justify="right")
    for name, size in sizes.items():
        if round(size):
            table.add_row(name, f"{size:,.0f}")
    Console().print(table)


def main(funds: int) -> None:
    with product(USERS) as here:
        for request in here.requests("fund", funds):
            here.ask(request)
        show(bytes_per_transaction(here.databases, "fx_bench"))


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    main(int(arguments.get(1, FUNDS)))
