"""What a client is told: pure functions of what stands in the books.

Nothing here looks at the clock or at a wallet's present state, so a replay of a request
reads word for word as its first answer did.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from fx.money import Money, plain
from fx.serializers import observation_answer
from transactions.explain import Explanation
from transactions.models import REFUNDED_TYPES, Conversion, Entry, Side
from transactions.postings import Posted
from transactions.queries.totals import TrialBalance
from transactions.queries.undone import Undone


def movement(posted: Posted) -> dict[str, Any]:
    """A fund, withdrawal or transfer: what moved, and what its owner has now."""
    entry = _own_entry(posted)
    row = posted.transaction
    return {
        "transaction_id": row.id,
        "type": row.type,
        "user_id": row.owner_id,
        "currency": entry.currency,
        "amount": _principal(posted, entry).text,
        "fee": _fee(posted).text,
        "new_balance": _money(entry, entry.balance_after).text,
        "wallet_version": entry.wallet_version,
        **words(posted),
    }


def transfer(posted: Posted) -> dict[str, Any]:
    """A transfer also names who was paid, but not what they have."""
    [payee] = {
        entry.wallet.owner_id
        for entry in posted.entries
        if entry.wallet.owner_id not in (None, posted.transaction.owner_id)
    }
    return movement(posted) | {"to_user_id": payee}


def payment(posted: Posted) -> dict[str, Any]:
    """A transfer out of several wallets, with the conversions made for it."""
    return transfer(posted) | {
        "conversions": [conversion(part) for part in posted.parts]
    }


def adjustment(posted: Posted) -> dict[str, Any]:
    """A correction says on which side it was."""
    return movement(posted) | {"side": _own_entry(posted).side}


def refund(posted: Posted) -> dict[str, Any]:
    """A refund names the payment, and who has their money back."""
    [payer] = [e for e in _customers_entries(posted) if e.side == Side.CREDIT]
    return movement(posted) | {
        "to_user_id": payer.wallet.owner_id,
        "refunds": posted.transaction.refunds_id,
    }


def reversal(posted: Posted) -> dict[str, Any]:
    """A reversal, with all its entries."""
    return {
        "transaction_id": posted.transaction.id,
        "type": posted.transaction.type,
        "user_id": posted.transaction.owner_id,
        "reverses": posted.transaction.reverses_id,
        "entries": entries(posted),
        **words(posted),
    }


def entries(posted: Posted) -> list[dict[str, Any]]:
    """All lines of a transaction, the house's too."""
    return [_entry(entry) for entry in posted.entries]


