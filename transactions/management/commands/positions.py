"""`manage.py positions`: what the house is long and short of, and what came of it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from paymentprocessor.api.errors import Refusal
from paymentprocessor.api.parameters import parse_instant
from transactions.queries import positions
from transactions.services import book_positions
from transactions.treasury_answers import positions as answer

_COLUMNS = (
    "currency", "side", "position", "average_cost", "mid_rate", "realised",
    "unrealised", "income",
)  # fmt: skip
_UNKNOWN = "unknown"


class Command(BaseCommand):
    help = (
        "Write the book of positions on, and show what the house is long and short of."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", help="an instant of the past, in ISO 8601")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--anew",
            action="store_true",
            help="tell the book from the first trade on, with the rates there are now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = options["at"]
        try:
            instant = parse_instant(at, "/at") if at else None
        except Refusal as refusal:
            raise CommandError(f"{at!r} is no instant: {refusal.detail}") from refusal

        book_positions(anew=options["anew"])
        shown = answer(positions(at=instant, now=timezone.now()))

        if options["json"]:
            self.stdout.write(json.dumps(shown, indent=2, cls=DjangoJSONEncoder))
        else:
            self._print(shown)

    def _print(self, shown: dict[str, Any]) -> None:
        unit = shown["reporting_currency"]
        self.stdout.write(
            f"Positions at {shown['at']:%Y-%m-%d %H:%M:%S} UTC, in {unit}"
        )
        rows = [[name.replace("_", " ") for name in _COLUMNS]]
        rows += [[_cell(one[name]) for name in _COLUMNS] for one in shown["positions"]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = zip(row, widths, strict=True)
            self.stdout.write("  ".join(cell.rjust(width) for cell, width in cells))
        self.stdout.write(
            f"realised {shown['realised'] or _UNKNOWN} {unit}, "
            f"unrealised {shown['unrealised'] or _UNKNOWN} {unit}"
        )


def _cell(figure: str | None) -> str:
    return "-" if figure is None else figure
