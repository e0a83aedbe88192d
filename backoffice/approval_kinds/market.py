"""What the market is like for some currencies, in words: before and after."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from backoffice.approval_kinds.kind import Facts
from fx.breaker import take_turn
from fx.errors import RateUnavailable
from fx.market import PIVOT, Market, Standing, current_limits, markets
from fx.models import Currency, Verdict
from fx.money import Money, plain
from fx.pricing import Leg
from transactions.queries.position_limits import positions_now


def market_facts(quotes: Iterable[str], *, now: datetime) -> Facts:
    """Of each: what its providers agree on, what was accepted, the house's position.

    Needs a transaction, in which it waits for its turn among those who judge: so it
    sees all verdicts, of clocks that are ahead, too.
    """
    codes = sorted(set(quotes))
    found = markets(codes, at=take_turn(now), limits=current_limits())
    facts = dict(line for code in codes for line in _lines(found[code]))
    return facts | _positions(codes)


def open_breakers(quotes: Iterable[str]) -> dict[str, str]:
    """The ids of the verdicts that opened the breakers which are open, by currency."""
    newest = Verdict.objects.filter(base=PIVOT, quote__in=set(quotes))
    newest = newest.order_by("quote", "-at").distinct("quote")
    return {one.quote: str(one.pk) for one in newest if one.kind == Verdict.Kind.OPENED}


def _lines(market: Market) -> Iterator[tuple[str, object]]:
    pair = f"{PIVOT}/{market.quote}"
    try:
        leg = market.consent()
        yield f"{pair}: what the providers agree on", _level(leg)
    except RateUnavailable as unavailable:
        yield f"{pair}: what the providers agree on", unavailable.detail
    standing = market.standing
    yield f"{pair}: level accepted", _level(standing) if standing else "none yet"
    is_open = standing is not None and standing.is_open
    yield f"{pair}: breaker", "open: nothing converts" if is_open else "closed"


def _level(level: Leg | Standing) -> str:
    bid, ask = level.bid, level.ask
    return plain(bid) if bid == ask else f"{plain(bid)} to {plain(ask)}"


def _positions(codes: list[str]) -> Facts:
    held = positions_now(codes)
    units = Currency.objects.in_bulk(codes)
    return {
        f"Position of the house in {code}": Money(held[code], units[code].denomination)
        for code in codes
        if code in units
    }
