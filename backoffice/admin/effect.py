"""What a request would do, found by doing it and rolling it back."""

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, table
from backoffice.approval_kinds import KINDS
from backoffice.models import ApprovalRequest
from fx.money import EXACT
from paymentprocessor.api.errors import Refusal
from transactions.models import Entry, Side
from transactions.postings import Instruction


def effect_of(asked: ApprovalRequest) -> SafeString | str:
    """The entries it would post, and the balances before and after; or why it fails."""
    instruction = Instruction(
        preview=True,
        expected_version=asked.payload.get("expected_version"),
        description=asked.reason,
    )
    try:
        posted = KINDS[asked.kind].work(instruction, asked.payload, None)
    except Refusal as refusal:
        return format_html(
            '<strong class="bad">It would be refused:</strong> {}', refusal.detail
        )
    return table(
        ["Account", "Debit#", "Credit#", "Balance before#", "Balance after#"],
        (_line(entry) for entry in posted.entries),
        empty=NOTHING,
    )


def _line(entry: Entry) -> tuple[str, ...]:
    money = amount(entry.wallet.money(entry.amount))
    debit, credit = (money, "") if entry.side == Side.DEBIT else ("", money)
    if entry.balance_after is None:
        house = f"house {entry.wallet.purpose} {entry.currency}"
        return (house, debit, credit, NOTHING, NOTHING)
    before = _before(entry, entry.balance_after)
    return (
        f"{entry.currency} of the customer",
        debit,
        credit,
        amount(entry.wallet.money(before)),
        amount(entry.wallet.money(entry.balance_after)),
    )


def _before(entry: Entry, after: Decimal) -> Decimal:
    undo = EXACT.subtract if entry.side == Side.CREDIT else EXACT.add
    return undo(after, entry.amount)
