"""A customer's balance is put right, against money whose owner is not known."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backoffice.approval_kinds.kind import Facts, Movement, Payload
from transactions import services
from transactions.models import Side
from transactions.postings import Instruction, Posted
from users.acts import Actor
from users.models import User
from wallets.queries import find_wallet


class Adjustment(Movement):
    """Bound to the version of the wallet: whatever moved it since voids the request."""

    title = "Adjust a customer's balance"

    def told(self, payload: Payload) -> Facts:
        money = f"{payload['amount']} {payload['currency']}"
        credits = payload["side"] == Side.CREDIT
        return {
            "Customer": User.all_objects.filter(pk=payload["user_id"]).first(),
            "They get" if credits else "They give": money,
            "Out of" if credits else "Into": "suspense",
            "Only while the wallet is at version": payload["expected_version"],
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        wallet = find_wallet(UUID(payload["user_id"]), payload["currency"])
        return {"expected_version": wallet.version}

    def move(
        self, instruction: Instruction, payload: Payload, *, actor: Actor, now: datetime
    ) -> Posted:
        return services.adjust(
            replace(instruction, expected_version=payload["expected_version"]),
            UUID(payload["user_id"]),
            payload["currency"],
            Decimal(payload["amount"]),
            Side(payload["side"]),
            actor=actor,
        )
