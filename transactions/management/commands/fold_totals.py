"""`manage.py fold_totals`: add the ledger up behind, so that no reader has to."""

from typing import Any

from django.core.management.base import BaseCommand

from transactions.services import fold_totals


class Command(BaseCommand):
    help = "Add a fold of the ledger's totals. Run it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        fold_totals()
        self.stdout.write("The totals are folded.")
