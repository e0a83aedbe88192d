"""Whether this process lives, and whether it can serve.

`/livez` asks nobody: a process is not restarted because its database is away.
`/readyz` runs the checks of `READINESS_CHECKS`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string

from fx.queries import newest_rate_age

TIMEOUT_S = 2.0
_Answer = TypeVar("_Answer")

# One thread for all probes: a database that hangs blocks this one and no more, and
# the probes behind it are told so when their time is up.
_checker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")


class NotReady(Exception):
    """A check's reason why this process cannot serve; shown to the prober."""


def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 if every check passes, else 503; within two seconds either way.

    A check is a callable without arguments. What it returns is shown, so that it may
    inform without deciding; what it raises means not ready.
    """
    try:
        checks = in_time(_run_checks)
    except TimeoutError:
        checks = {"timeout": _failed(f"No answer within {TIMEOUT_S:g} s.")}
    ready = all(check["ok"] for check in checks.values())
    document = {"status": "ok" if ready else "unavailable", "checks": checks}
    return JsonResponse(document, status=200 if ready else 503)


def in_time(question: Callable[[], _Answer]) -> _Answer:
    """Ask the database something without waiting for it for longer than two seconds.

    :raises TimeoutError:
    """
    running = _checker.submit(_disconnecting, question)
    try:
        return running.result(timeout=TIMEOUT_S)
    except TimeoutError:
        # If it still waits for its turn, it need not come any more.
        running.cancel()
        raise


def database() -> str:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


@cache  # Of the success alone: an exception is not kept.
def migrations() -> str:
    """Every migration of this code is applied."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied.")
    return "applied"


def rates() -> str:
    """How old the newest of all rates is; this informs: all but converting works."""
    age = newest_rate_age(timezone.now())
    return "none" if age is None else f"the newest of all is {age.days} days old"


def _disconnecting(question: Callable[[], _Answer]) -> _Answer:
    try:
        return question()
    finally:
        # The connection belongs to this thread, and nobody else would close it.
        connections.close_all()


def _run_checks() -> dict[str, dict[str, Any]]:
    paths = settings.READINESS_CHECKS
    return {path.rpartition(".")[2]: _run(import_string(path)) for path in paths}


def _run(check: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"ok": True, "detail": check()}
    except NotReady as reason:
        return _failed(str(reason))
    # The message of the driver may hold host names: the class says enough.
    except Exception as error:
        return _failed(type(error).__name__)


def _failed(detail: str) -> dict[str, Any]:
    return {"ok": False, "detail": detail}
