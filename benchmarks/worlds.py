"""A service under load: its users, its key, and the gunicorn that serves it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import ROOT
from benchmarks.machine import resident_mb

PATIENCE_S = 60
WORKERS, THREADS = 2, 8
# Everything that protects is on; only the limits are out of the way of the figures.
ENVIRONMENT = {
    "DEVELOPMENT": "true",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "127.0.0.1",
    "DATABASE_POOL": "true",
    "WEB_CONCURRENCY": str(WORKERS),
    "WEB_THREADS": str(THREADS),
    "API_RATE_LIMIT": "1000000000/minute",
    "FX_MAX_RATE_AGE": "36500d",
    # Batches wait for each other, and other programs may need the machine, too.
    "LOCK_TIMEOUT_MS": "20000",
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True)
class World:
    """Who is there: the ids of the users, and the header that may move their money."""

    authorization: str
    users: list[str]


@dataclass(frozen=True)
class Service:
    """A world that is served: where, and by which process."""

    world: World
    host: str
    port: int
    pid: int

    def worker_memory_mb(self) -> float:
        """The most that a worker holds in memory, shared pages included."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return max(resident_mb(pid) for pid in children.split())


def prepare(module: str, database_url: str, users: int) -> World:
    """Fill a database by that module's program."""
    done = subprocess.run(
        [sys.executable, "-m", module, str(users)],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return World(**json.loads(done.stdout))


@contextmanager
def served(application: str, world: World, database_url: str) -> Iterator[Service]:
    """Run gunicorn inside the block, with the product's configuration."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", application),
                *("--bind", f"fd://{listener.fileno()}", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT | {"DATABASE_URL": database_url},
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        try:
            _wait_until_it_answers(process, host, port)
            yield Service(world, host, port, process.pid)
        finally:
            _stop(process)


def _wait_until_it_answers(
    process: "subprocess.Popen[bytes]", host: str, port: int
) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not answers(host, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("The server did not start; see its messages above.")
        time.sleep(0.05)


def answers(host: str, port: int, path: str = "/livez") -> bool:
    """Whether there is anything that answers at all."""
    client = http.client.HTTPConnection(host, port, timeout=5)
    try:
        client.request("GET", path)
        return client.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        client.close()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        # The session is the server's own: its arbiter and its workers.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
