"""`manage.py worker`: the process that does the periodic jobs."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from procrastinate.exceptions import ConnectorException

from worker import process


class Command(BaseCommand):
    help = (
        "Do the periodic jobs until told to stop. Several may run, on several "
        "machines: each job is done by one of them, and taken over by another if that "
        "one dies."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        demo = os.environ.get("DEMO_PID")
        try:
            told = process.run(parent=int(demo) if demo else None)
        except ConnectorException as error:
            raise CommandError(f"The database is not there: {error}") from error
        if not told:
            raise CommandError("The worker has ended; see its messages above.")
