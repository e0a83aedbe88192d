"""`manage.py fold_totals`: add the ledger up behind, so that no reader has to."""

from typing import Any

from django.core.management.base import BaseCommand

from transactions.services import fold_totals, roll_up_days


class Command(BaseCommand):
    help = "Add a fold of the ledger's totals, and the days'. Run it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        fold_totals()
        roll_up_days()
        self.stdout.write("The totals are folded.")
