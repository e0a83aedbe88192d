"""Give every test session a database server, and test databases of its own.

The session holds a lease on the embedded PostgreSQL, unless DATABASE_URL names another
server. Two sessions at once, in two shells, must not take each other's test database,
so each takes the first free number; the kernel frees it when the session ends, however
it ends, and the next session finds the database under that number and replaces it.
"""

import fcntl
import os
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from paymentprocessor import devdb

# The workers of pytest-xdist are children of the session and inherit this.
SESSION = "FX_TEST_SESSION"

_held = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _open_session(config)
    number = os.environ[SESSION]
    # Forms of the admin have met the connection by now, and it has its own defaults in
    # there: the name joins them.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_fx_{number}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if _held in config.stash:
        config.stash[_held].close()


def _open_session(config: pytest.Config) -> None:
    held = config.stash[_held] = ExitStack()
    if not os.environ.get("DATABASE_URL"):
        try:
            held.enter_context(devdb.lease(settings.LOCAL_DIR))
        except devdb.DevDbError as error:
            raise pytest.UsageError(str(error)) from error
    os.environ[SESSION] = _take_number(settings.LOCAL_DIR, held)


def _take_number(folder: Path, held: ExitStack) -> str:
    folder.mkdir(exist_ok=True)
    for number in count(1):
        file = held.enter_context((folder / f"test-session-{number}.lock").open("w"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return str(number)
    raise AssertionError("count() does not end")
