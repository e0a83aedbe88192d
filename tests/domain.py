"""Helpers that speak of money, so that tests read as what they mean."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db import transaction as db_transaction
from django.utils import timezone

from fx.models import PricingPolicy, Quote, Rate
from fx.money import Money
from tests.factories import StaffFactory
from transactions import queries, services, treasury_answers
from transactions.models import FixedSide, PositionBook, PositionLimit, Side
from transactions.postings import Held, Instruction, Posted
from transactions.queries.position_limits import forget_limits
from users.acts import Actor
from users.models import User
from wallets.models import Limit, Wallet
from wallets.queries import wallets_of
from wallets.services import Scope, set_limit

# One euro in other currencies, round enough to reckon by hand.
EURO_RATES = {
    "USD": "1.25",
    "GBP": "0.8",
    "MXN": "20",
    "JPY": "150",
    "KWD": "0.4",
    "CLF": "0.03",
}


def publish_rates(
    rates: dict[str, str] = EURO_RATES, *, age: timedelta = timedelta(hours=1)
) -> dict[str, Rate]:
    """Rates of the euro, published so long ago."""
    now = timezone.now()
    return {
        quote: Rate.objects.create(
            provider="ecb",
            base="EUR",
            quote=quote,
            bid=Decimal(value),
            ask=Decimal(value),
            as_of=now - age,
            fetched_at=now,
        )
        for quote, value in rates.items()
    }


def charge(
    spread_bps: str = "0",
    *,
    spreads: Sequence[dict[str, str]] = (),
    fees: Sequence[dict[str, str]] = (),
    **document: Any,
) -> PricingPolicy:
    """Put a policy in force: that spread, unless a rule of `spreads` fits better."""
    newest = PricingPolicy.objects.first()
    return PricingPolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        document={
            "spreads": [{"bps": spread_bps}, *spreads],
            "fees": list(fees),
            **document,
        },
        effective_at=timezone.now(),
        reason="A test.",
    )


def _split(money: str) -> tuple[str, Decimal]:
    """`"100.00 USD"` as a currency code and an amount."""
    amount, code = money.split()
    return code, Decimal(amount)


def fund(user: User, money: str, **words: object) -> Posted:
    return services.fund(Instruction(**words), user.id, *_split(money))


def withdraw(user: User, money: str, **words: object) -> Posted:
    return services.withdraw(Instruction(**words), user.id, *_split(money))


def transfer(user: User, money: str, *, to: User, **words: object) -> Posted:
    return services.transfer(Instruction(**words), user.id, *_split(money), to.id)


def convert(user: User, money: str, *, to: str, **words: object) -> Posted:
    """Sell `money` for the currency `to`."""
    code, amount = _split(money)
    return services.convert(
        Instruction(**words), user.id, code, to, amount, now=timezone.now()
    )


def buy(user: User, money: str, *, with_: str, **words: object) -> Posted:
    """Buy exactly `money` with the currency `with_`."""
    code, amount = _split(money)
    return services.convert(
        Instruction(**words),
        user.id,
        with_,
        code,
        amount,
        FixedSide.TARGET,
        now=timezone.now(),
    )


def promise(user: User, money: str, *, to: str, lock: str = "5m") -> Quote:
    """A quote for selling `money`, which `convert_at` uses."""
    code, amount = _split(money)
    return services.quote(user.id, code, to, amount, FixedSide.SOURCE, lock)


def convert_at(user: User, quote: Quote, **words: object) -> Posted:
    return services.convert_at_quote(Instruction(**words), user.id, quote.id)


def pay(
    user: User, money: str, sources: Sequence[str], *, to: User, **words: object
) -> Posted:
    """Pay `money` out of the wallets in those currencies, one after another."""
    code, amount = _split(money)
    return services.pay(
        Instruction(**words),
        user.id,
        code,
        amount,
        to.id,
        sources,
        now=timezone.now(),
    )


def adjust(user: User, money: str, side: Side, **words: object) -> Posted:
    """Put `money` right on that side of the user's wallet."""
    return services.adjust(Instruction(**words), user.id, *_split(money), side)


def holdings(user: User, *, at: datetime | None = None) -> dict[str, str]:
    """What the user holds, leaving out empty wallets: `{"USD": "60.00"}`."""
    held: list[Money] = queries.balances(user.id, at=at)
    return {money.currency.code: money.text for money in held if money.amount}


def house(*, at: datetime | None = None) -> dict[str, str]:
    """What each house account holds: debits for cash, credits for the others."""
    held = {}
    for currency in queries.trial_balance(at=at):
        for total in currency.totals:
            if total.purpose == "customer":
                continue
            balance = total.credits - total.debits
            if total.purpose == "cash":
                balance = total.debits - total.credits
            held[f"{total.purpose} {currency.currency}"] = balance.text
    return held


def reverse(posted: Posted, **words: object) -> Posted:
    return services.reverse(
        Instruction(**words), posted.transaction.id, now=timezone.now()
    )


