"""What several providers agree on: pure functions from observations to a rate.

The agreed bid is the median of the bids, and the agreed ask that of the asks. Of an
even number it is the exact middle of the two in the middle, so whoever has the sources
makes the very same leg from them again, in any order.
"""

from collections.abc import Collection
from decimal import Decimal

from fx.money import EXACT
from fx.pricing import Leg, Source

_HALF = Decimal("0.5")


def agree(base: str, quote: str, sources: Collection[Source]) -> Leg:
    """The leg that these observations of one pair come to, whoever made them.

    :raises ValueError: when there are none.
    """
    # In the order of their ids, so that the same sources make equal legs.
    ordered = tuple(sorted(sources, key=lambda source: source.id))
    return Leg(
        base,
        quote,
        median([source.bid for source in ordered]),
        median([source.ask for source in ordered]),
        ordered,
    )


def median(values: Collection[Decimal]) -> Decimal:
    """The value in the middle, or exactly between the two that are.

    :raises ValueError: when there are none.
    """
    if not values:
        raise ValueError("the median of nothing")
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low == high:
        return low
    return EXACT.multiply(EXACT.add(low, high), _HALF)
