"""What the demo's staff ask of each other: some is done, some refused, some waits.

Each is asked for once, and known by its reason. What waits is asked for again when it
has expired, so that there is always something to decide.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.utils import timezone

from backoffice import services
from backoffice.demo_scenes import POLICY, Stage
from backoffice.models import ApprovalRequest, Decision
from paymentprocessor.api.errors import Refusal
from transactions.services import fund, transfer
from users.acts import Actor
from users.models import User
from users.rights import rights_of

# Two ask, a third asks for limits, and one decides.
ROLES = ("support", "treasury", "compliance", "approver")
_LIMIT = {"user_id": None, "wallet_id": None, "tier": "", "currency": "USD"}


@dataclass(frozen=True)
class _Wanted:
    """What is asked for, by whom, why, and what the other one says to it."""

    kind: str
    by: str
    reason: str
    payload: Callable[[Stage], dict[str, Any]]
    end: Decision = Decision.PENDING
    customer: Callable[[Stage], UUID | None] = lambda _: None
    # Something that happens before it is decided.
    meanwhile: Callable[[Stage], object] = lambda _: None


def ensure_staff(admin: User) -> None:
    """Somebody in each of some roles, with the admin's password."""
    for role in ROLES:
        username = f"demo-{role}"
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User.objects.create_user(
                username, is_staff=True, name=f"Demo {role}"
            )
            user.groups.add(Group.objects.get(name=role))
        if user.password != admin.password:
            user.password = admin.password
            user.save(update_fields=["password"])


def ask_and_decide(stage: Stage) -> Iterator[tuple[str, str]]:
    """Ask for what was not, and decide it; yields the kind of each, and the code of the
    refusal if it was refused."""
    for wanted in _WANTED:
        try:
            _play(wanted, stage, timezone.now())
        except Refusal as refusal:
            yield wanted.kind, refusal.code
        else:
            yield wanted.kind, ""


def _play(wanted: _Wanted, stage: Stage, now: datetime) -> None:
    asked = _asked_before(wanted, stage, now) or services.request_approval(
        wanted.kind,
        wanted.payload(stage),
        customer_id=wanted.customer(stage),
        actor=_actor(wanted.by, _reason(wanted, stage)),
        now=now,
    )
    decides = _actor("demo-approver", "I looked at it.")
    if asked.decision == Decision.PENDING and wanted.end == Decision.REJECTED:
        services.reject(asked.pk, actor=decides, now=now)
    elif asked.decision == Decision.PENDING and wanted.end == Decision.APPROVED:
        wanted.meanwhile(stage)
        seen = bytes(asked.digest)
        asked = services.approve(asked.pk, seen, actor=decides, now=now)
    if asked.decision == Decision.APPROVED:
        services.carry_out_approved(asked.pk, actor=decides, now=now)


def _asked_before(
    wanted: _Wanted, stage: Stage, now: datetime
) -> ApprovalRequest | None:
    known = ApprovalRequest.objects.filter(
        kind=wanted.kind, reason=_reason(wanted, stage)
    )
    return known.exclude(decision=Decision.PENDING, expires_at__lte=now).first()


def _reason(wanted: _Wanted, stage: Stage) -> str:
    return wanted.reason if stage.seed == 1 else f"{wanted.reason} ({stage.seed})"


def _actor(username: str, reason: str) -> Actor:
    return Actor(User.objects.get(username=username).pk, reason)


def _wrong_payment(stage: Stage) -> dict[str, Any]:
    words = stage.words("wrong_payment", "Deposit for a flat")
    paid = transfer(words, stage.company, "USD", Decimal(65), stage.bob)
    return {"transaction_id": str(paid.transaction.pk)}


def _adjustment(amount: str) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: {
        "user_id": str(stage.client),
        "currency": "USD",
        "amount": amount,
        "side": "credit",
    }


def _salary(stage: Stage) -> object:
    words = stage.words("salary", "Salary, while somebody thought about it")
    return fund(words, stage.client, "USD", Decimal(900))


def _cheaper(_stage: Stage) -> dict[str, Any]:
    spreads = [
        rule | {"bps": "15"} if rule == {"bps": "20", "tier": "business"} else rule
        for rule in POLICY["spreads"]
    ]
    return {"document": POLICY | {"spreads": spreads}, "effective_at": None}


def _second_role(_stage: Stage) -> dict[str, Any]:
    support = User.objects.get(username="demo-support")
    has = rights_of(support)
    return {
        "user_id": str(support.pk),
        "roles": sorted({*has.roles, "compliance"}),
        "is_staff": True,
        "is_superuser": False,
    }


def _limit(tier: str, amount: str) -> Callable[[Stage], dict[str, Any]]:
    rule = {"window": "day", "type": "withdrawal", "max_count": None}
    return lambda _: _LIMIT | rule | {"tier": tier, "max_amount": amount}


_WANTED = (
    _Wanted(
        "reversal", "demo-support", "It went to the wrong person.", _wrong_payment,
        Decision.APPROVED, lambda stage: stage.company,
    ),
    _Wanted(
        "adjustment", "demo-support", "The bank told of a deposit twice.",
        _adjustment("30.00"), Decision.APPROVED, lambda stage: stage.client, _salary,
    ),
    _Wanted(
        "limit", "demo-compliance", "Companies move more than people.",
        _limit("business", "50000.00"), Decision.APPROVED,
    ),
    _Wanted(
        "position_limit", "demo-treasury", "Pounds are quiet.",
        lambda _: {"currency": "GBP", "soft": "900000", "hard": "2000000",
                   "widen_bps": "5", "effective_at": None},
        Decision.REJECTED,
    ),
    _Wanted(
        "adjustment", "demo-support", "A fee was charged that was not due.",
        _adjustment("12.50"), customer=lambda stage: stage.client,
    ),
    _Wanted(
        "limit", "demo-compliance", "More than anybody here withdraws in a day.",
        _limit("", "100000.00"),
    ),
    _Wanted(
        "pricing_policy", "demo-treasury", "Keep companies that would leave.", _cheaper
    ),
    _Wanted(
        "rights", "admin", "Stands in while compliance is on holiday.", _second_role,
        customer=lambda _: User.objects.get(username="demo-support").pk,
    ),
)  # fmt: skip