def preview(posted: Posted, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer there would be, with the owner's entries and without an id."""
    owner_id = posted.transaction.owner_id
    own = [
        entry
        for one in (*posted.parts, posted)
        for entry in one.entries
        if entry.wallet.owner_id == owner_id
    ]
    shown = {"entries": [_entry(entry) for entry in own]}
    unnamed: dict[str, Any] = {"preview": True, "transaction_id": None}
    if posted.parts:
        parts = [part | {"transaction_id": None} for part in answer["conversions"]]
        unnamed["conversions"] = parts
    return shown | answer | unnamed


def conversion(posted: Posted) -> dict[str, Any]:
    """A conversion: both amounts, the price, and both balances it left."""
    row, own = posted.transaction, _customers_entries(posted)
    return {
        "transaction_id": row.id,
        "type": row.type,
        "user_id": row.owner_id,
        **price(posted),
        "balances": {
            entry.currency: _money(entry, entry.balance_after).text for entry in own
        },
        "wallet_versions": {entry.currency: entry.wallet_version for entry in own},
        **words(posted),
    }


def transaction(
    posted: Posted,
    became: Undone,
    *,
    viewer: UUID | None = None,
    only_of: UUID | None = None,
) -> dict[str, Any]:
    """A transaction with its entries and what became of it, as `viewer` may see it.

    Without a viewer it is the platform that reads, and sees everything. A customer sees
    their own entries, and the key, reference and metadata of their own operations only.
    `only_of` leaves the entries of others out, whoever reads.
    """
    row = posted.transaction
    own = viewer is None or viewer == row.owner_id
    return {
        "id": row.id,
        "type": row.type,
        "user_id": row.owner_id,
        "reference": row.reference if own else None,
        "description": row.description,
        "metadata": _metadata(posted) if own else {},
        "idempotency_key": row.idempotency_key if own else None,
        "effective_at": row.effective_at,
        "recorded_at": row.recorded_at,
        "reverses": row.reverses_id,
        "reversed_by": became.reversed_by,
        "part_of": row.part_of_id,
        "refunds": row.refunds_id,
        "refunded_by": became.refunded_by,
        "refundable": _refundable(posted, became),
        "hold": row.hold_id if own else None,
        "fee": _fee(posted).text if own else None,
        "conversion": price(posted) if posted.conversion and own else None,
        "entries": _entries(posted, of=viewer or only_of),
    }


def explanation(explained: Explanation) -> dict[str, Any]:
    """A conversion step by step, and whether the sum done again is what was booked."""
    return {
        "transaction_id": explained.transaction_id,
        "policy_version": explained.policy_version,
        "rates": [observation_answer(rate) for rate in explained.rates],
        "steps": [vars(step) for step in explained.steps],
        "booked": explained.booked,
        "recomputed": explained.recomputed,
        "matches": explained.matches,
    }


def trial_balance(currencies: Iterable[TrialBalance]) -> dict[str, Any]:
    """Per currency: every purpose's debits and credits, and their difference, zero."""
    return {
        "data": [
            {
                "currency": one.currency,
                "accounts": [
                    {
                        "account": total.purpose,
                        "debits": total.debits.text,
                        "credits": total.credits.text,
                    }
                    for total in one.totals
                ],
                "debits": one.debits.text,
                "credits": one.credits.text,
                "difference": one.difference.text,
            }
            for one in currencies
        ]
    }


def _refundable(posted: Posted, became: Undone) -> str | None:
    """How much of a payment can still be given back; None where nothing ever could."""
    if posted.transaction.type not in REFUNDED_TYPES or posted.conversion:
        return None
    paid = _principal(posted, posted.entries[0])
    left = paid - _money(posted.entries[0], became.refunded)
    return (left - left if became.reversed_by else left).text


def words(posted: Posted) -> dict[str, Any]:
    """What the client said of the transaction, and when it was."""
    row = posted.transaction
    return {
        "reference": row.reference,
        "description": row.description,
        "metadata": _metadata(posted),
        "effective_at": row.effective_at,
        "recorded_at": row.recorded_at,
    }


def _metadata(posted: Posted) -> dict[str, Any]:
    """In an order of ours: jsonb forgets the client's, and so would a replay."""
    metadata = posted.transaction.metadata
    return dict(sorted(metadata.items())) if metadata else {}


def _principal(posted: Posted, entry: Entry) -> Money:
    """What was to be moved: a fee came on top of what left its owner's wallet, and out
    of what arrived there."""
    moved = _money(entry, entry.amount)
    row = posted.transaction
    if not row.fee or entry.wallet.owner_id != row.owner_id:
        return moved
    fee = _fee(posted)
    return moved - fee if entry.side == Side.DEBIT else moved + fee


def _fee(posted: Posted) -> Money:
    """In the currency of the amount: of the first line that is ours or theirs."""
    return _money(posted.entries[0], posted.transaction.fee)


def price(posted: Posted) -> dict[str, Any]:
    """How a conversion came by its amounts."""
    row = posted.conversion
    assert isinstance(row, Conversion), "only conversions have a price"
    one_of_each = {entry.currency: entry for entry in posted.entries}
    source = one_of_each[row.source_currency].wallet.denomination
    target = one_of_each[row.target_currency].wallet.denomination
    return {
        "from_currency": source.code,
        "to_currency": target.code,
        "from_amount": Money(row.source_amount, source).text,
        "to_amount": Money(row.target_amount, target).text,
        "fee": _fee(posted).text,
        "fixed_side": row.fixed_side,
        "quote_id": row.quote_id,
        "fx_rate": plain(row.client_rate),
        "mid_rate": plain(row.mid_rate),
        "spread_bps": plain(row.spread_bps),
        "premium_bps": plain(row.premium_bps),
        "widening_bps": plain(row.widening_bps),
        "policy_id": row.policy_id,
        "spread_amount": Money(row.spread_amount, target).text,
        "exact_to_amount": plain(row.exact_target),
        "rounding_residual": plain(row.residual),
        "rate_as_of": row.rate_as_of,
        "rate_ids": row.rate_ids,
    }


def _entries(posted: Posted, *, of: UUID | None) -> list[dict[str, Any]]:
    return [
        _entry(entry)
        for entry in posted.entries
        if of is None or entry.wallet.owner_id == of
    ]


def _entry(entry: Entry) -> dict[str, Any]:
    after = entry.balance_after
    return {
        "wallet_user_id": entry.wallet.owner_id,
        "account": entry.wallet.purpose,
        "currency": entry.currency,
        "side": entry.side,
        "amount": _money(entry, entry.amount).text,
        "balance_after": None if after is None else _money(entry, after).text,
        "wallet_version": entry.wallet_version,
    }


def _own_entry(posted: Posted) -> Entry:
    owner_id = posted.transaction.owner_id
    return next(e for e in posted.entries if e.wallet.owner_id == owner_id)


def _customers_entries(posted: Posted) -> list[Entry]:
    """Only those have numbers along their wallets."""
    return [entry for entry in posted.entries if entry.wallet_version is not None]


def _money(entry: Entry, amount: Decimal | None) -> Money:
    assert amount is not None, "a customer's entry says what it left"
    return entry.wallet.money(amount)
