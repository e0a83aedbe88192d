"""What conversions do to the positions of the house, and how far they may go.

On the customer's path, so nothing is locked: a limit holds for what is committed, and
conversions at the same moment may go beyond it together, by as much as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, Self

from fx.money import EXACT, Denomination, Money
from transactions.errors import LimitExceeded
from transactions.models import PositionLimit, Side
from transactions.postings import FX_POSITION, Posting
from transactions.queries.position_limits import limits_lately, positions_now
from wallets.models import Purpose, house_account_id
from webhooks.models import RecordedEvent
from webhooks.services import new_event, record_events

_ZERO = Decimal(0)


class Deal(Protocol):
    """What a price does to positions: the house gets one, and gives one at mid."""

    @property
    def from_amount(self) -> Money: ...

    @property
    def mid_amount(self) -> Money: ...


class Taken(NamedTuple):
    """What a booked conversion does to the positions."""

    from_amount: Money
    mid_amount: Money


def taken_by(posting: Posting) -> Taken:
    """The same, from the lines of its posting."""
    position = {
        line.side: line.money for line in posting.lines if line.account is FX_POSITION
    }
    return Taken(position[Side.CREDIT], position[Side.DEBIT])


@dataclass(frozen=True)
class Exposure:
    """Where positions stand that conversions are to move, as far as they have limits.

    With every conversion the house gets longer in its source, and shorter in its
    target.
    """

    limits: dict[str, PositionLimit]
    positions: dict[str, Decimal]

    def widening(self, source: str, target: str) -> Decimal:
        """The basis points to add to the spread of a conversion: those of each position
        past its soft limit that it takes still further."""
        if not self.limits:
            return _ZERO
        further = {source: Decimal(1), target: Decimal(-1)}
        return sum(
            (
                self.limits[code].widen_bps
                for code in self.limits.keys() & further
                if self._is_past_soft(code, further[code])
            ),
            _ZERO,
        )

    def _is_past_soft(self, code: str, direction: Decimal) -> bool:
        soft = self.limits[code].soft
        held = EXACT.multiply(self.positions[code], direction)
        return soft is not None and held >= soft

    def check(self, deals: Iterable[Deal]) -> None:
        """These conversions, all together, keep to the hard limits.

        What brings a position nearer to zero is always welcome, however far it is.

        :raises LimitExceeded:
        """
        for unit, limit, before, after in self._further(deals):
            if limit.hard is not None and after.copy_abs() > limit.hard:
                raise _beyond(limit.hard, unit, before, after)

    def tell(self, deals: Iterable[Deal]) -> None:
        """Write an event for each soft limit that is passed; needs a transaction."""
        record_events(self.passed(deals))

    def passed(self, deals: Iterable[Deal]) -> list[RecordedEvent]:
        """An event for each soft limit that is passed, which is yet to be written."""
        return [
            new_event(
                "position.soft_limit_passed",
                subject_id=house_account_id(Purpose.FX_POSITION, unit.code),
                currency=unit.code,
                position=Money(after, unit).text,
                soft_limit=Money(limit.soft, unit).text,
            )
            for unit, limit, before, after in self._further(deals)
            if limit.soft is not None
            and before.copy_abs() < limit.soft <= after.copy_abs()
        ]

    def after(self, deal: Deal) -> Self:
        """Where the positions stand when that is booked, too."""
        if not self.limits:
            return self
        moved = {unit.code: change for unit, change in _changes([deal]).items()}
        return replace(
            self,
            positions={
                code: EXACT.add(held, moved.get(code, _ZERO))
                for code, held in self.positions.items()
            },
        )

    def _further(
        self, deals: Iterable[Deal]
    ) -> Iterator[tuple[Denomination, PositionLimit, Decimal, Decimal]]:
        """Of each limited position that goes further from zero: before and after."""
        changes = _changes(deals) if self.limits else {}
        for unit, change in changes.items():
            if unit.code not in self.limits:
                continue
            before = self.positions[unit.code]
            after = EXACT.add(before, change)
            if after.copy_abs() > before.copy_abs():
                yield unit, self.limits[unit.code], before, after


def exposure(currencies: Iterable[str], *, now: datetime | None = None) -> Exposure:
    """Where the positions stand; one query, if one of the currencies has a limit.

    Without `now` the limits are those of the database's clock.
    """
    of_all = limits_lately(now)
    limits = {code: of_all[code] for code in currencies if code in of_all}
    return Exposure(limits, positions_now(limits) if limits else {})


def tell_of_kept_promise(posting: Posting) -> None:
    """Write an event for each soft limit that what was promised before passes now.

    The hard limits were asked when it was promised. Needs a transaction.
    """
    taken = taken_by(posting)
    codes = [money.currency.code for money in taken]
    exposure(codes).tell([taken])


def _changes(deals: Iterable[Deal]) -> dict[Denomination, Decimal]:
    """What the house gets, and gives at mid, by currency."""
    changes: dict[Denomination, Decimal] = defaultdict(Decimal)
    for deal in deals:
        gets, gives = deal.from_amount, deal.mid_amount
        changes[gets.currency] = EXACT.add(changes[gets.currency], gets.amount)
        changes[gives.currency] = EXACT.subtract(changes[gives.currency], gives.amount)
    return changes


def _beyond(
    hard: Decimal, unit: Denomination, before: Decimal, after: Decimal
) -> LimitExceeded:
    # In the direction of the change: from short, all the way through zero.
    held = before if after > 0 else before.copy_negate()
    headroom = Money(max(EXACT.subtract(hard, held), _ZERO), unit)
    way = "buys" if after > 0 else "sells"
    # Not the limit: with the headroom it would be the position, to the last unit.
    return LimitExceeded(f"The house {way} at most {headroom} now.", None, headroom)
