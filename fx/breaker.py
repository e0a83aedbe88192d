"""Deciding whether what the providers of a pair agree on now is to be believed.

Whoever records rates judges their pairs in the same transaction, so that no reader ever
sees an observation without the verdict on it. Judges take turns: each sees what all
before it recorded.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import connection

from fx.errors import RateUnavailable
from fx.market import PIVOT, Market, Standing, current_limits, markets
from fx.models import FeedError, Verdict
from fx.money import half_even_to_scale, plain
from fx.pricing import BASIS_POINTS, Leg, Source, mid_of

# The first keys of our advisory locks; released by COMMIT, so any pooler will do.
RECORDING_LOCK = 0x46580001
_JUDGING_LOCK = 0x46580002

_NEXT = timedelta(microseconds=1)


def take_turn(now: datetime) -> datetime:
    """Wait until nobody else decides, and keep others from it until COMMIT.

    Returns the instant of this turn's verdicts: `now`, or just after the newest verdict
    of somebody whose clock is ahead. The later one to decide has the last word.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_JUDGING_LOCK])
    newest = Verdict.objects.order_by("-at").values_list("at", flat=True).first()
    return now if newest is None else max(now, newest + _NEXT)


def judge(
    quotes: Collection[str], *, provider: str, newest_at: datetime, now: datetime
) -> int:
    """Accept what is agreed on now, or open the breakers; return how many opened.

    Looks at the instant of the newest rate if that is still to come. Pairs whose rates
    are all old get no verdict: a history opens nothing. What of `provider` does not
    count, is kept as an error of its feed.
    """
    at = take_turn(now)
    verdicts: list[Verdict] = []
    errors: list[FeedError] = []
    found = markets(quotes, at=max(at, newest_at), limits=current_limits())
    for market in found.values():
        verdict = _verdict(market, at)
        if verdict is not None:
            verdicts.append(verdict)
        errors += _errors(market, verdict, provider, now)
    Verdict.objects.bulk_create(verdicts)
    FeedError.objects.bulk_create(errors)
    return sum(verdict.kind == Verdict.Kind.OPENED for verdict in verdicts)


def verdict_on(leg: Leg, kind: Verdict.Kind, at: datetime) -> Verdict:
    return Verdict(
        base=leg.base, quote=leg.quote, kind=kind, at=at, bid=leg.bid, ask=leg.ask
    )


def _verdict(market: Market, at: datetime) -> Verdict | None:
    standing = market.standing
    if standing is not None and standing.is_open:
        return None
    try:
        leg = market.consent()
    except RateUnavailable:
        return None
    if market.has_moved(leg) and standing is not None:
        verdict = verdict_on(leg, Verdict.Kind.OPENED, at)
        verdict.reason = _move(leg, standing)
        return verdict
    if standing is not None and (standing.bid, standing.ask) == (leg.bid, leg.ask):
        return None
    return verdict_on(leg, Verdict.Kind.ACCEPTED, at)


def _move(leg: Leg, standing: Standing) -> str:
    before = mid_of(standing.bid, standing.ask)
    bps = half_even_to_scale((leg.mid / before - 1) * BASIS_POINTS, 0)
    return (
        f"It went from {plain(half_even_to_scale(before, 12))} to "
        f"{plain(half_even_to_scale(leg.mid, 12))}, which is {bps:+f} basis points."
    )


def _errors(
    market: Market, verdict: Verdict | None, provider: str, now: datetime
) -> Iterator[FeedError]:
    """What the provider said just now and moves no price, if there is anything."""
    news = [
        word.source
        for word in market.words
        if word.source.provider == provider and word.fetched_at == now
    ]
    for source in news:
        what = _objection(market, verdict, source)
        if what:
            said = f"{plain(source.bid)} to {plain(source.ask)} as of {source.as_of}"
            yield FeedError(provider=provider, at=now, what=what, excerpt=said)


def _objection(market: Market, verdict: Verdict | None, source: Source) -> str:
    pair = f"{PIVOT}/{market.quote}"
    if verdict is not None and verdict.kind == Verdict.Kind.OPENED:
        return f"The breaker of {pair} opened. {verdict.reason}"
    try:
        leg = market.consent()
    except RateUnavailable as unavailable:
        disagree = unavailable.members["reason"] == "providers_disagree"
        return f"{pair}: {unavailable.detail}" if disagree else ""
    if source in leg.sources or not market.limits.is_fresh(source, market.at):
        return ""
    return f"{pair}: it is too far from the other providers to count."
