"""Databases of the benchmark's own, beside whatever else is on the server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from paymentprocessor import devdb
from paymentprocessor.devdb_places import binaries, places_of

ROOT = Path(__file__).parent.parent
LOCAL_DIR = ROOT / ".local"
NAMES = ("fx_bench", "fx_bench_usual", "fx_bench_limit")
# What a payment processor has to have on; the run is refused where it is not.
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class NotDurable(Exception):
    """The server would be faster than it may be with money."""


@dataclass(frozen=True)
class Databases:
    """Three empty databases, and the programs to speak with them."""

    server_url: str
    bin_dir: Path

    def url(self, name: str) -> str:
        """The DATABASE_URL of one of them."""
        return f"{self.server_url}/{name}"

    def program(self, name: str) -> str:
        """pgbench or psql: those of the embedded server, or of the system."""
        own = self.bin_dir / name
        return str(own) if own.exists() else name

    def sql(self, database: str, statement: str) -> str:
        """What psql prints, one row a line."""
        return subprocess.run(
            [
                *(self.program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"),
                *("-d", self.url(database)),
            ],
            input=statement,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()


@contextmanager
def fresh_databases() -> Iterator[Databases]:
    """Make them, on the server of DATABASE_URL or the embedded one, and drop them.

    :raises NotDurable:
    """
    with ExitStack() as stack:
        own_url = os.environ.get("DATABASE_URL", "")
        if not own_url:
            stack.enter_context(devdb.lease(LOCAL_DIR))
            own_url = devdb.url(LOCAL_DIR)
        server_url, _, first = own_url.rpartition("/")
        databases = Databases(server_url, binaries(places_of(LOCAL_DIR)))
        for setting in DURABLE:
            if databases.sql(first, f"SHOW {setting}") != "on":
                raise NotDurable(f"{setting} is off on this server.")
        for name in NAMES:
            drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE);"
            databases.sql(first, drop)
            databases.sql(first, f"CREATE DATABASE {name};")
            stack.callback(databases.sql, first, drop)
        yield databases
