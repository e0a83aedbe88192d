"""Adding everything up again, as an auditor would, without trusting any total.

Each file in `sql/audit/` selects what breaks one law, as rows of (offender, detail);
its leading comment says the law. Where one reading of the ledger is enough for several
laws, the comment names each, and the rows are of (law, offender, detail). Besides, some
conversions are done again from their observations.

All look at one snapshot, so that money moving meanwhile is no finding, over two
connections, to keep two cores busy. What is sorted and matched goes to disk beyond a
bound, and here only the first findings arrive: an audit takes the same memory however
large the ledger is.
"""

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db import transaction as db_transaction

from transactions.explain import explain
from transactions.models import Conversion, Entry, Transaction
from wallets.models import Wallet

# The long ones have low numbers, so that neither connection ends with one of them.
_READINGS = sorted((Path(__file__).parent / "sql" / "audit").glob("*.sql"))
_SAMPLE = 100
_SAMPLE_SQL = (Path(__file__).parent / "sql" / "sample_conversions.sql").read_text()
# A law's name in a leading comment, where a reading is enough for several.
_NAMED = re.compile(r"-- ([a-z]+(?:_[a-z]+)+): (.*)")
_OF_ONE_LAW = "SELECT '<law>' AS law, offender, detail FROM (<reading>) AS reading"
# How many rows break each law, and the first ten of them.
_COUNTED = """
WITH found AS MATERIALIZED (<reading>),
numbered AS (
    SELECT law, offender, detail,
           count(*) OVER (PARTITION BY law) AS offenders,
           row_number() OVER (PARTITION BY law) AS number
      FROM found
)
SELECT law, offenders, offender, detail FROM numbered WHERE number <= 10
"""
# What a sort or a hash table needs beyond `work_mem` goes to disk. What comes in the
# order of an index anyway is rather merged, the less a hash table may take. The cores
# are busy with two readings, so none is shared out once more among processes, and none
# is long enough to be worth compiling. Whoever is done first waits, idle.
_SETTINGS = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL work_mem = '48MB';
SET LOCAL hash_mem_multiplier = 1;
SET LOCAL random_page_cost = 1.1;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
"""


@dataclass(frozen=True)
class Finding:
    """One row that breaks a law."""

    offender: str
    detail: str


@dataclass(frozen=True)
class CheckResult:
    """One law: how many rows break it, and the first of them.

    `seconds` is what the reading took, which it may share with other laws.
    """

    name: str
    law: str
    offenders: int
    first: list[Finding]
    seconds: float


@dataclass(frozen=True)
class AuditReport:
    """What an audit looked at and found."""

    transactions: int
    entries: int
    wallets: int
    checks: list[CheckResult]

    @property
    def is_clean(self) -> bool:
        return not any(check.offenders for check in self.checks)


# What was found, file by file.
_Done = dict[Path, list[CheckResult]]


def audit() -> AuditReport:
    """Check every law against the whole ledger, in one snapshot."""
    left = iter(_READINGS)
    with _one_snapshot() as snapshot, _another_reader(snapshot, left) as done_there:
        transactions = Transaction.objects.count()
        entries = Entry.objects.count()
        wallets = Wallet.all_objects.count()
        done = _read_all(left)
        sample = _recompute_a_sample()
        done |= done_there()
    checks = [check for path in _READINGS for check in done[path]]
    return AuditReport(transactions, entries, wallets, [*checks, sample])


@contextmanager
def _one_snapshot(exported: str = "") -> Iterator[str]:
    """Look at a new snapshot, or at an exported one; yields its name.

    Yields none within a transaction that was begun before, whose rows others can't see.
    """
    if connection.in_atomic_block:
        yield ""
        return
    with db_transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        if exported:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [exported])
            yield exported
        else:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]


@contextmanager
def _another_reader(
    snapshot: str, left: Iterator[Path]
) -> Iterator[Callable[[], _Done]]:
    """Take files from `left` over another connection, too; yields the wait for them."""
    if not snapshot:
        yield dict
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(_read_beside, snapshot, left).result


def _read_beside(snapshot: str, left: Iterator[Path]) -> _Done:
    try:
        with _one_snapshot(snapshot):
            return _read_all(left)
    finally:
        # It is this thread's own.
        connection.close()


def _read_all(left: Iterator[Path]) -> _Done:
    try:
        return {path: _read(path) for path in left}
    finally:
        # If one reader fails, there is nothing left for the other.
        for _ in left:
            pass


def _read(path: Path) -> list[CheckResult]:
    """Execute a file, and tell what it finds apart by law."""
    reading = path.read_text()
    laws = _laws(path, reading)
    started = time.perf_counter()
    offenders: dict[str, int] = {}
    first = defaultdict(list)
    with connection.cursor() as cursor:
        # `%` in the files is a literal: they take no parameters.
        cursor.execute(_counted(reading, laws))
        for law, count, offender, detail in cursor.fetchall():
            offenders[law] = count
            first[law].append(Finding(offender, detail))
    seconds = round(time.perf_counter() - started, 3)
    return [
        CheckResult(name, law, offenders.get(name, 0), first[name], seconds)
        for name, law in laws.items()
    ]


def _laws(path: Path, reading: str) -> dict[str, str]:
    """The laws in a file's leading comment by their names, or the one by the file's."""
    name = path.stem.partition("_")[2]
    laws: dict[str, str] = {}
    for line in takewhile(lambda line: line.startswith("--"), reading.splitlines()):
        if named := _NAMED.match(line):
            name, text = named.groups()
        else:
            text = line.removeprefix("-- ")
        laws[name] = f"{laws[name]} {text}" if name in laws else text
    return laws


def _counted(reading: str, laws: dict[str, str]) -> str:
    if len(laws) == 1:
        [law] = laws
        reading = _OF_ONE_LAW.replace("<law>", law).replace("<reading>", reading)
    return _COUNTED.replace("<reading>", reading)


def _recompute_a_sample() -> CheckResult:
    """Do some conversions again, taken at random; all of them would take too long."""
    started = time.perf_counter()
    wrong = [one for one in map(explain, _sampled_conversions()) if not one.matches]
    return CheckResult(
        name="conversions_recompute",
        law=f"At most {_SAMPLE} conversions, at random, come out as booked.",
        offenders=len(wrong),
        first=[
            Finding(str(one.transaction_id), f"comes to {one.recomputed}")
            for one in wrong[:10]
        ],
        seconds=round(time.perf_counter() - started, 3),
    )


def _sampled_conversions() -> list[UUID]:
    ordered = Conversion.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ordered.first(), ordered.last()
    if first is None or last is None:
        return []
    # Ids begin with their time, so pivots between the first and the last are spread
    # over the whole life of the ledger.
    pivots = [_uuid_between(first, last) for _ in range(_SAMPLE)]
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE_SQL, {"pivots": pivots})
        return [row[0] for row in cursor.fetchall()]


def _uuid_between(first: UUID, last: UUID) -> UUID:
    return UUID(int=random.randint(first.int, last.int))  # noqa: S311 # nosec B311
