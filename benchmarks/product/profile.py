"""`python -m benchmarks.product.profile [REQUESTS]`: where a conversion's time goes.

The WSGI application is called in this process, without a web server. First by itself,
which tells what a request costs, here and in PostgreSQL; then under cProfile, which
tells how that is shared among the layers: the time inside of each package's own
functions, and of the C functions that they call.
"""

import cProfile
import io
import json
import os
import pstats
import random
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from rich.console import Console
from rich.table import Table

from benchmarks.databases import ROOT, fresh_databases
from benchmarks.orders import KINDS
from benchmarks.worlds import ENVIRONMENT, World, prepare

USERS = 50
REQUESTS = 1000
SITE_PACKAGES = "site-packages/"


def main(kind: str, requests: int) -> None:
    """Profile requests of a kind, on a database of its own."""
    with ExitStack() as stack:
        databases = stack.enter_context(fresh_databases())
        url = databases.url("fx_bench")
        world = prepare("benchmarks.product.prepare", url, USERS)
        os.environ.update(ENVIRONMENT | {"DATABASE_URL": url})
        # As in a worker, where the numbers for Prometheus are kept in a file.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(
            tempfile.TemporaryDirectory()
        )
        from paymentprocessor import pool
        from paymentprocessor.wsgi import application

        # As in a worker whose client asks on.
        pool.keep_between_requests()
        environs = _environs(world, kind, 2 * requests + 100)
        for environ in environs[:100]:
            _call(application, environ)
        cost = _cost(application, environs[100 : 100 + requests])
        profile = cProfile.Profile(time.thread_time)
        profile.enable()
        for environ in environs[100 + requests :]:
            _call(application, environ)
        profile.disable()
    _show(kind, cost, _shares(pstats.Stats(profile)))
    if file := os.environ.get("PROFILE"):
        profile.dump_stats(file)


def _environs(world: World, kind: str, count: int) -> list[dict[str, Any]]:
    """What gunicorn would hand to the application."""
    dice = random.Random(kind)
    environs = []
    for number in range(count):
        path, order = KINDS[kind](world.users, dice)
        body = json.dumps(order).encode()
        environs.append(
            {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": path,
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "HTTP_HOST": "127.0.0.1",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_AUTHORIZATION": world.authorization,
                "HTTP_IDEMPOTENCY_KEY": f"profile-{number}",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                "wsgi.url_scheme": "http",
            }
        )
    return environs


def _call(application: Any, environ: dict[str, Any]) -> None:
    statuses: list[str] = []
    answer = application(environ, lambda status, _headers: statuses.append(status))
    said = b"".join(answer)
    answer.close()
    assert statuses[0].startswith("201"), said


@dataclass(frozen=True)
class Cost:
    """Of one request, in milliseconds: on the clock, and of processors' time."""

    clock: float
    here: float
    postgresql: float


def _cost(application: Any, environs: list[dict[str, Any]]) -> Cost:
    # Each request has this thread's own connection.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    before = time.perf_counter(), time.thread_time(), _processor_s(backend)
    for environ in environs:
        _call(application, environ)
    after = time.perf_counter(), time.thread_time(), _processor_s(backend)
    spent = zip(before, after, strict=True)
    return Cost(*((then - now) / len(environs) * 1000 for now, then in spent))


def _processor_s(pid: int) -> float:
    """How long a process has run, from Linux's scheduler."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _shares(stats: pstats.Stats) -> dict[str, float]:
    """The share of each layer in the time of this process."""
    spent: dict[str, float] = defaultdict(float)
    rows: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    for (file, _, _), (_, _, own, _, callers) in rows.items():
        if file != "~" or not callers:
            spent[_layer(file)] += own
            continue
        # A C function is no layer's own: its time is that of who called it.
        for (caller, _, _), (_, _, own_there, _) in callers.items():
            spent[_layer(caller)] += own_there
    whole = sum(spent.values())
    return {layer: one / whole for layer, one in spent.items()}


def _layer(file: str) -> str:
    _, _, installed = file.rpartition(SITE_PACKAGES)
    if installed != file and SITE_PACKAGES in file:
        package, _, rest = installed.partition("/")
        return f"django.{rest.split('/')[0]}" if package == "django" else package
    if file.startswith(str(ROOT)):
        return "/".join(Path(file).relative_to(ROOT).parts[:2])
    return "the standard library"


def _show(kind: str, cost: Cost, shares: dict[str, float]) -> None:
    console = Console()
    console.print(
        f"A {kind} takes {cost.clock:.2f} ms: {cost.here:.2f} ms of the processor in "
        f"Python and {cost.postgresql:.2f} ms in PostgreSQL."
    )
    table = Table("layer")
    table.add_column("ms", justify="right")
    table.add_column("share", justify="right")
    for layer, share in sorted(shares.items(), key=lambda one: -one[1]):
        if share >= 0.005:
            table.add_row(layer, f"{cost.here * share:.2f}", f"{share:.0%}")
    console.print(table)


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    main(arguments.get(1, "convert"), int(arguments.get(2, REQUESTS)))
