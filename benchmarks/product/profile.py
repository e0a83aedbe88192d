"""`python -m benchmarks.product.profile [REQUESTS]`: where a conversion's time goes.

The WSGI application is called in this process, without a web server. First by itself,
which tells what a request costs, on this side and in all; then under cProfile, which
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
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

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
    with fresh_databases() as databases:
        url = databases.url("fx_bench")
        world = prepare("benchmarks.product.prepare", url, USERS)
        os.environ.update(ENVIRONMENT | {"DATABASE_URL": url})
        from paymentprocessor.wsgi import application

        environs = _environs(world, kind, 2 * requests + 100)
        for environ in environs[:100]:
            _call(application, environ)
        wall_s, began = time.perf_counter(), time.thread_time()
        for environ in environs[100 : 100 + requests]:
            _call(application, environ)
        here_ms = (time.thread_time() - began) / requests * 1000
        wall_ms = (time.perf_counter() - wall_s) / requests * 1000
        profile = cProfile.Profile(time.thread_time)
        profile.enable()
        for environ in environs[100 + requests :]:
            _call(application, environ)
        profile.disable()
    _show(kind, wall_ms, here_ms, _shares(pstats.Stats(profile)))
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


def _show(kind: str, wall_ms: float, here_ms: float, shares: dict[str, float]) -> None:
    table = Table("layer", title=f"{kind}: {wall_ms:.2f} ms, {here_ms:.2f} ms here")
    table.add_column("ms", justify="right")
    table.add_column("share", justify="right")
    for layer, share in sorted(shares.items(), key=lambda one: -one[1]):
        if share >= 0.005:
            table.add_row(layer, f"{here_ms * share:.2f}", f"{share:.0%}")
    Console().print(table)


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    main(arguments.get(1, "convert"), int(arguments.get(2, REQUESTS)))
