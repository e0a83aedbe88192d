"""What a client is told of holds.

A hold that is placed or voided is answered from what never changes of it then, so a
replay reads word for word as its first answer did.
"""

from typing import Any

from fx.money import Money, plain
from transactions import answers
from transactions.models import HoldStatus
from transactions.postings import Held, Posted


def hold(held: Held) -> dict[str, Any]:
    """A hold as it stands."""
    row = held.hold
    return {
        **_terms(held),
        "captured": row.wallet.money(row.captured).text,
        "left": row.wallet.money(row.left).text,
        "status": row.status,
        "ended_at": row.ended_at,
        "void_reason": row.void_reason,
    }


def placed(held: Held) -> dict[str, Any]:
    """A hold as it was when it was placed, whatever became of it since."""
    row = held.hold
    none_yet = row.amount - row.amount
    return {
        **_terms(held),
        "captured": row.wallet.money(none_yet).text,
        "left": row.wallet.money(row.amount).text,
        "status": HoldStatus.ACTIVE,
        "ended_at": None,
        "void_reason": "",
    }


def preview(held: Held, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer there would be, and what the wallet would have then."""
    wallet = held.hold.wallet
    resulting = {
        "balance": wallet.money(wallet.balance).text,
        "held": wallet.money(wallet.held).text,
        "available": wallet.money(wallet.available).text,
    }
    return answer | {"preview": True, "wallet": resulting}


def capture(posted: Posted) -> dict[str, Any]:
    """A part of a hold that was paid out: of which one, and to whom."""
    row = posted.transaction.hold
    assert row is not None, "a capture has a hold"
    return answers.movement(posted) | {
        "hold_id": row.id,
        "to_user_id": row.to_user_id,
        "conversion": answers.price(posted) if posted.conversion else None,
    }


def _terms(held: Held) -> dict[str, Any]:
    row = held.hold
    return {
        "id": row.id,
        "user_id": row.owner_id,
        "currency": row.currency,
        "amount": row.wallet.money(row.amount).text,
        "fee": row.wallet.money(row.fee).text,
        **_promised(held),
        "to_user_id": row.to_user_id,
        "expires_at": row.expires_at,
        "created_at": row.created_at,
        "reference": row.reference,
        "description": row.description,
        # In an order of ours: jsonb forgets the client's, and so would a replay.
        "metadata": dict(sorted(row.metadata.items())),
        "idempotency_key": row.idempotency_key,
    }


def _promised(held: Held) -> dict[str, Any]:
    """What a hold that converts will give; the quote says how it came about."""
    quote, target = held.hold.quote, held.target
    if quote is None or target is None:
        nothing = ("quote_id", "to_currency", "to_amount", "fx_rate")
        return dict.fromkeys(nothing)
    return {
        "quote_id": quote.id,
        "to_currency": target.code,
        "to_amount": Money(quote.target_amount, target).text,
        "fx_rate": plain(quote.client_rate),
    }
