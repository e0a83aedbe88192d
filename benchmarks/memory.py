"""How much memory processes of this machine have to themselves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOOKS_EVERY_S = 0.01


def resident_mb(pid: str | int) -> float:
    """What a process holds in memory, what it shares included; 0 if it is gone."""
    return _mb(pid, "VmRSS")


def own_mb(pid: str | int) -> float:
    """What nobody else has: neither shared buffers nor files; 0 if it is gone."""
    return _mb(pid, "RssAnon")


@contextmanager
def most_of_backends(database: str) -> Iterator[Callable[[], float]]:
    """Look at a database's backends inside of the block; yields the most they had.

    In MB, of all backends together; 0 where the server is on another machine.
    """
    seen = [0.0]
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_LOOKS_EVERY_S):
            seen.append(sum(own_mb(pid) for pid in _backends(database)))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield lambda: max(seen)
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


def _mb(pid: str | int, name: str) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0
