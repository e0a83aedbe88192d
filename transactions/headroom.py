"""What is left of a limit, in figures and in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from fx.money import EXACT, Money
from transactions.errors import LimitExceeded
from transactions.reckoning import Reckoner
from transactions.series import NOTHING, Scope, Tally, Use
from wallets.limits import OPERATION, LimitRule
from wallets.models import LimitType, Wallet

_IN_WORDS = {
    "operation": "in one operation",
    "day": "in 24 hours",
    "week": "in 7 days",
    "month": "in 30 days",
}


@dataclass(frozen=True)
class Headroom:
    """A rule, and how much of it is used."""

    rule: LimitRule
    used: Use = NOTHING

    @property
    def amount(self) -> Money | None:
        """How much more may be moved; None where amounts are not limited."""
        limit = self.rule.limit
        if limit is None:
            return None
        left = EXACT.subtract(limit.amount, self.used.amount)
        return Money(max(left, Decimal(0)), limit.currency)

    @property
    def count(self) -> int | None:
        """How many more operations there may be; None where they are not limited."""
        if self.rule.max_count is None:
            return None
        return max(self.rule.max_count - self.used.count, 0)

    def check(self, worth: Decimal) -> None:
        """Whether one more operation of that worth, in the rule's unit, has room.

        :raises LimitExceeded:
        """
        limit, left = self.rule.limit, self.amount
        window = _IN_WORDS[self.rule.window]
        if limit is not None and left is not None and worth > left.amount:
            raise LimitExceeded(
                f"At most {limit} may be moved {window}; {left} is left of that, and "
                f"this takes {Money(worth, limit.currency)}.",
                limit,
                left,
                used=Money(self.used.amount, limit.currency).text,
                rule=self.rule.members(),
            )
        most = self.rule.max_count
        if most is not None and self.count == 0:
            raise LimitExceeded(
                f"At most {most} operations may be done {window}, and none is left.",
                most,
                0,
                used=self.used.count,
                rule=self.rule.members(),
            )


def headroom(
    rule: LimitRule, tally: Tally, wallets: Iterable[Wallet], reckoner: Reckoner
) -> Headroom:
    """What is left of a rule that looks back, for the owner of these wallets.

    What is held counts as used wherever captures do: it was promised, and a capture is
    never refused.

    :raises RateUnavailable: what is held cannot be reckoned in the rule's unit.
    """
    assert rule.window != OPERATION, "such a rule has no series"
    used = tally.used(rule.window)
    held = held_in(tally.scope, wallets, reckoner)
    return Headroom(rule, Use(EXACT.add(used.amount, held), used.count))


def held_in(scope: Scope, wallets: Iterable[Wallet], reckoner: Reckoner) -> Decimal:
    """What these wallets hold for captures of that scope, in its unit."""
    total = Decimal(0)
    if scope.type not in ("", LimitType.CAPTURE):
        return total
    for wallet in wallets:
        if scope.user_id == wallet.owner_id and scope.currency in (
            "",
            wallet.currency_id,
        ):
            worth = reckoner.worth(wallet.held, wallet.currency_id, scope.unit)
            total = EXACT.add(total, worth)
    return total
