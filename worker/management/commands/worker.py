"""`manage.py worker`: the process that does the periodic jobs."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from procrastinate.exceptions import ConnectorException

from worker import process
from worker.queries import state


class Command(BaseCommand):
    help = (
        "Do the periodic jobs until told to stop. Several may run, on several "
        "machines: each job is done by one of them, and taken over by another if that "
        "one dies."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="do nothing but look whether a worker was heard of lately, else fail",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self.check_heartbeat()
            return
        demo = os.environ.get("DEMO_PID")
        try:
            told = process.run(parent=int(demo) if demo else None)
        except ConnectorException as error:
            raise CommandError(f"The database is not there: {error}") from error
        if not told:
            raise CommandError("The worker has ended; see its messages above.")

    def check_heartbeat(self) -> None:
        age_s = state().heartbeat_age_s
        if age_s is None:
            raise CommandError("No worker runs.")
        self.stdout.write(f"A worker was heard of {age_s} s ago.")
        if age_s > settings.WORKER_STALLED_AFTER_S:
            raise CommandError("That is too long.")
