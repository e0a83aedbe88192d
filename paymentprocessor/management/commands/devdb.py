"""`manage.py devdb start|stop|status`: the embedded PostgreSQL by hand.

`manage.py devdb run COMMAND...` runs a command with it, and stops it afterwards.
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from paymentprocessor import devdb


class Command(BaseCommand):
    help = "Start, stop or look at the embedded PostgreSQL below .local/."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "run"])
        parser.add_argument("command", nargs=argparse.REMAINDER)

    def handle(self, *, action: str, command: list[str], **options: Any) -> None:
        if bool(command) != (action == "run"):
            raise CommandError("`run` is followed by a command, and only `run` is.")
        try:
            if action == "run":
                self.run(command)
            else:
                getattr(self, action)()
        except devdb.DevDbError as error:
            raise CommandError(str(error)) from error

    def start(self) -> None:
        devdb.start(settings.LOCAL_DIR)
        self.stdout.write(
            f"PostgreSQL is running until `manage.py devdb stop`.\n"
            f"DATABASE_URL={devdb.url(settings.LOCAL_DIR)}"
        )

    def stop(self) -> None:
        if devdb.stop(settings.LOCAL_DIR):
            self.stdout.write("PostgreSQL is stopped.")
        else:
            self.stdout.write(
                "PostgreSQL is still in use, by `make run` or by tests; "
                "it stops with the last of them."
            )

    def status(self) -> None:
        found = devdb.status(settings.LOCAL_DIR)
        if not found.running:
            self.stdout.write(f"PostgreSQL is stopped; its data: {found.data}")
            return
        until = "`manage.py devdb stop`" if found.kept else "its last user leaves"
        self.stdout.write(
            f"PostgreSQL is running until {until}; its data: {found.data}\n"
            f"DATABASE_URL={found.url}"
        )

    def run(self, command: list[str]) -> None:
        with ExitStack() as stack:
            if not os.environ.get("DATABASE_URL"):
                stack.enter_context(devdb.lease(settings.LOCAL_DIR))
            try:
                done = subprocess.run(command, check=False)  # noqa: S603
            except OSError as error:
                raise CommandError(f"{command[0]}: {error.strerror}.") from error
        if done.returncode:
            sys.exit(done.returncode)
