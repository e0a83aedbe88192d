"""What can be requested and approved: how each kind reads, and how it is done."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from transactions import services
from transactions.models import Side
from transactions.postings import Instruction, Posted
from users.acts import Actor


@dataclass(frozen=True)
class Kind:
    """One kind of request; `work` does it, or simulates it for a preview."""

    title: str
    work: Callable[[Instruction, Mapping[str, Any], Actor | None], Posted]


def _adjust(
    instruction: Instruction, payload: Mapping[str, Any], actor: Actor | None
) -> Posted:
    return services.adjust(
        instruction,
        UUID(payload["user_id"]),
        payload["currency"],
        Decimal(payload["amount"]),
        Side(payload["side"]),
        actor=actor,
    )


KINDS = {"adjustment": Kind("Adjust a customer's balance", _adjust)}


def digest_of(kind: str, payload: Mapping[str, Any]) -> bytes:
    """The SHA-256 of the request in canonical JSON: sorted keys, no blanks."""
    said = json.dumps(
        {"kind": kind, "payload": payload},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(said.encode()).digest()
