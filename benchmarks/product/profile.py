"""`python -m benchmarks.product.profile [KIND [REQUESTS]]`: where the time goes.

The WSGI application is called in this process, without a web server. First by itself,
which tells what a request costs, here and in PostgreSQL; then under cProfile, which
tells how that is shared among the layers: the time inside of each package's own
functions, and of the C functions that they call.
"""

import cProfile
import os
import pstats
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from rich.console import Console
from rich.table import Table

from benchmarks.databases import ROOT
from benchmarks.orders import KINDS
from benchmarks.product.in_process import InProcess, Request, product

USERS = 50
REQUESTS = 1000
WARMING = 100
SITE_PACKAGES = "site-packages/"


def main(kind: str, requests: int) -> None:
    """Profile requests of a kind, on a database of its own."""
    with product(USERS) as here:
        for request in here.requests(kind, WARMING):
            here.ask(request)
        cost = _cost(here, list(here.requests(kind, requests)))
        more = list(here.requests(kind, requests))
        profile = cProfile.Profile(time.thread_time)
        profile.enable()
        for request in more:
            here.ask(request)
        profile.disable()
    _show(kind, cost, _shares(pstats.Stats(profile)))
    if file := os.environ.get("PROFILE"):
        profile.dump_stats(file)


@dataclass(frozen=True)
class Cost:
    """Of one request, in milliseconds: on the clock, and of processors' time."""

    clock: float
    here: float
    postgresql: float


def _cost(here: InProcess, requests: list[Request]) -> Cost:
    # Each request has this thread's own connection.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    before = time.perf_counter(), time.thread_time(), _processor_s(backend)
    for request in requests:
        here.ask(request)
    after = time.perf_counter(), time.thread_time(), _processor_s(backend)
    spent = zip(before, after, strict=True)
    return Cost(*((then - now) / len(requests) * 1000 for now, then in spent))


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
    if (kind := arguments.get(1, "convert")) not in KINDS:
        sys.exit(f"The kinds are {', '.join(KINDS)}.")
    main(kind, int(arguments.get(2, REQUESTS)))
