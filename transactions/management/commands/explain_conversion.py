"""`manage.py explain_conversion ID`: a price, step by step, done again."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from paymentprocessor.api.errors import Refusal
from transactions.explain import explain


class Command(BaseCommand):
    help = (
        "Show how a conversion came by its amounts, and do the sum again. Exits with 1 "
        "when it comes to something else than was booked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("transaction_id", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            explanation = explain(options["transaction_id"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal

        for number, step in enumerate(explanation.steps, start=1):
            self.stdout.write(f"{number}. {step.what}")
            self.stdout.write(f"     {step.calculation} = {step.result}")
        if explanation.matches:
            self.stdout.write(self.style.SUCCESS("This is what was booked."))
            return
        for name, booked in explanation.booked.items():
            recomputed = explanation.recomputed[name]
            if booked != recomputed:
                self.stdout.write(f"{name}: booked {booked}, recomputed {recomputed}")
        self.stdout.write(self.style.ERROR("This is NOT what was booked."))
        sys.exit(1)
