"""How long it takes to start."""

import os
import signal
import socket
import subprocess
import sys
import time
from statistics import median

from benchmarks.databases import ROOT
from benchmarks.worlds import answers

# The first start makes a database and fills it with a demo.
PATIENCE_S = 300
_DEVELOPMENT = {
    "DEVELOPMENT": "true",
    "DEBUG": "false",
    # As on a machine where nobody has forbidden Python to keep what it compiled.
    "PYTHONDONTWRITEBYTECODE": "",
}


def check_s(rounds: int) -> float:
    """`manage.py check`, in seconds, once what was compiled for it is kept."""
    took = []
    for _ in range(1 + rounds):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env=os.environ | _DEVELOPMENT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        took.append(time.perf_counter() - began)
    return median(took[1:])


def run_s() -> float | None:
    """What `make run` does on a warm checkout until it serves, in seconds.

    The first start is the one that warms it. None with somebody's own DATABASE_URL:
    their database is not ours to fill with a demo.
    """
    if os.environ.get("DATABASE_URL"):
        return None
    _serve_once()
    return _serve_once()


def _serve_once() -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=os.environ | _DEVELOPMENT | {"HOST": "127.0.0.1", "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not answers("127.0.0.1", port):
            if process.poll() is not None:
                raise RuntimeError("`manage.py demo` has ended; see above.")
            if time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError(f"`manage.py demo` took more than {PATIENCE_S} s.")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE_S)
