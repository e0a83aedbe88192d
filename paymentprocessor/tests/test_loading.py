"""What a process loads, and when: each module costs time at every start, and memory."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings

# What only some pages of the console need: their files, and signing in.
OF_PAGES = {"xlsxwriter", "fido2", "cryptography", "qrcode"}
# What commands and tests need.
OF_COMMANDS = {"rich", "factory", "faker", "openpyxl", "currency_converter", "iso4217"}

# None of these questions goes as far as the database.
NOWHERE = "postgres://nobody@127.0.0.1:1/none"
ASK = """
import sys
import time
from paymentprocessor.wsgi import application

def ask(path):
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "wsgi.input": sys.stdin.buffer,
        "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "REMOTE_ADDR": "::1",
    }
    statuses = []
    application(environ, lambda status, _: statuses.append(status[:3])).close()
    return statuses[0]

print(*map(ask, sys.argv[1:]))
print(*{name.partition(".")[0] for name in sys.modules})
"""


def asked(*paths: str) -> tuple[list[str], set[str]]:
    """What a web worker answers, by status, and the packages it has loaded then."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, *paths],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DEVELOPMENT": "true", "DATABASE_URL": NOWHERE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    statuses, packages = done.stdout.splitlines()[-2:]
    return statuses.split(), set(packages.split())


COUNT = """
import atexit, gc, runpy, sys

looks = []
gc.callbacks.append(lambda phase, _: phase == "start" and looks.append(phase))
atexit.register(lambda: print(len(looks), gc.get_freeze_count()))
sys.argv = ["manage.py", "check"]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.slow
class TestManage:
    def test_hardly_looks_for_garbage_and_takes_nothing_apart(self):
        done = subprocess.run(
            [sys.executable, "-c", COUNT],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DEVELOPMENT": "true", "DATABASE_URL": NOWHERE},
            capture_output=True,
            text=True,
            check=True,
        )

        looks, left_alone = done.stdout.splitlines()[-1].split()
        # A few before it begins; and by default more than three hundred.
        assert int(looks) < 20
        assert int(left_alone) > 100_000


@pytest.mark.slow
class TestWebWorker:
    def test_that_answers_the_api_has_loaded_nothing_for_pages_and_commands(self):
        statuses, packages = asked("/livez", "/v1/transactions", "/v1/nowhere")

        assert statuses == ["200", "401", "404"]
        assert packages & (OF_PAGES | OF_COMMANDS) == set()

    def test_loads_what_signing_in_needs_when_somebody_does(self):
        statuses, packages = asked("/admin/account/login/")

        assert statuses == ["200"]
        assert {"fido2", "cryptography"} <= packages


@pytest.mark.slow
class TestWorkers:
    @pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
    def test_share_what_was_loaded(self, server):
        while len(server.worker_pids()) < 2:
            # The first one answers; the other one is on its way.
            time.sleep(0.1)

        held = [memory_of(worker) for worker in server.worker_pids()]

        # Two workers and their parent have a third each of what they share.
        assert all(one["Pss"] < 0.6 * one["Rss"] for one in held)

    def test_add_up_their_metrics(self, server):
        for _ in range(20):
            requests.get(f"{server.url}/livez", timeout=5)

        told = [requests.get(f"{server.url}/metrics", timeout=5) for _ in range(10)]

        # Whichever of them tells it.
        assert min(counted(answer.text) for answer in told) >= 20


def memory_of(pid: int) -> dict[str, int]:
    """What a process holds: all of it, and its share of it, in kilobytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def counted(metrics: str) -> float:
    """How often it was asked whether it lives."""
    of_it = re.compile(r'http_requests_total{.*route="livez".*} (.+)')
    [found] = filter(None, map(of_it.match, metrics.splitlines()))
    return float(found[1])
