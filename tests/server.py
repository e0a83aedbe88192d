"""The real server, as it runs in production, on the database of the running test.

    @pytest.mark.slow
    def test_answers(server, platform):
        requests.get(f"{server.url}/v1/users", ...)

What the test wrote must be committed to be seen, so the fixture asks for the database
in the way of `django_db(transaction=True)`.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

PATIENCE_S = 60


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and its processes."""

    host: str
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def worker_pids(self) -> list[int]:
        """The processes that answer; for each that dies the arbiter starts another."""
        pid = self.process.pid
        with suppress(FileNotFoundError):
            return _numbers(Path(f"/proc/{pid}/task/{pid}/children").read_text())
        found = subprocess.run(
            ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
        )
        return _numbers(found.stdout)


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """gunicorn with two workers, the pool and no rate limit."""
    with serve(tmp_path, DATABASE_URL=database_url()) as running:
        yield running


GUNICORN = ("-m", "gunicorn", "paymentprocessor.wsgi", "--bind", "fd://{}")


def impatient_gunicorn(patience_s: int) -> tuple[str, ...]:
    """The same, which waits only so long for a client that has begun to send."""
    code = (
        "from gunicorn.app.wsgiapp import run; from paymentprocessor import serving;"
        f" serving._PATIENCE_S = {patience_s}; run()"
    )
    return "-c", code, *GUNICORN[2:]


@contextmanager
def serve(
    folder: Path, program: Sequence[str] = GUNICORN, **environment: str
) -> Iterator[Server]:
    """Run gunicorn, or another program of Python's, inside the block.

    `{}` among its words is the number of a socket to listen on; its log goes to
    `folder`.
    """
    log = folder / "server.log"
    # Bound here and inherited, so that nobody else can get the port in between.
    with socket.socket() as listener, log.open("wb") as output:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        process = subprocess.Popen(
            [sys.executable, *(word.format(listener.fileno()) for word in program)],
            cwd=settings.BASE_DIR,
            env=_environment() | environment,
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            running = Server(host, port, process, log)
            _wait_until_it_answers(running)
            yield running
        finally:
            _stop(process)


def database_url() -> str:
    """The database that this test's connection is to, as a DATABASE_URL."""
    to = {name: quote(str(connection.settings_dict[name]), safe="") for name in _PARTS}
    port = f":{to['PORT']}" if to["PORT"] else ""
    who = f"{to['USER']}:{to['PASSWORD']}" if to["PASSWORD"] else to["USER"]
    return f"postgres://{who}@{to['HOST']}{port}/{to['NAME']}"


_PARTS = ("USER", "PASSWORD", "HOST", "PORT", "NAME")


def _environment() -> dict[str, str]:
    # All of it given, so that a developer's .env has nothing to add.
    return os.environ | {
        "DEVELOPMENT": "true",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_POOL": "true",
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "8",
        "GRACEFUL_TIMEOUT": "5",
        "API_RATE_LIMIT": "",
        "FX_MAX_RATE_AGE": "36500d",
        "PROMETHEUS_MULTIPROC_DIR": "",
        "LOCK_TIMEOUT_MS": "2000",
        "STATEMENT_TIMEOUT_MS": "30000",
        "LOG_LEVEL": "INFO",
    }


def _wait_until_it_answers(running: Server) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _is_alive(running):
        assert running.process.poll() is None, running.log.read_text()
        assert time.monotonic() < deadline, running.log.read_text()
        time.sleep(0.1)


def _is_alive(running: Server) -> bool:
    client = http.client.HTTPConnection(running.host, running.port, timeout=5)
    try:
        client.request("GET", "/livez")
        return client.getresponse().status == 200
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


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()]
