"""`manage.py load_currencies`: catch up with ISO 4217."""

from typing import Any

from django.core.management.base import BaseCommand

from fx.services import add_currencies


class Command(BaseCommand):
    help = (
        "Add the currencies that ISO 4217 published since the last time. What is here "
        "already stays as it is, so it can be run as often as one likes."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        added = add_currencies()
        names = [f": {', '.join(currency.code for currency in added)}"] if added else []
        self.stdout.write(f"{len(added)} currencies added{''.join(names)}.")
