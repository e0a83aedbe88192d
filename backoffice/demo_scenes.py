"""Scenes of the demo world: one of everything that customers and staff can do.

Each is played once, in the order of `SCENES`: its last step has an idempotency key of
the scene's name, or it looks whether what it makes is there. One that was broken off is
played again from its beginning, and its steps under their keys do nothing twice.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from fx.models import PricingPolicy
from fx.services import cancel_quote, publish_policy
from paymentprocessor.api.errors import Refusal
from transactions import services
from transactions.models import FixedSide, IdempotencyKey, PositionLimit, Side
from transactions.postings import Instruction
from users.acts import Actor
from users.models import User
from wallets.models import Limit, Wallet
from wallets.services import Scope, freeze_wallet, set_limit, update_user

REASON = "For the demo."
# On top of what is there from the start; customers of the standard tier see no change.
POLICY = {
    "spreads": [
        {"bps": "45"},
        {"bps": "20", "tier": "business"},
        {"bps": "12", "from_currency": "USD", "tier": "business", "at_least": "1000"},
    ],
    "locks": {"30s": "0", "5m": "2", "1h": "8", "24h": "40"},
    "bounds": {"USD": {"maximum": "1000000"}},
    "fees": [
        {"operation": "withdrawal", "tier": "business", "currency": "USD",
         "fixed": "0.50", "bps": "10", "maximum": "25"},
        {"operation": "transfer", "tier": "business", "bps": "5"},
        {"operation": "capture", "tier": "business", "bps": "15"},
    ],
}  # fmt: skip
_D = Decimal


@dataclass(frozen=True)
class Stage:
    """Who plays: a company, one of its clients, Bob, and the member of staff."""

    seed: int
    company: UUID
    client: UUID
    bob: UUID
    staff: UUID

    @classmethod
    def of(cls, seed: int, customers: list[User], staff: User) -> "Stage":
        ids = [customer.id for customer in customers]
        return cls(seed, ids[2 % len(ids)], ids[3 % len(ids)], ids[1], staff.id)

    def key(self, name: str) -> str:
        return f"demo-{self.seed}-{name}"

    def words(self, name: str, description: str) -> Instruction:
        key = self.key(name)
        return Instruction(idempotency_key=key, reference=key, description=description)

    def by_staff(self, name: str, reason: str) -> Instruction:
        key = self.key(name)
        return Instruction(idempotency_key=key, staff_id=self.staff, description=reason)

    @property
    def actor(self) -> Actor:
        return Actor(self.staff, REASON)


def play(stage: Stage) -> Iterator[tuple[str, str]]:
    """Play the scenes that were not; yields the name of each, and the code of the
    refusal if it was refused."""
    for scene in SCENES:
        name = scene.__name__.strip("_")
        if IdempotencyKey.objects.filter(key=stage.key(name)).exists():
            continue
        try:
            scene(stage)
        except Refusal as refusal:
            yield name, refusal.code
        else:
            yield name, ""


def _tariff(stage: Stage) -> None:
    if User.objects.get(pk=stage.company).tier != "business":
        update_user(stage.company, {"tier": "business"}, actor=stage.actor)
    if not PricingPolicy.objects.filter(reason=REASON).exists():
        publish_policy(POLICY, reason=REASON, actor=stage.actor)


def _limits(stage: Stage) -> None:
    if not Limit.objects.filter(user_id=stage.client).exists():
        day = Scope("day", user_id=stage.client, type="withdrawal", currency="USD")
        set_limit(
            day, max_amount=_D(400), max_count=5, reason=REASON, actor=stage.actor
        )
        set_limit(
            Scope("month", user_id=stage.client),
            max_amount=_D(50_000),
            max_count=None,
            reason=REASON,
            actor=stage.actor,
        )
    if not PositionLimit.objects.filter(currency="EUR").exists():
        services.set_position_limit(
            "EUR",
            soft=_D(100_000),
            hard=_D(500_000),
            widen_bps=_D(10),
            actor=stage.actor,
            now=timezone.now(),
        )


def _quotes(stage: Stage) -> None:
    def ask(amount: int, lock: str) -> UUID:
        order = "USD", "EUR", _D(amount), FixedSide.SOURCE, lock
        return services.quote(stage.company, *order).id

    ask(150, "24h")
    cancel_quote(ask(75, "1h"), stage.company)
    words = stage.words("quotes", "Invoice from Lisbon, at a quote")
    services.convert_at_quote(words, stage.company, ask(250, "5m"))


def _payment(stage: Stage) -> None:
    words = stage.words("payment", "Rent, out of whichever wallets cost least")
    services.pay(words, stage.company, "GBP", _D(120), stage.bob, now=timezone.now())


def _hold(
    stage: Stage, name: str, amount: int, *, lasts: timedelta | None = None
) -> UUID:
    now = timezone.now()
    placed = services.place_hold(
        stage.words(name, "Hotel, on arrival"),
        stage.company,
        "USD",
        _D(amount),
        stage.bob,
        expires_at=now + lasts if lasts else None,
        now=now,
    )
    return placed.hold.id


def _hold_active(stage: Stage) -> None:
    _hold(stage, "hold_active", 60, lasts=timedelta(days=30))


def _hold_captured(stage: Stage) -> None:
    hold_id = _hold(stage, "hold_captured-0", 45)
    first = stage.words("hold_captured-1", "First night")
    services.capture_hold(first, hold_id, _D(20))
    services.capture_hold(stage.words("hold_captured", "Second night"), hold_id)


def _hold_partially_captured(stage: Stage) -> None:
    hold_id = _hold(stage, "hold_partially_captured-0", 80)
    words = stage.words("hold_partially_captured", "Left a day early")
    services.capture_hold(words, hold_id, _D(55), final=True)


def _hold_voided(stage: Stage) -> None:
    hold_id = _hold(stage, "hold_voided-0", 30)
    words = stage.by_staff("hold_voided", "The guest did not come.")
    services.void_hold(words, hold_id, actor=stage.actor)


def _hold_expired(stage: Stage) -> None:
    soon = timedelta(milliseconds=200)
    _hold(stage, "hold_expired", 25, lasts=soon)
    time.sleep(soon.total_seconds())
    services.expire_holds()


def _hold_converting(stage: Stage) -> None:
    placed = services.place_converting_hold(
        stage.words("hold_converting-0", "Tickets, in euros"),
        stage.company,
        "USD",
        _D(90),
        "EUR",
        stage.bob,
        now=timezone.now(),
    )
    words = stage.words("hold_converting", "The first of them")
    services.capture_hold(words, placed.hold.id, _D(30))


def _undone(stage: Stage) -> None:
    paid = [
        services.transfer(
            stage.words(f"undone-{number}", "Concert tickets"),
            stage.company,
            "USD",
            _D(40),
            stage.bob,
        )
        for number in range(2)
    ]
    half = stage.by_staff("undone-refund", "One seat was not free.")
    services.refund(half, paid[0].transaction.id, _D(20))
    words = stage.by_staff("undone", "Paid twice.")
    services.reverse(words, paid[1].transaction.id, now=timezone.now())


def _adjustment(stage: Stage) -> None:
    words = stage.by_staff("adjustment", "A deposit that the bank told of too late.")
    services.adjust(words, stage.client, "USD", _D(15), Side.CREDIT)


def _hedge(stage: Stage) -> None:
    words = stage.by_staff("hedge", "Euros for the week.")
    order = "USD", _D(1_100), "EUR", _D(1_000), "Example Bank"
    services.record_hedge(words, *order, actor=stage.actor)


def _frozen(stage: Stage) -> None:
    services.fund(stage.words("frozen-0", "Sale"), stage.client, "CHF", _D(250))
    wallet = Wallet.objects.get(owner=stage.client, currency="CHF")
    freeze_wallet(wallet.id, actor=stage.actor)
    words = stage.words("frozen", "Refused, since the wallet is frozen")
    services.withdraw(words, stage.client, "CHF", _D(50))


SCENES: tuple[Callable[[Stage], None], ...] = (
    _tariff, _limits, _quotes, _payment, _hold_active, _hold_captured,
    _hold_partially_captured, _hold_voided, _hold_expired, _hold_converting, _undone,
    _adjustment, _hedge, _frozen,
)  # fmt: skip
