"""The product in the words of the model: what it is asked, and what it says."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from fx.models import Rate
from tests import domain
from tests.model.prices import DIGITS, RATES, Policy
from transactions import queries
from transactions.models import Side
from transactions.postings import Held, Posted
from transactions.queries import HistoryFilter
from wallets.models import Status, Wallet


def text(units: int, currency: str) -> str:
    return f"{Decimal(units).scaleb(-DIGITS[currency])} {currency}"


def whole(amount: Decimal, currency: str) -> int:
    """As so many of the smallest unit; nothing is ever a part of one."""
    units = amount.scaleb(DIGITS[currency])
    assert units == int(units), amount
    return int(units)


def document(policy: Policy) -> dict[str, Any]:
    """The policy as the product takes it."""
    narrower = [
        {"currency": code, "bps": bps} for code, bps in policy.spreads.items() if code
    ]
    rules = []
    for (operation, code), fee in policy.fees.items():
        said = {"operation": operation, "bps": str(fee.bps)}
        if code is not None:
            most = {} if fee.maximum is None else {"maximum": fee.maximum}
            units = {"fixed": fee.fixed, "minimum": fee.minimum} | most
            said |= {name: text(one, code).split()[0] for name, one in units.items()}
            said["currency"] = code
        rules.append(said)
    return {
        "spread_bps": policy.spreads[None],
        "spreads": narrower,
        "fees": rules,
        "locks": {lock: str(bps) for lock, bps in policy.premiums.items()},
    }


def publish_market_rates() -> None:
    for quote, (bid, ask) in RATES.items():
        if quote != "EUR":
            now = timezone.now()
            Rate.objects.create(
                provider="ecb",
                base="EUR",
                quote=quote,
                bid=Decimal(bid),
                ask=Decimal(ask),
                as_of=now,
                fetched_at=now,
            )


class Told:
    """What the product says of everything, in the words of the model."""

    def __init__(self, names: dict[Any, str]) -> None:
        self.names = names

    def entries(self, posted: Posted) -> list[tuple[str, str, int, int, int]]:
        """Those of customers."""
        return [
            (
                self.names[entry.wallet.owner_id],
                entry.currency,
                whole(entry.amount, entry.currency)
                * (1 if entry.side == Side.CREDIT else -1),
                whole(entry.balance_after, entry.currency),
                entry.wallet_version,
            )
            for entry in posted.entries
            if entry.wallet.owner_id is not None
        ]

    def movement(self, posted: Posted) -> tuple[object, ...]:
        fee = posted.transaction.fee
        [code] = {e.currency for e in posted.entries[:1]}
        return posted.transaction.type, whole(fee, code), self.entries(posted)

    def hold(self, held: Held) -> tuple[object, ...]:
        hold = held.hold
        amounts = hold.amount, hold.fee, hold.captured
        return (hold.status, *(whole(amount, hold.currency) for amount in amounts))

    def wallets(self) -> dict[tuple[str, str], tuple[object, ...]]:
        return {
            (self.names[wallet.owner_id], wallet.currency_id): (
                *(
                    whole(amount, wallet.currency_id)
                    for amount in (wallet.balance, wallet.held, wallet.available)
                ),
                wallet.version,
                wallet.status == Status.FROZEN,
            )
            for wallet in Wallet.objects.exclude(owner=None)
        }

    def house(self) -> dict[tuple[str, str], int]:
        held = {}
        for account, amount in domain.house().items():
            purpose, code = account.split()
            held[purpose, code] = whole(Decimal(amount), code)
        return {account: units for account, units in held.items() if units}

    def headrooms(self, user: Any) -> dict[Any, tuple[object, ...]]:
        return {
            left.rule.id: (
                None
                if left.amount is None
                else whole(left.amount.amount, left.amount.currency.code),
                left.count,
            )
            for left in queries.headrooms(user.id)
        }

    def history(
        self, user: Any, limit: int
    ) -> list[tuple[str, list[tuple[object, ...]]]]:
        """The newest first, with the user's own entries."""
        posted = queries.user_history(
            user.id, HistoryFilter(), before=None, limit=limit
        )
        name = self.names[user.id]
        return [
            (one.transaction.type, [e for e in self.entries(one) if e[0] == name])
            for one in posted
        ]
