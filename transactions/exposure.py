"""What a conversion does to the positions of the house, and how far it may go.

On the customer's path, so nothing is locked: a limit holds for what is committed, and
conversions at the same moment may go beyond it together, by as much as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fx.money import EXACT, Denomination, Money
from fx.pricing import Price
from transactions.errors import LimitExceeded
from transactions.models import PositionLimit
from transactions.queries.position_limits import limits_lately, positions_now
from wallets.models import Purpose, house_account_id
from webhooks.services import record_event

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Exposure:
    """The two positions that a conversion moves, as far as they have limits.

    The house gets longer in the source, and shorter in the target.
    """

    source: str
    target: str
    limits: dict[str, PositionLimit]
    positions: dict[str, Decimal]

    @property
    def widening(self) -> Decimal:
        """The basis points to add to the spread: of each position past its soft limit
        that the conversion takes still further."""
        further = {self.source: 1, self.target: -1}
        return sum(
            (
                limit.widen_bps
                for code, limit in self.limits.items()
                if limit.soft is not None
                and EXACT.multiply(self.positions[code], Decimal(further[code]))
                >= limit.soft
            ),
            _ZERO,
        )

    def check(self, price: Price) -> None:
        """The price keeps to the hard limits.

        What brings a position nearer to zero is always welcome, however far it is.

        :raises LimitExceeded:
        """
        for unit, limit, before, after in self._further(price):
            if limit.hard is not None and after.copy_abs() > limit.hard:
                raise _beyond(limit.hard, unit, before, after)

    def tell(self, price: Price) -> None:
        """Write an event for each soft limit that is passed; needs a transaction."""
        for unit, limit, before, after in self._further(price):
            if limit.soft is None:
                continue
            if before.copy_abs() < limit.soft <= after.copy_abs():
                record_event(
                    "position.soft_limit_passed",
                    subject_id=house_account_id(Purpose.FX_POSITION, unit.code),
                    currency=unit.code,
                    position=Money(after, unit).text,
                    soft_limit=Money(limit.soft, unit).text,
                )

    def _further(
        self, price: Price
    ) -> Iterator[tuple[Denomination, PositionLimit, Decimal, Decimal]]:
        """Of each limited position that goes further from zero: before and after."""
        gets, gives = price.from_amount, price.mid_amount
        changes = {
            gets.currency: gets.amount,
            gives.currency: gives.amount.copy_negate(),
        }
        for unit, change in changes.items():
            if unit.code not in self.limits:
                continue
            before = self.positions[unit.code]
            after = EXACT.add(before, change)
            if after.copy_abs() > before.copy_abs():
                yield unit, self.limits[unit.code], before, after


def exposure(source: str, target: str, *, now: datetime) -> Exposure:
    """Where the positions of the two currencies stand; one query, if one is limited."""
    of_all = limits_lately(now)
    limits = {code: of_all[code] for code in (source, target) if code in of_all}
    return Exposure(source, target, limits, positions_now(limits) if limits else {})


def _beyond(
    hard: Decimal, unit: Denomination, before: Decimal, after: Decimal
) -> LimitExceeded:
    # In the direction of the change: from short, all the way through zero.
    held = before if after > 0 else before.copy_negate()
    headroom = Money(max(EXACT.subtract(hard, held), _ZERO), unit)
    way = "buys" if after > 0 else "sells"
    return LimitExceeded(
        f"The house {way} at most {headroom} now.", Money(hard, unit), headroom
    )
