"""How a capture came by its amounts: its share of what was agreed, done again."""

from decimal import Decimal

from django.db.models import F, Sum

from fx.models import Quote
from fx.offers import Offer
from transactions.models import Conversion, Entry, Hold, Side
from transactions.postings import Posted
from transactions.shares import Paid, conversion_of
from transactions.steps import Step


def share_again(
    posted: Posted, hold: Hold, offer: Offer
) -> tuple[Conversion, Decimal, list[Step]]:
    """The price and the fee of a capture, from the offer of its hold and how much was
    captured before it; and the steps from there."""
    [own] = [e for e in posted.entries if e.wallet_id == hold.wallet_id]
    earlier = Entry.objects.filter(
        transaction__hold=hold,
        wallet=hold.wallet_id,
        side=Side.DEBIT,
        wallet_version__lt=own.wallet_version,
    )
    before: Decimal | None = earlier.aggregate(
        total=Sum(F("amount") - F("transaction__fee"))
    )["total"]
    target = offer.price.to_amount.currency
    again = Hold(
        wallet=hold.wallet,
        amount=hold.amount,
        fee=offer.fee.amount,
        quote=Quote(**offer.columns()),
        captured=before or Decimal(0),
    )
    paid_before = Paid.of(again, target)
    again.captured += own.amount - posted.transaction.fee
    paid = Paid.of(again, target)
    part = paid - paid_before
    conversion = conversion_of(again, part)
    assert conversion is not None, "its hold converts"
    return conversion, part.fee.amount, _steps(hold, offer, paid_before, paid)


def _steps(hold: Hold, offer: Offer, before: Paid, paid: Paid) -> list[Step]:
    """From the hold's figures to the capture's."""
    whole = hold.wallet.money(hold.amount)
    agreed = {
        "target": (offer.price.to_amount, paid.bought, before.bought),
        "spread": (offer.price.spread_amount, paid.spread, before.spread),
        "fee": (offer.fee, paid.fee, before.fee),
    }
    return [
        Step(
            f"{name} of this capture",
            f"{total} x {paid.sold.text} / {whole.text}, rounded down: {until}, "
            f"less {earlier} of earlier captures",
            str(until - earlier),
        )
        for name, (total, until, earlier) in agreed.items()
        if total.amount
    ]
