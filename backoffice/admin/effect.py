"""What a request would do, found by doing it and rolling it back."""

from decimal import Decimal

from django.db import OperationalError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.acts import BUSY, is_busy
from backoffice.admin.facts import change_table
from backoffice.admin.html import NOTHING, amount, table, wallet_name
from backoffice.models import ApprovalRequest
from backoffice.refusals import in_words
from backoffice.simulation import simulate
from fx.money import EXACT
from paymentprocessor.api.errors import Refusal
from transactions.models import Entry, Side
from users.acts import Actor


def effect_of(asked: ApprovalRequest) -> SafeString | str:
    """What would be before and after, with the entries it would post; or why not."""
    maker = Actor(asked.maker_id, asked.reason)
    try:
        effect = simulate(asked.kind, asked.payload, actor=maker, now=timezone.now())
    except Refusal as refusal:
        return format_html(
            '<strong class="bad">It would be refused:</strong> {}', in_words(refusal)
        )
    except OperationalError as failure:
        if not is_busy(failure):
            raise
        return BUSY
    about = change_table(effect.before, effect.after) if effect.after else ""
    if not effect.entries:
        return about
    entries = table(
        ["Account", "Debit#", "Credit#", "Balance before#", "Balance after#"],
        (_line(entry) for entry in effect.entries),
        empty=NOTHING,
    )
    return format_html("{}{}", entries, about)


def _line(entry: Entry) -> tuple[str, ...]:
    money = amount(entry.wallet.money(entry.amount))
    debit, credit = (money, "") if entry.side == Side.DEBIT else ("", money)
    if entry.balance_after is None:
        house = f"house {entry.wallet.purpose} {entry.currency}"
        return (house, debit, credit, NOTHING, NOTHING)
    before = _before(entry, entry.balance_after)
    return (
        wallet_name(entry.wallet),
        debit,
        credit,
        amount(entry.wallet.money(before)),
        amount(entry.wallet.money(entry.balance_after)),
    )


def _before(entry: Entry, after: Decimal) -> Decimal:
    undo = EXACT.subtract if entry.side == Side.CREDIT else EXACT.add
    return undo(after, entry.amount)
