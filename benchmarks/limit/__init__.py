"""The limit: what PostgreSQL itself can do of the same conversion, by pgbench."""

import re
import subprocess
from pathlib import Path

from benchmarks.databases import Databases

_HERE = Path(__file__).parent
_DATABASE = "fx_bench_limit"
# Conversions in one transaction of a script.
SCRIPTS = {"statements": 1, "function": 1, "batch": 1000}


def prepare(databases: Databases, users: int) -> None:
    """Make the lean tables, and a wallet in both currencies for each user."""
    databases.sql(_DATABASE, (_HERE / "schema.sql").read_text())
    databases.sql(
        _DATABASE,
        "INSERT INTO wallet SELECT id, 1000000000, 0"
        f" FROM generate_series(2, {2 * users + 1}) AS id;",
    )


def measure(
    databases: Databases, script: str, *, users: int, clients: int, seconds: float
) -> float:
    """Conversions per second."""
    done = subprocess.run(
        [
            *(databases.program("pgbench"), "-n", "-M", "prepared", "-j", "1"),
            *("-c", str(clients), "-T", str(max(1, round(seconds)))),
            *("-D", f"users={users}", "-f", str(_HERE / f"{script}.sql")),
            databases.url(_DATABASE),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return float(found[1]) * SCRIPTS[script]
