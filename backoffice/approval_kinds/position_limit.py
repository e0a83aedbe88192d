"""How far the house lets a position go is set."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from backoffice.approval_kinds.kind import Change, Facts, Payload
from fx.models import Currency
from fx.money import Money
from paymentprocessor.database.writers import keep_other_writers_out
from transactions import services
from transactions.models import PositionLimit
from transactions.queries.position_limits import limits_at, positions_now
from users.acts import Actor

_AMOUNTS = ("soft", "hard")


class SetPositionLimit(Change):
    """Bound to the newest limit of the currency, also one that is still to come."""

    title = "Limit a position"
    permission = "transactions.add_positionlimit"

    def told(self, payload: Payload) -> Facts:
        code = payload["currency"]
        soft, hard = (payload[name] for name in _AMOUNTS)
        return {
            "Position in": code,
            "Soft limit": "none" if soft is None else f"{soft} {code}",
            "Hard limit": "none" if hard is None else f"{hard} {code}",
            "Widening past the soft one": f"{payload['widen_bps']} bps",
            "From": _instant(payload) or "when it is approved",
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        newest = PositionLimit.objects.filter(currency=payload["currency"]).last()
        return {"follows": str(newest.pk) if newest else None}

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        keep_other_writers_out(PositionLimit)

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        soft, hard = (payload[name] and Decimal(payload[name]) for name in _AMOUNTS)
        services.set_position_limit.within(
            payload["currency"],
            soft=soft,
            hard=hard,
            widen_bps=Decimal(payload["widen_bps"]),
            effective_at=_instant(payload),
            actor=actor,
            now=now,
        )

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        code = payload["currency"]
        unit = Currency.objects.get(pk=code).denomination
        limit = limits_at(_instant(payload) or now).get(code)
        soft, hard = (limit.soft, limit.hard) if limit else (None, None)
        return {
            "Soft limit": "none" if soft is None else Money(soft, unit),
            "Hard limit": "none" if hard is None else Money(hard, unit),
            "Widening (bps)": limit.widen_bps if limit else Decimal(0),
            "Position now": Money(positions_now([code])[code], unit),
        }


def _instant(payload: Payload) -> datetime | None:
    at = payload["effective_at"]
    return datetime.fromisoformat(at) if at else None
