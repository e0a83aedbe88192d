"""`manage.py record_hedge`: the house traded with the market."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from fx.money import parse_amount, positive
from paymentprocessor.api.errors import Refusal
from transactions.postings import Instruction
from transactions.services import record_hedge
from transactions.treasury_answers import hedge
from users.acts import Actor
from users.models import User


class Command(BaseCommand):
    help = "Book a trade of the house: what was sold and bought, to whom and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for side in ("sell", "buy"):
            parser.add_argument(
                f"--{side}", required=True, nargs=2, metavar=("AMOUNT", "CURRENCY")
            )
        parser.add_argument("--counterparty", required=True, help="whom with")
        parser.add_argument("--reason", required=True, help="why")
        parser.add_argument("--staff", required=True, help="the username of who did it")
        parser.add_argument(
            "--reference", help="the trade's own name; booked once, however often given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        staff_id = _staff(options["staff"])
        try:
            posted = record_hedge(
                Instruction(
                    principal_id=staff_id,
                    staff_id=staff_id,
                    reference=options["reference"],
                    description=options["reason"],
                ),
                *_side(options["sell"]),
                *_side(options["buy"]),
                options["counterparty"],
                actor=Actor(staff_id, options["reason"]),
            )
        except Refusal as refusal:
            raise CommandError(_in_words(refusal)) from refusal

        booked = hedge(posted)
        self.stdout.write(
            f"Sold {booked['sell_amount']} {booked['sell_currency']} for "
            f"{booked['buy_amount']} {booked['buy_currency']}: "
            f"{booked['transaction_id']}"
        )


def _staff(username: str) -> UUID:
    staff = User.objects.filter(username=username, is_staff=True).first()
    if staff is None:
        raise CommandError(f"There is no member of staff {username!r}.")
    staff_id: UUID = staff.pk
    return staff_id


def _side(words: list[str]) -> tuple[str, Any]:
    amount, currency = words
    return currency, positive(parse_amount(amount))


def _in_words(refusal: Refusal) -> str:
    errors = refusal.members.get("errors", [])
    return " ".join(error["detail"] for error in errors) or refusal.detail
