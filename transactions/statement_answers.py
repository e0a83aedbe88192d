"""What a client is told of a statement: pure functions of what stands in the books."""

from typing import Any
from uuid import UUID

from transactions.models import Entry
from transactions.queries import StatementPage


def statement(page: StatementPage) -> dict[str, Any]:
    """The balances at both ends, and how many lines lie between them."""
    return {
        "opening_balance": page.opening.balance.text,
        "closing_balance": page.closing.balance.text,
        "lines": page.closing.lines - page.opening.lines,
    }


def line(entry: Entry, *, viewer: UUID | None) -> dict[str, Any]:
    """One line; `viewer` is not told by what reference others made it."""
    row, wallet = entry.transaction, entry.wallet
    assert entry.balance_after is not None, "a customer's entry says what it left"
    return {
        "transaction_id": row.id,
        "type": row.type,
        "user_id": row.owner_id,
        "reference": row.reference if viewer in (None, row.owner_id) else None,
        "description": row.description,
        "side": entry.side,
        "amount": wallet.money(entry.amount).text,
        "balance_after": wallet.money(entry.balance_after).text,
        "wallet_version": entry.wallet_version,
        "effective_at": row.effective_at,
        "recorded_at": entry.recorded_at,
    }
