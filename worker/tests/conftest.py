"""Real workers, on the database of the running test."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.conf import settings

from tests.server import database_url

PATIENCE_S = 30


@pytest.fixture
def start_worker(
    transactional_db: None,
) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start `manage.py worker`, by default without any schedule."""
    started = []

    def start(**environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "paymentprocessor.settings",
                "DEVELOPMENT": "true",
                "DATABASE_URL": database_url(),
                "DEMO_PID": "",
                "LOG_LEVEL": "INFO",
                "WHEN_TO_FETCH_RATES": "",
                "WHEN_TO_FETCH_FEEDS": "",
                "WHEN_TO_FOLD_TOTALS": "",
                "WHEN_TO_PRUNE_KEYS": "",
                "WHEN_TO_EXPIRE_QUOTES": "",
                "WHEN_TO_EXPIRE_HOLDS": "",
                "WHEN_TO_BOOK_POSITIONS": "",
                "WORKER_STALLED_AFTER_S": "3",
            }
            | environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        # It may have been read to its end.
        with suppress(ValueError):
            process.communicate()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
