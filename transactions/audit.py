"""Adding everything up again, as an auditor would, without trusting any total.

Each check is an SQL file in `sql/audit/` that selects what breaks one law, as rows of
(offender, detail); its leading comment says the law. Besides, some conversions are
done again from their observations. All look at one snapshot, so that money moving
meanwhile is no finding, and all run in constant memory here.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db import transaction as db_transaction

from transactions.explain import explain
from transactions.models import Conversion, Entry, Transaction
from wallets.models import Wallet

_CHECKS = sorted((Path(__file__).parent / "sql" / "audit").glob("*.sql"))
_SAMPLE = 100
_SAMPLE_SQL = (Path(__file__).parent / "sql" / "sample_conversions.sql").read_text()
# How many rows break the law, and the first ten of them.
_COUNTED = """
WITH found AS MATERIALIZED (<check>)
SELECT count(*) OVER (), offender, detail FROM found LIMIT 10
"""


@dataclass(frozen=True)
class Finding:
    """One row that breaks a law."""

    offender: str
    detail: str


@dataclass(frozen=True)
class CheckResult:
    """One law: how many rows break it, and the first of them."""

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


def audit() -> AuditReport:
    """Check every law against the whole ledger, in one snapshot."""
    with _one_snapshot():
        return AuditReport(
            transactions=Transaction.objects.count(),
            entries=Entry.objects.count(),
            wallets=Wallet.all_objects.count(),
            checks=[*(_run(path) for path in _CHECKS), _recompute_a_sample()],
        )


@contextmanager
def _one_snapshot() -> Iterator[None]:
    outermost = not connection.in_atomic_block
    with db_transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield


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


def _run(path: Path) -> CheckResult:
    sql = path.read_text()
    law = " ".join(
        line.removeprefix("--").strip()
        for line in sql.splitlines()
        if line.startswith("--")
    )
    started = time.perf_counter()
    with connection.cursor() as cursor:
        # `%` in the files is a literal: they take no parameters.
        cursor.execute(_COUNTED.replace("<check>", sql))
        rows = cursor.fetchall()
    return CheckResult(
        name=path.stem.partition("_")[2],
        law=law,
        offenders=rows[0][0] if rows else 0,
        first=[Finding(offender, detail) for _, offender, detail in rows],
        seconds=round(time.perf_counter() - started, 3),
    )
