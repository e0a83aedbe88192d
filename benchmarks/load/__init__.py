"""Load over HTTP: by wrk where there is one, else by a client of our own."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from benchmarks.load.client import send
from benchmarks.worlds import Service

_SCRIPT = Path(__file__).parent / "wrk.lua"
_FEW = 2


class Failed(Exception):
    """Some requests were not answered as they should have been."""


@dataclass(frozen=True)
class Measured:
    """What came of a load: answers, and how long they took."""

    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def generator() -> str:
    """Which program makes the load."""
    return "wrk" if shutil.which("wrk") else "the asyncio client in benchmarks/load"


def put_under_load(
    service: Service, orders: Path, *, clients: int, seconds: float
) -> Measured:
    """As many requests as so many connections get answered.

    :raises Failed: only a run in which all succeeded says how fast it is.
    """
    # wrk leaves what is under way when its time is up, and of two that were all.
    if shutil.which("wrk") and clients > _FEW:
        measured = _by_wrk(service, orders, clients, seconds)
    else:
        measured = Measured(**send(service, orders, clients=clients, seconds=seconds))
    return _sound(measured)


def put_under_steady_load(
    service: Service, orders: Path, *, rate: float, clients: int, seconds: float
) -> Measured:
    """So many requests a second, whatever the answers take; always by our own client.

    A request that finds all connections taken waits, and the wait counts.
    :raises Failed:
    """
    told = send(service, orders, clients=clients, seconds=seconds, rate=rate)
    return _sound(Measured(**told))


def _by_wrk(service: Service, orders: Path, clients: int, seconds: float) -> Measured:
    done = subprocess.run(
        [
            *("wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s"),
            *("--timeout", "30s", "-s", str(_SCRIPT)),
            *("-H", f"Authorization: {service.world.authorization}"),
            *("-H", "Content-Type: application/json"),
            f"http://{service.host}:{service.port}",
            *("--", token_hex(8), str(orders)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return Measured(**json.loads(done.stdout.partition("RESULT ")[2]))


def _sound(measured: Measured) -> Measured:
    if measured.failed or not measured.requests:
        raise Failed(f"{measured.failed} of {measured.requests} requests failed.")
    return measured
