"""How much customers may move is set, or set free again."""

from abc import ABC
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backoffice.approval_kinds.kind import CHANGED, Change, Facts, Payload
from fx.errors import RateUnavailable
from paymentprocessor.api.errors import Refusal
from paymentprocessor.database.writers import keep_other_writers_out
from transactions.headroom import Headroom
from transactions.queries import headrooms
from users.acts import Actor
from users.models import User
from wallets import services
from wallets.limits import OPERATION
from wallets.models import Limit, Wallet
from wallets.services import Scope

_SCOPE = ("window", "user_id", "wallet_id", "tier", "type", "currency")


class _OfLimits(Change, ABC):
    """Bound to the rule that is in force: another one in its place voids the request.

    The effect shows the rule, and what is left of all that apply to the customer.
    """

    permission = "wallets.add_limit"

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        # Before it is asked which rule is in force, and until another one is.
        keep_other_writers_out(Limit)


class SetLimit(_OfLimits):
    """Puts a rule in the place of the one of its scope, if there is one."""

    title = "Set a limit"

    def told(self, payload: Payload) -> Facts:
        amount, count = payload["max_amount"], payload["max_count"]
        unit = payload["currency"] or "the reporting currency"
        return _scope_in_words(payload) | {
            "Most in all": "any amount" if amount is None else f"{amount} {unit}",
            "Most operations": "any number" if count is None else count,
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        so_far = _in_force(payload)
        return {"replaces": str(so_far.pk) if so_far else None}

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        amount = payload["max_amount"]
        services.set_limit.within(
            _scope(payload),
            max_amount=None if amount is None else Decimal(amount),
            max_count=payload["max_count"],
            reason=actor.reason,
            actor=actor,
        )

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        return {"This rule": _in_force(payload) or "none"} | _left(_owner(payload))


class EndLimit(_OfLimits):
    """Takes a rule away; one that has ended meanwhile is not ended again."""

    title = "End a limit"

    def told(self, payload: Payload) -> Facts:
        limit = Limit.objects.select_related("unit", "user", "wallet__owner").get(
            pk=payload["limit_id"]
        )
        of_it = {name: getattr(limit, name) for name in _SCOPE}
        return {"Rule": limit} | _scope_in_words(of_it) | {"Set because": limit.reason}

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        limit_id = UUID(payload["limit_id"])
        if Limit.objects.filter(pk=limit_id, ended_at__isnull=False).exists():
            raise Refusal(CHANGED)
        services.end_limit.within(limit_id, reason=actor.reason, actor=actor)

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        limit = Limit.objects.select_related("unit", "wallet").get(
            pk=payload["limit_id"]
        )
        state = "in force" if limit.ended_at is None else "ended"
        owner_id = limit.wallet.owner_id if limit.wallet else limit.user_id
        return {"This rule": state} | _left(owner_id)


def _scope(payload: Mapping[str, Any]) -> Scope:
    user_id, wallet_id = payload["user_id"], payload["wallet_id"]
    return Scope(
        window=payload["window"],
        user_id=user_id and UUID(user_id),
        wallet_id=wallet_id and UUID(wallet_id),
        tier=payload["tier"],
        type=payload["type"],
        currency=payload["currency"],
    )


def _in_force(payload: Payload) -> Limit | None:
    """The rule of exactly that scope; a wallet's is about its currency."""
    scope = {name: payload[name] for name in _SCOPE}
    if wallet := _wallet(payload):
        scope["currency"] = wallet.currency_id
    rules = Limit.objects.select_related("unit").filter(**scope, ended_at=None)
    return rules.first()


def _wallet(payload: Mapping[str, Any]) -> Wallet | None:
    if payload["wallet_id"] is None:
        return None
    wallets = Wallet.all_objects.select_related("owner", "currency")
    wallet: Wallet | None = wallets.filter(pk=payload["wallet_id"]).first()
    return wallet


def _owner(payload: Payload) -> UUID | None:
    wallet = _wallet(payload)
    if wallet is not None:
        return wallet.owner_id
    return UUID(payload["user_id"]) if payload["user_id"] else None


def _scope_in_words(scope: Mapping[str, Any]) -> dict[str, object]:
    about: object = "every customer"
    if wallet := _wallet(scope):
        about = wallet
    elif scope["user_id"]:
        about = User.all_objects.filter(pk=scope["user_id"]).first()
    elif scope["tier"]:
        about = f"every customer of tier {scope['tier']}"
    window = scope["window"]
    return {
        "About": about,
        "Operations": scope["type"] or "all that customers can order",
        "Currency": scope["currency"] or "all, in the reporting currency",
        "In": "each by itself" if window == OPERATION else f"the last {window}",
    }


def _left(user_id: UUID | None) -> dict[str, object]:
    """What is left of each rule that applies to a customer; nothing for many."""
    if user_id is None:
        return {}
    try:
        return dict(left_of(user_id))
    except RateUnavailable as unavailable:
        return {"What is left": f"not known: {unavailable.detail}"}
    except Refusal as refusal:
        return {"What is left": refusal.detail}


def left_of(user_id: UUID) -> Iterator[tuple[str, object]]:
    """What is left of each rule that applies to the user, by what it is about.

    :raises Refusal: they are gone, or it cannot be reckoned.
    """
    for room in headrooms(user_id):
        rule = room.rule
        name = f"{rule.type or 'all operations'}, {rule.currency or 'all currencies'}"
        yield f"Left per {rule.window}: {name}", _left_in_words(room)


def _left_in_words(room: Headroom) -> str:
    words = []
    if room.amount is not None:
        words.append(f"{room.amount} of {room.rule.limit}")
    if room.count is not None:
        words.append(f"{room.count} of {room.rule.max_count} operations")
    return " and ".join(words)