def refund(posted: Posted, amount: str, **words: object) -> Posted:
    return services.refund(Instruction(**words), posted.transaction.id, Decimal(amount))


def at_most(
    most: str | None = None,
    *,
    per: str,
    count: int | None = None,
    user: User | None = None,
    wallet: Wallet | None = None,
    tier: str = "",
    type: str = "",  # noqa: A002 the field's name
    currency: str = "",
) -> Limit:
    """Limit somebody, or everybody, to `"100.00 USD"`, or to `"100.00"` in all.

    Without an amount, to a number of operations, in a currency or in all.
    """
    amount, _, code = (most or "").partition(" ")
    return set_limit(
        Scope(
            window=per,
            user_id=user and user.id,
            wallet_id=wallet and wallet.id,
            tier=tier,
            type=type,
            currency=currency or code,
        ),
        max_amount=Decimal(amount) if amount else None,
        max_count=count,
        reason="A test.",
    )


def hold(
    user: User, money: str, *, to: User | None = None, days: float = 7, **words: object
) -> Held:
    """Promise `money` to another user or, without one, to the house's cash."""
    now = timezone.now()
    return services.place_hold(
        Instruction(**words),
        user.id,
        *_split(money),
        to.id if to else None,
        expires_at=now + timedelta(days=days),
        now=now,
    )


def hold_converting(
    user: User,
    money: str,
    *,
    into: str,
    to: User | None = None,
    lasts: timedelta = timedelta(days=7),
    **words: object,
) -> Held:
    """Promise `money`, to be paid in the currency `into`."""
    now = timezone.now()
    return services.place_converting_hold(
        Instruction(**words),
        user.id,
        *_split(money),
        into,
        to.id if to else None,
        expires_at=now + lasts,
        now=now,
    )


def hold_at(
    user: User,
    quote: Quote,
    *,
    to: User | None = None,
    lasts: timedelta = timedelta(days=7),
    **words: object,
) -> Held:
    """Promise what the quote says, at its price."""
    now = timezone.now()
    return services.place_hold_at_quote(
        Instruction(**words),
        user.id,
        quote.id,
        to.id if to else None,
        expires_at=now + lasts,
        now=now,
    )


def capture(
    held: Held, amount: str | None = None, *, final: bool = False, **words: object
) -> Posted:
    part = None if amount is None else Decimal(amount)
    return services.capture_hold(Instruction(**words), held.hold.id, part, final=final)


def void(held: Held, **words: object) -> Held:
    return services.void_hold(Instruction(**words), held.hold.id)


def run_out(held: Held) -> None:
    """Let the hold's time be up, which the laws would not let anybody do."""
    with db_transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        law = "TRIGGER transactions_hold_goes_forward"
        cursor.execute(f"ALTER TABLE transactions_hold DISABLE {law}")
        cursor.execute(
            "UPDATE transactions_hold SET expires_at = statement_timestamp()"
            " WHERE id = %s",
            [held.hold.id],
        )
        cursor.execute(f"ALTER TABLE transactions_hold ENABLE ALWAYS {law}")


def reserved(user: User) -> dict[str, tuple[str, str]]:
    """What is held and what is available: `{"USD": ("40.00", "60.00")}`."""
    return {
        wallet.currency_id: (
            wallet.money(wallet.held).text,
            wallet.money(wallet.available).text,
        )
        for wallet in wallets_of(user.id)
    }


def hedge(sold: str, *, for_: str, **words: object) -> Posted:
    """The house sells `sold` to the market for the money `for_`."""
    words = {"description": "less risk", **words}
    return services.record_hedge(
        Instruction(**words), *_split(sold), *_split(for_), counterparty="A bank"
    )


def position(
    currency: str, *figures: str, at: datetime | None = None
) -> tuple[str | None, ...]:
    """Figures of one position as the API tells them, now or then."""
    told = treasury_answers.positions(queries.positions(at=at, now=timezone.now()))
    [one] = [row for row in told["positions"] if row["currency"] == currency]
    return tuple(one[figure] for figure in figures)


def results(*, at: datetime | None = None) -> tuple[str | None, str | None]:
    """All that the house's positions have realised, and have not yet."""
    told = treasury_answers.positions(queries.positions(at=at, now=timezone.now()))
    return told["realised"], told["unrealised"]


def book() -> None:
    """Write the positions' book on, up to this moment."""
    now = timezone.now()
    while not PositionBook.objects.filter(booked_until__gt=now).exists():
        # Somebody else's transaction on this server may still be at work.
        services.book_positions(slack=timedelta(0))


def limit(
    currency: str,
    soft: str | None = None,
    hard: str | None = None,
    widen_bps: str = "0",
    **more: Any,
) -> PositionLimit:
    """Limit a position, from now on unless an instant is given."""
    set_ = services.set_position_limit(
        currency,
        soft=None if soft is None else Decimal(soft),
        hard=None if hard is None else Decimal(hard),
        widen_bps=Decimal(widen_bps),
        actor=Actor(StaffFactory().pk, "quiet markets"),
        now=timezone.now(),
        **more,
    )
    forget_limits()
    return set_
