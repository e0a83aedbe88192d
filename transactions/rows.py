"""What is written as PostgreSQL reads it: rows as plain values, by column."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model
from uuid_utils.compat import uuid7

from transactions.models import Entry, Hold, Transaction
from transactions.postings import Instruction, Posted, Posting


def rows_of(
    pairs: Iterable[tuple[Posting, Posted]],
) -> dict[str, list[dict[str, Any]]]:
    """What `post.sql` writes, by the name of the parameter."""
    pairs = list(pairs)
    booked = [posted for _, posted in pairs]
    entries = [entry for posted in booked for entry in posted.entries]
    return {
        "keys": [
            key_row(posting.instruction, transaction_id=posted.transaction.id)
            for posting, posted in pairs
            if posting.instruction.idempotency_key
        ],
        "transactions": [_columns_of(posted.transaction) for posted in booked],
        "conversions": [_columns_of(p.conversion) for p in booked if p.conversion],
        "entries": [_columns_of(entry) for entry in entries],
        "balances": list(_balances(entries)),
        "holds": [_hold(posting.hold) for posting, _ in pairs if posting.hold],
        "events": [_captured(p.transaction) for p in booked if p.transaction.hold_id],
    }


def _columns_of(row: Model) -> dict[str, Any]:
    """As it was made (see `database.rows`): of its columns, and of nothing else."""
    columns = row.__dict__.copy()
    del columns["_state"]
    return columns


def _balances(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    """Where the customers' wallets stand after the last entry of each."""
    last = {entry.wallet_id: entry for entry in entries if entry.wallet_version}
    for wallet_id, entry in last.items():
        yield {
            "wallet_id": wallet_id,
            "balance": entry.balance_after,
            "held": entry.wallet.held,
            "version": entry.wallet_version,
        }


def key_row(instruction: Instruction, **outcome: UUID) -> dict[str, Any]:
    """The key of the instruction, with what came of it."""
    return {
        "principal_id": instruction.principal_id,
        "key": instruction.idempotency_key,
        "fingerprint": instruction.fingerprint.hex(),
        **outcome,
    }


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """Numbers and ids travel as text, which PostgreSQL reads exactly."""
    return orjson.dumps(rows, default=str).decode()


def _hold(hold: Hold) -> dict[str, Any]:
    return {"id": hold.id, "captured": hold.captured, "status": hold.status}


def _captured(transaction: Transaction) -> dict[str, Any]:
    """What others are told of the hold; of the transaction, its own row tells them."""
    hold = transaction.hold
    assert hold is not None, "only what captures a hold tells of it"
    return {
        "id": uuid7(),
        "subject_id": hold.id,
        "user_id": transaction.owner_id,
        "data": {"status": hold.status},
        "request_id": transaction.request_id,
    }
