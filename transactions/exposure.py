"""What a conversion does to the positions of the house, and how far it may go.

On the customer's path, so nothing is locked: a limit holds for what is committed, and
conversions at the same moment may go beyond it together, by as much as they are.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fx.money import EXACT, Denomination, Money
from transactions.errors import LimitExceeded
from transactions.models import PositionLimit, Side
from transactions.postings import FX_POSITION, Line
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

    def check(self, lines: Iterable[Line]) -> None:
        """Whether the lines keep to the hard limits; tells when they pass a soft one.

        What brings a position nearer to zero is always welcome, however far it is.
        Needs a transaction.

        :raises LimitExceeded:
        """
        for unit, change in _changes(lines).items():
            limit = self.limits.get(unit.code)
            if limit is None:
                continue
            before = self.positions[unit.code]
            after = EXACT.add(before, change)
            if after.copy_abs() > before.copy_abs():
                _check_hard(limit, unit, before, after)
                _tell_of_soft(limit, unit, before, after)


def exposure(source: str, target: str, *, now: datetime) -> Exposure:
    """Where the positions of the two currencies stand; one query, if one is limited."""
    of_all = limits_lately(now)
    limits = {code: of_all[code] for code in (source, target) if code in of_all}
    return Exposure(source, target, limits, positions_now(limits) if limits else {})


def _changes(lines: Iterable[Line]) -> dict[Denomination, Decimal]:
    changes: dict[Denomination, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.account == FX_POSITION:
            unit, amount = line.money.currency, line.money.amount
            move = EXACT.add if line.side == Side.CREDIT else EXACT.subtract
            changes[unit] = move(changes[unit], amount)
    return changes


def _check_hard(
    limit: PositionLimit, unit: Denomination, before: Decimal, after: Decimal
) -> None:
    if limit.hard is None or after.copy_abs() <= limit.hard:
        return
    # In the direction of the change: from short, all the way through zero.
    held = before if after > 0 else before.copy_negate()
    headroom = Money(max(EXACT.subtract(limit.hard, held), _ZERO), unit)
    raise LimitExceeded(
        f"The house takes at most {headroom} more on this side of {unit.code} now.",
        Money(limit.hard, unit),
        headroom,
    )


def _tell_of_soft(
    limit: PositionLimit, unit: Denomination, before: Decimal, after: Decimal
) -> None:
    if limit.soft is None or not before.copy_abs() < limit.soft <= after.copy_abs():
        return
    record_event(
        "position.soft_limit_passed",
        subject_id=house_account_id(Purpose.FX_POSITION, unit.code),
        currency=unit.code,
        position=Money(after, unit).text,
        soft_limit=Money(limit.soft, unit).text,
    )
