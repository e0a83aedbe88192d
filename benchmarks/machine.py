"""The machine that is measured on, as Linux tells of it in /proc (`proc(5)`)."""

import os
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

_LOOKS_EVERY_S = 0.01


def described() -> str:
    """Its processor, and how many cores of it there are."""
    return f"{_processor()}, {os.cpu_count()} cores"


class Processors(NamedTuple):
    """Time of all processors since the machine began, in ticks.

    What is `stolen` the host has kept for others.
    """

    stolen: int
    all: int

    @classmethod
    def now(cls) -> Self:
        [_, *ticks] = Path("/proc/stat").read_text().partition("\n")[0].split()
        *_, stolen = spent = [int(one) for one in ticks[:8]]
        return cls(stolen, sum(spent))

    def stolen_percent_since(self, before: Self) -> float:
        return 100 * (self.stolen - before.stolen) / (self.all - before.all)


def resident_mb(pid: str) -> float:
    """What a process holds in memory, what it shares included; 0 if it is gone."""
    return _mb(pid, "VmRSS")


@contextmanager
def most_of_backends(database: str) -> Iterator[Callable[[], float]]:
    """Look at a database's backends inside of the block; yields the most they had.

    In MB, of all backends together, and without what they share; 0 where the server is
    on another machine.
    """
    most = 0.0
    stop = threading.Event()

    def look() -> None:
        nonlocal most
        while not stop.wait(_LOOKS_EVERY_S):
            most = max(most, sum(_mb(pid, "RssAnon") for pid in _backends(database)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield lambda: most
    finally:
        stop.set()
        watcher.join()


def _backends(database: str) -> Iterator[str]:
    """As PostgreSQL titles its processes: `postgres: user database client …`."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            title = (process / "cmdline").read_bytes().split(b"\0")[0].split()
            if title[:1] == [b"postgres:"] and title[2:3] == [database.encode()]:
                yield process.name


def _mb(pid: str, name: str) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
