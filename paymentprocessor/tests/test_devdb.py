"""The embedded PostgreSQL, with real servers in folders of their own."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from paymentprocessor import devdb, devdb_places

CHECKOUT = Path(__file__).resolve().parents[2]
HOLD_A_LEASE = """
with devdb.lease(local_dir):
    print("holding", flush=True)
    input()
"""
# Making a secret takes long here, so that all of them find none at first.
ASK_FOR_THE_SECRET = """
import secrets, time
devdb.token_urlsafe = lambda size: time.sleep(0.5) or secrets.token_urlsafe(size)
print(devdb.local_secret(local_dir))
"""

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused this")


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder that every account can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="fx-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for each in [folder, *filter(Path.is_dir, folder.rglob("*"))]:
        clean_up(each / ".local")
    shutil.rmtree(folder)


def clean_up(local_dir: Path) -> None:
    devdb.stop(local_dir)
    shutil.rmtree(devdb_places.places_of(local_dir).scratch, ignore_errors=True)


@pytest.fixture
def local_dir(checkout: Path) -> Path:
    return checkout / ".local"


def in_another_process(code: str, local_dir: Path) -> "subprocess.Popen[str]":
    preamble = (
        "import sys; from pathlib import Path; from paymentprocessor import devdb; "
        "local_dir = Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", preamble + code, str(local_dir)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def outputs(processes: list["subprocess.Popen[str]"]) -> list[str]:
    return [process.communicate(timeout=90)[0].strip() for process in processes]


def ask(local_dir: Path, statement: str) -> object:
    with psycopg.connect(devdb.url(local_dir), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def postmaster(local_dir: Path) -> int:
    data = devdb.status(local_dir).data
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def kill_postmaster(local_dir: Path) -> None:
    os.kill(postmaster(local_dir), signal.SIGKILL)


def start_and_stop(local_dir: Path) -> None:
    with devdb.lease(local_dir):
        assert ask(local_dir, "SELECT 1") == 1
    assert not devdb.status(local_dir).running


class TestUrl:
    def test_is_known_before_anything_is_there(self, local_dir):
        assert devdb.url(local_dir).endswith("/fx")

        assert not local_dir.exists()

    def test_stays_the_same_when_the_server_has_run(self, local_dir):
        before = devdb.url(local_dir)

        local_dir.mkdir()

        assert devdb.url(local_dir) == before


class TestLocalSecret:
    def test_is_one_secret_when_many_ask_at_once(self, local_dir):
        asking = [in_another_process(ASK_FOR_THE_SECRET, local_dir) for _ in range(8)]

        secrets = set(outputs(asking))

        assert len(secrets) == 1
        assert len(secrets.pop()) >= 50

    def test_can_be_read_by_its_owner_only(self, local_dir):
        devdb.local_secret(local_dir)

        assert stat.S_IMODE((local_dir / "secret_key").stat().st_mode) == 0o600


@pytest.mark.slow
class TestStart:
    def test_makes_one_server_when_many_start_it_at_once(self, local_dir):
        starting = [
            in_another_process("devdb.start(local_dir)", local_dir) for _ in range(5)
        ]

        outputs(starting)

        assert [process.returncode for process in starting] == [0] * 5
        log = (local_dir / "postgres" / "server.log").read_text()
        assert log.count("starting PostgreSQL") == 1

    def test_keeps_the_data_when_the_server_was_killed(self, local_dir):
        devdb.start(local_dir)
        ask(local_dir, "CREATE TABLE kept AS SELECT 7 AS number")

        kill_postmaster(local_dir)
        devdb.start(local_dir)

        assert ask(local_dir, "SELECT number FROM kept") == 7

    def test_is_not_fooled_by_a_process_that_got_the_dead_ones_number(self, local_dir):
        start_and_stop(local_dir)
        server = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        stranger = subprocess.Popen(["sleep", "60"], user=server)
        stale = local_dir / "postgres" / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{local_dir}\n1\n5432\n.\n\n1 1\nready\n")
        stale.chmod(0o644)

        start_and_stop(local_dir)

        assert stranger.poll() is None
        stranger.kill()
        stranger.wait()

    def test_starts_again_after_an_interrupted_initialisation(self, local_dir):
        unfinished = local_dir / "postgres.new"
        unfinished.mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18")

        start_and_stop(local_dir)

    def test_creates_the_database_again_if_it_was_dropped(self, local_dir):
        devdb.start(local_dir)
        elsewhere = devdb.url(local_dir).removesuffix("/fx") + "/postgres"
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute("DROP DATABASE fx")

        devdb.start(local_dir)

        assert ask(local_dir, "SELECT current_database()") == "fx"

    def test_listens_on_a_socket_only_and_syncs(self, local_dir):
        with devdb.lease(local_dir):
            assert ask(local_dir, "SHOW listen_addresses") == ""
            assert ask(local_dir, "SHOW fsync") == "on"
            assert ask(local_dir, "SHOW server_encoding") == "UTF8"
            assert int(ask(local_dir, "SHOW max_connections")) >= 300

    def test_says_where_the_log_is_told_when_the_server_refuses(self, local_dir):
        start_and_stop(local_dir)
        with (local_dir / "postgres" / "postgresql.conf").open("a") as settings:
            settings.write("no_such_setting = 1\n")

        with pytest.raises(devdb.DevDbError, match="no_such_setting"):
            devdb.start(local_dir)


@pytest.mark.slow
class TestLease:
    def test_ends_with_the_last_one_out(self, local_dir):
        with devdb.lease(local_dir):
            with devdb.lease(local_dir):
                first = postmaster(local_dir)
            assert devdb.status(local_dir).running
            assert postmaster(local_dir) == first

        assert not devdb.status(local_dir).running

    def test_leaves_a_server_alone_that_was_started_by_hand(self, local_dir):
        devdb.start(local_dir)

        with devdb.lease(local_dir):
            pass

        assert devdb.status(local_dir).running

    def test_is_not_taken_away_by_a_stop(self, local_dir):
        with devdb.lease(local_dir):
            devdb.start(local_dir)
            assert not devdb.stop(local_dir)
            assert ask(local_dir, "SELECT 1") == 1

        assert not devdb.status(local_dir).running

    def test_of_a_killed_process_does_not_count(self, local_dir):
        holder = in_another_process(HOLD_A_LEASE, local_dir)
        assert holder.stdout.readline() == "holding\n"

        with devdb.lease(local_dir):
            holder.kill()
            holder.communicate()

        assert not devdb.status(local_dir).running

    def test_of_a_server_that_was_killed_can_be_given_back(self, local_dir):
        with devdb.lease(local_dir):
            kill_postmaster(local_dir)
            time.sleep(0.5)

        assert not devdb.status(local_dir).running


@pytest.mark.slow
class TestPlaces:
    def test_may_have_any_name(self, checkout):
        local_dir = checkout / "a b\"$x`'@%:Ü" / ".local"
        local_dir.mkdir(parents=True)

        start_and_stop(local_dir)

        assert devdb.status(local_dir).data.is_relative_to(checkout)

    @pytest.mark.parametrize("name", ["long" * 30, "comma,comma"])
    def test_have_the_socket_elsewhere_when_no_client_could_name_it(
        self, checkout, name
    ):
        local_dir = checkout / name / ".local"
        local_dir.mkdir(parents=True)

        start_and_stop(local_dir)

        places = devdb_places.places_of(local_dir)
        assert places.data.is_relative_to(checkout)
        assert stat.S_IMODE(places.socket.stat().st_mode) == 0o700

    @only_root
    def test_below_a_private_folder_leave_it_private(self, checkout):
        private = checkout / "private"
        private.mkdir(mode=0o700)
        local_dir = private / "checkout" / ".local"
        local_dir.parent.mkdir()

        start_and_stop(local_dir)

        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert not (local_dir / "postgres").exists()

    @only_root
    def test_have_a_copy_of_the_programs_when_these_are_private(
        self, local_dir, monkeypatch
    ):
        local_dir.mkdir()
        places = devdb_places.places_of(local_dir)
        installed = devdb_places.binaries(places)
        monkeypatch.setattr(devdb_places, "_can_reach", lambda folder: False)

        start_and_stop(local_dir)

        hidden = devdb_places.places_of(local_dir)
        assert devdb_places.binaries(hidden).is_relative_to(hidden.scratch)
        assert devdb_places.binaries(hidden) != installed

    @only_root
    def test_refuse_a_scratch_folder_that_somebody_else_made(self, checkout):
        checkout.chmod(0o700)
        local_dir = checkout / ".local"
        scratch = devdb_places.places_of(local_dir).scratch
        scratch.mkdir()
        os.chown(scratch, pwd.getpwnam("daemon").pw_uid, -1)

        with pytest.raises(devdb.DevDbError, match="made by daemon"):
            devdb.start(local_dir)

    @only_root
    def test_refuse_data_that_an_ordinary_user_made(self, local_dir):
        start_and_stop(local_dir)
        os.chown(local_dir / "postgres", pwd.getpwnam("daemon").pw_uid, -1)

        with pytest.raises(devdb.DevDbError, match="belongs to daemon"):
            devdb.start(local_dir)
