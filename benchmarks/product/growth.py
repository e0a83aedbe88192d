"""`python -m benchmarks.product.growth [ENTRIES …]`: what a ledger costs as it grows.

At each size the same questions are asked, in this process and without a web server:
medians in milliseconds, and how many times the smallest ledger's the largest one's are.
How many entries a second the audit reads, and in how much memory of PostgreSQL's; in
the end the bytes of a transaction on disk, table by table and index by index. Needs
PostgreSQL 18, which makes the ids.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.databases import fresh_databases
from benchmarks.size import bytes_per_transaction
from benchmarks.size import show as show_size
from benchmarks.worlds import ENVIRONMENT

if TYPE_CHECKING:
    # Models can be imported when Django is set up.
    from benchmarks.product.grown import Ledger

SIZES = (10_000, 1_000_000)
CUSTOMERS = 5_000
ASKED = 15
AUDITED = 3
PER_TRANSACTION = 2
RESULTS = Path(__file__).parent.parent / "growth.json"
AIM = 2.0


def main(sizes: tuple[int, ...]) -> None:
    """Grow a ledger of its own to each size, and ask."""
    console = Console()
    with ExitStack() as stack:
        databases = stack.enter_context(fresh_databases())
        os.environ.update(ENVIRONMENT | {"DATABASE_URL": databases.url("fx_bench")})
        os.environ["DJANGO_SETTINGS_MODULE"] = "paymentprocessor.settings"
        import django

        django.setup()
        from benchmarks.product.grown import Ledger

        seen: dict[str, dict[str, float]] = {}
        audits: dict[str, dict[str, float]] = {}
        with console.status("making customers") as status:
            ledger = Ledger.begin(CUSTOMERS)
            for size in sizes:
                status.update(f"growing to {size:,} entries")
                ledger.grow_to(size, by=CUSTOMERS * PER_TRANSACTION)
                status.update(f"asking at {size:,} entries")
                seen[str(size)] = {
                    name: _median_ms(ask) for name, ask in ledger.questions()
                }
                status.update(f"auditing {size:,} entries")
                audits[str(size)] = _audited(ledger)
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine.described(),
            "postgresql": databases.sql("fx_bench", "SHOW server_version"),
            "load": round(os.getloadavg()[0], 1),
            "median_ms": seen,
            "audit": audits,
            "bytes_per_transaction": bytes_per_transaction(databases, "fx_bench"),
        }
    _show(console, about, sizes)
    RESULTS.write_text(json.dumps(about, indent=2) + "\n")
    console.print(f"Written to {RESULTS}.")


def _median_ms(ask: Callable[[], Any]) -> float:
    """Of several, after one that fills the caches."""
    ask()
    return round(1000 * median(_seconds(ask) for _ in range(ASKED)), 2)


def _audited(ledger: "Ledger") -> dict[str, float]:
    """How fast, the median of several, and the most that PostgreSQL took for it."""
    with machine.most_of_backends("fx_bench") as most_mb:
        took_s = median(_seconds(ledger.audit) for _ in range(AUDITED))
    return {
        "entries_per_second": round(ledger.entries / took_s),
        "backends_mb": round(most_mb(), 1),
    }


def _seconds(ask: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def _show(console: Console, about: dict[str, Any], sizes: tuple[int, ...]) -> None:
    table = Table(title="Milliseconds, by the number of entries", title_justify="left")
    table.add_column("question")
    for size in sizes:
        table.add_column(f"{size:,}", justify="right")
    table.add_column(f"grows by (aim {AIM:.0f})", justify="right")
    by_size = [about["median_ms"][str(size)] for size in sizes]
    for name in by_size[0]:
        figures = [each[name] for each in by_size]
        grows = f"{figures[-1] / figures[0]:.2f}"
        table.add_row(name, *(f"{figure:.2f}" for figure in figures), grows)
    console.print(table)
    audits = Table(title="The audit", title_justify="left")
    for column in ("entries", "a second", "backends' memory, MB"):
        audits.add_column(column, justify="right")
    for size, audit in about["audit"].items():
        speed, memory = audit["entries_per_second"], audit["backends_mb"]
        audits.add_row(f"{int(size):,}", f"{speed:,}", f"{memory:.0f}")
    console.print(audits)
    show_size(about["bytes_per_transaction"])


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
