"""`manage.py demo`, as far as it can be known without the half minute that it takes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from paymentprocessor.management.commands.demo import Command, port_of

START_THE_SERVER = """
import django; django.setup()
from paymentprocessor.management.commands.demo import Command, let_serve
server = Command().start_server(())
print(server.pid, flush=True)
input()
let_serve(server)
server.wait()
"""


@pytest.fixture
def demo() -> Command:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        command = Command()
        command.host, command.port = probe.getsockname()
    return command


@pytest.fixture
def parent(demo: Command, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that starts the web server, and lets it serve after a line of input."""
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START_THE_SERVER],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "paymentprocessor.settings",
                "DEVELOPMENT": "true",
                # Nobody asks for it.
                "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
                "HOST": demo.host,
                "PORT": str(demo.port),
                "TMPDIR": str(tmp_path),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            bufsize=1,
        )
    server = int(process.stdout.readline())
    yield process
    process.kill()
    with suppress(ProcessLookupError):
        os.killpg(server, signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
class TestServer:
    def test_waits_for_the_data_when_it_is_loaded(self, demo, parent, tmp_path):
        wait_until(lambda: "Starting gunicorn" in (tmp_path / "log").read_text())
        assert not demo.is_live()

        parent.stdin.write("\n")

        wait_until(demo.is_live)

    def test_ends_when_the_demo_was_killed_meanwhile(self, parent, tmp_path):
        wait_until(lambda: "Starting gunicorn" in (tmp_path / "log").read_text())

        parent.kill()

        wait_until(lambda: "The demo has ended" in (tmp_path / "log").read_text())
        assert list(tmp_path.glob("fx-metrics-*")) == []

    def test_ends_when_the_demo_was_killed(self, demo, parent, tmp_path):
        parent.stdin.write("\n")
        wait_until(demo.is_live)

        parent.kill()

        wait_until(lambda: is_free(demo))
        wait_until(lambda: list(tmp_path.glob("fx-metrics-*")) == [])


def is_free(demo: Command) -> bool:
    with suppress(CommandError):
        demo.refuse_taken_port()
        return True
    return False


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class TestPort:
    def test_is_a_number(self):
        assert port_of("8001") == 8001

    @pytest.mark.parametrize("text", ["", "abc", "0", "-1", "65536", "80.5"])
    def test_is_refused_when_it_is_none(self, text):
        with pytest.raises(CommandError, match="PORT"):
            port_of(text)
