"""`manage.py expire_holds`: give back what holds past their time still hold."""

from typing import Any

from django.core.management.base import BaseCommand

from transactions.services import expire_holds


class Command(BaseCommand):
    help = "End the holds whose time is up. Run it every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        sweep = expire_holds()
        told = f"{sweep.expired} holds expired."
        if sweep.skipped:
            told += f" {sweep.skipped} are in use and left for the next run."
        self.stdout.write(told)
