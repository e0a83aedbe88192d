"""`manage.py demo`, which `make run` calls: the whole product with one command."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from io import StringIO
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from paymentprocessor import devdb

PATIENCE_S = 60
# For a job that is being done; cut off, it is taken over by the next worker.
WORKER_PATIENCE_S = 5
LOOK_AFTER_WORKER_EVERY_S = 2
AGE_OF_RATES = (
    "The rates are those of the ECB file that is shipped, so rates of any age are "
    "accepted here, unless FX_MAX_RATE_AGE says otherwise."
)
READY_LINE = b"ready\n"

READY = """
The payment processor is running; Ctrl-C stops it.

  Console   {base}/admin/     login {login}
            what admin asks for, demo-approver decides, by the same password
  API docs  {base}/docs
  API key   {key}
  Worker    beside it: fetches rates, folds totals, forgets old keys

Fund Alice's wallet, convert some of it, and look at what happened:

{curl} {wallet}/fund {post}fund-$(date +%s)" \
  -d '{{"currency": "USD", "amount": "100.00"}}'

{curl} {wallet}/convert {post}convert-$(date +%s)" \
  -d '{{"from_currency": "USD", "to_currency": "MXN", \
"amount": "40.00"}}'

{curl} {wallet}/transactions
"""


class Command(BaseCommand):
    help = "Set everything up, with demo data, and serve it until Ctrl-C."
    # The checks come with `migrate`, when there is a database to check against.
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError(
                "The demo makes an admin and an API key: it wants DEVELOPMENT=true."
            )
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.port = port_of(os.environ.get("PORT", "8000"))
        self.refuse_taken_port()
        signal.signal(signal.SIGTERM, leave)
        signal.signal(signal.SIGHUP, leave)
        try:
            self.run()
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
        except devdb.DevDbError as error:
            raise CommandError(str(error)) from error

    def run(self) -> None:
        with ExitStack() as stack:
            inherited: tuple[int, ...] = ()
            if not os.environ.get("DATABASE_URL"):
                self.stdout.write("Starting PostgreSQL")
                inherited = (stack.enter_context(devdb.lease(settings.LOCAL_DIR)),)
            stack.callback(ignore_signals)
            self.stdout.write(AGE_OF_RATES)
            # It loads the application while the data is prepared, and then waits.
            server = self.start_server(inherited)
            stack.callback(stop_process, server)
            # The callbacks run last in, first out. A second Ctrl-C must not break off
            # what the first one began, so from there on signals are ignored.
            stack.callback(ignore_signals)
            login = self.prepare()
            let_serve(server)
            self.wait_until_live(server)
            self.worker = self.start_worker(inherited)
            stack.callback(lambda: stop_process(self.worker, WORKER_PATIENCE_S))
            stack.callback(ignore_signals)
            self.stdout.write(self.greeting(login))
            self.watch(server, inherited)

    def prepare(self) -> str:
        """Migrate and load what a demo needs; returns the admin's login."""
        self.stdout.write("Preparing the database, the rates and the demo data")
        call_command("migrate", verbosity=0)
        call_command("load_rates", verbosity=0)
        told = StringIO()
        call_command("seed_demo", stdout=told)
        return admin_login() or told.getvalue().strip()

    def refuse_taken_port(self) -> None:
        """Ask before everything else, not when all the work has been done."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CommandError(
                    f"{self.host}:{self.port} cannot be used: {error.strerror}. "
                    f"Try another port: PORT={self.port + 1} make run"
                ) from error

    def start_server(self, inherited: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        command = ["-m", "gunicorn", "paymentprocessor.wsgi"]
        return start_process(
            command, inherited, stdin=subprocess.PIPE, DATABASE_POOL="true"
        )

    def start_worker(self, inherited: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        return start_process(["manage.py", "worker"], inherited)

    def watch(
        self, server: "subprocess.Popen[bytes]", inherited: tuple[int, ...]
    ) -> None:
        """Stay while the server does, and replace a worker that has ended.

        :raises CommandError: the server has ended with an error.
        """
        while server.poll() is None:
            if self.worker.poll() is not None:
                self.stderr.write("The worker has ended; starting another one.")
                self.worker = self.start_worker(inherited)
            # Also the pause between two workers of which none can stay.
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=LOOK_AFTER_WORKER_EVERY_S)
        if server.returncode:
            raise CommandError("The web server has ended; see its messages above.")

    def wait_until_live(self, server: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self.is_live():
            if server.poll() is not None:
                raise CommandError("The web server did not start; see above.")
            if time.monotonic() > deadline:
                raise CommandError(f"No answer from the server in {PATIENCE_S} s.")
            time.sleep(0.1)

    def is_live(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def greeting(self, login: str) -> str:
        base = f"http://{self.host}:{self.port}"
        alice = get_user_model().objects.get(external_id="alice")
        key = (settings.LOCAL_DIR / "demo_api_key").read_text().strip()
        return READY.format(
            base=base,
            login=login,
            key=key,
            wallet=f"{base}/v1/wallets/{alice.pk}",
            curl=f"curl -sS -w '\\n' -H 'Authorization: Bearer {key}'",
            post=("-H 'Content-Type: application/json' -H \"Idempotency-Key: "),
        )


def port_of(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65536:
        raise CommandError(f"PORT is to be a number from 1 to 65535, not {text!r}.")
    return port


def admin_login() -> str:
    """The admin's name and password, as `seed_demo` keeps it; "" if it does not."""
    password = os.environ.get("ADMIN_PASSWORD", "")
    if not password:
        with suppress(FileNotFoundError):
            password = (settings.LOCAL_DIR / "admin_password").read_text().strip()
    return f"admin / {password}" if password else ""


def let_serve(server: "subprocess.Popen[bytes]") -> None:
    """Tell the web server that the data is there: see `gunicorn.conf.py`."""
    assert server.stdin is not None
    # If it has ended instead, that is told by whoever waits for its answer.
    with suppress(BrokenPipeError), server.stdin as line:
        line.write(READY_LINE)


def start_process(
    command: list[str],
    inherited: tuple[int, ...],
    stdin: int | None = None,
    **environment: str,
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own commands, and nobody's input
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        # Killed, we can stop nothing; so our children look whether we live.
        env=os.environ | environment | {"DEMO_PID": str(os.getpid())},
        # Ctrl-C goes to a terminal's whole process group; this way we alone get it,
        # and stop worker, server and database, in that order.
        start_new_session=True,
        stdin=stdin,
        pass_fds=inherited,
    )


def leave(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def stop_process(process: "subprocess.Popen[bytes]", patience_s: int = 30) -> None:
    process.terminate()
    try:
        process.wait(timeout=patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
