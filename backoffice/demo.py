"""Demo data: a small world of customers whose money moves, the same for the same seed.

Every movement goes through the services, under an idempotency key of its own number. So
seeding again adds only what is missing, and one that was broken off goes on.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from fx.money import Denomination, floor_to_scale
from fx.queries import find_currency
from paymentprocessor.api.errors import Refusal
from transactions import services
from transactions.models import IdempotencyKey
from transactions.postings import Instruction
from users.models import User
from wallets.services import create_user

_FIRST_NAMES = (
    *("Alice", "Bob", "Carmen", "Dmitri", "Eszter", "Farid", "Greta", "Hiroshi"),
    *("Ines", "Jonas", "Keiko", "Lars", "Marta", "Nikos", "Olga", "Paulo"),
    *("Rosa", "Sven", "Tomás", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe"),
)
_LAST_NAMES = (
    *("Almeida", "Berg", "Costa", "Dvořák", "Eriksen", "Fischer", "García"),
    *("Horváth", "Ibrahim", "Jansen", "Kowalska", "Lindqvist", "Moreau", "Novak"),
    *("Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka"),
)
_REASONS = {
    "fund": ["Salary", "Top-up by card", "Bank transfer in", "Sale proceeds"],
    "withdraw": ["To my bank account", "Cash at the machine", "Card bill"],
    "transfer": ["Rent", "Dinner on Friday", "Concert tickets", "Shared taxi"],
    "convert": ["Holiday money", "Invoice from abroad", "Savings"],
}
# How often each happens, and roughly what one unit of a currency is in dollars.
_KINDS = {"fund": 3, "convert": 3, "transfer": 3, "withdraw": 1}
_UNITS_PER_DOLLAR = {
    "USD": Decimal(1),
    "EUR": Decimal("0.9"),
    "GBP": Decimal("0.8"),
    "MXN": Decimal(18),
    "JPY": Decimal(150),
    "PLN": Decimal("3.8"),
    "INR": Decimal(85),
    "BRL": Decimal("5.5"),
}


@dataclass(frozen=True)
class World:
    """The customers of one seed; the first two are Alice and Bob, in every world."""

    seed: int
    customers: list[User]


def populate(seed: int, users: int) -> World:
    """Find or make the customers. Alice and Bob are called so by `external_id`."""
    names = [_external_id(seed, number) for number in range(users)]
    known = {
        user.external_id: user for user in User.objects.filter(external_id__in=names)
    }
    for number, external_id in enumerate(names):
        if external_id not in known:
            known[external_id] = _make_customer(seed, number, external_id)
    return World(seed, [known[external_id] for external_id in names])


def _external_id(seed: int, number: int) -> str:
    return ("alice", "bob")[number] if number < 2 else f"demo-{seed}-{number}"


def _make_customer(seed: int, number: int, external_id: str) -> User:
    rng = random.Random(f"{seed}:user:{number}")  # noqa: S311 demo data
    first = _FIRST_NAMES[number] if number < 2 else rng.choice(_FIRST_NAMES[2:])
    name = f"{first} {rng.choice(_LAST_NAMES)}"
    user = create_user(
        external_id=external_id, name=name, email=f"{external_id}@example.com"
    )
    amount = Decimal(rng.randint(2_000, 20_000))
    key = f"demo-{seed}-opening-{number}"
    words = Instruction(idempotency_key=key, description="Opening balance")
    services.fund(words, user.id, settings.DEFAULT_CURRENCY, amount)
    return user


def move_money(
    world: World, transactions: int, now: datetime
) -> Iterator[tuple[str, str]]:
    """Make the movements that are missing.

    Yields the kind of each, and the code of the refusal if it was refused just now.
    """
    prefix = f"demo-{world.seed}-"
    done = set(
        IdempotencyKey.objects.filter(key__startswith=prefix).values_list(
            "key", flat=True
        )
    )
    for number in range(transactions):
        rng = random.Random(f"{world.seed}:{number}")  # noqa: S311 demo data
        [kind] = rng.choices(list(_KINDS), weights=list(_KINDS.values()))
        key = f"{prefix}{number}"
        refusal = ""
        if key not in done:
            words = Instruction(
                idempotency_key=key,
                reference=key,
                description=rng.choice(_REASONS[kind]),
                metadata={"channel": rng.choice(["app", "web", "branch"])},
            )
            refusal = _move(kind, world, words, rng, now)
        yield kind, refusal


def _move(
    kind: str, world: World, words: Instruction, rng: random.Random, now: datetime
) -> str:
    """Move money once; returns the code of the refusal, if it was refused."""
    user, other = rng.sample(world.customers, 2)
    currency, wanted = rng.sample(list(_UNITS_PER_DOLLAR), 2)
    # Mostly dollars, which everybody has; what somebody lacks is refused, as in life.
    if kind != "fund" and rng.random() < 0.7:
        currency, wanted = (
            "USD",
            rng.choice([c for c in _UNITS_PER_DOLLAR if c != "USD"]),
        )
    amount = _amount(find_currency(currency).denomination, rng)
    moves: dict[str, Callable[[], object]] = {
        "fund": lambda: services.fund(words, user.id, currency, amount),
        "withdraw": lambda: services.withdraw(words, user.id, currency, amount),
        "transfer": lambda: services.transfer(
            words, user.id, currency, amount, other.id
        ),
        "convert": lambda: services.convert(
            words, user.id, currency, wanted, amount, now=now
        ),
    }
    try:
        moves[kind]()
    except Refusal as refusal:
        # Mostly remembered under its key, and then it is not tried again either.
        return refusal.code
    return ""


def _amount(unit: Denomination, rng: random.Random) -> Decimal:
    dollars = Decimal(rng.randint(500, 60_000)) / 100
    return floor_to_scale(dollars * _UNITS_PER_DOLLAR[unit.code], unit.exponent)
