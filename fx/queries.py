"""Reading currencies and rates."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Min

from fx.consensus import agree, agreeing
from fx.errors import RateUnavailable, SameCurrency, UnsupportedCurrency
from fx.market import PIVOT, Market, current_limits, last_of_days, markets
from fx.models import Currency, Feed, Rate
from fx.pricing import CrossRate

_ANY_AGE = timedelta(days=36_500)


def find_currency(code: str) -> Currency:
    """The currency, when there is one of that code and it is switched on.

    :raises UnsupportedCurrency:
    """
    currency = Currency.objects.filter(code=code, enabled=True).first()
    if currency is None:
        raise UnsupportedCurrency(f"{code} is not supported.", currency=code)
    return currency


def must_exist(codes: Collection[str]) -> None:
    """There are such currencies, switched on or not.

    :raises UnsupportedCurrency:
    """
    known = set(Currency.objects.filter(code__in=codes).values_list("code", flat=True))
    for code in codes:
        if code not in known:
            raise UnsupportedCurrency(f"There is no currency {code}.", currency=code)


def cross(
    from_currency: str,
    to_currency: str,
    *,
    now: datetime,
    max_age: timedelta,
    heard: str | None = None,
) -> CrossRate:
    """The exact rate from one currency to another at `now`, in one query at most.

    With an instant of the past, it is the rate of then: what was known by then and had
    been accepted. `max_age` is for providers that speak once a day, `heard` for whoever
    asks often: see `fx.market.markets`.

    :raises SameCurrency: when both are one.
    :raises RateUnavailable: when a leg is missing or too old, when its providers
        disagree, or when its breaker is open.
    """
    if from_currency == to_currency:
        raise SameCurrency(f"Both sides of the conversion are {from_currency}.")
    [rate] = crosses(
        [from_currency], to_currency, now=now, max_age=max_age, heard=heard
    ).values()
    if isinstance(rate, RateUnavailable):
        raise rate
    return rate


def crosses(
    from_currencies: Collection[str],
    to_currency: str,
    *,
    now: datetime,
    max_age: timedelta,
    heard: str | None = None,
) -> dict[str, CrossRate | RateUnavailable]:
    """The rates from several currencies to another, or why there is none, by currency.

    As `cross`, in one query at most for all of them.
    """
    quotes = {*from_currencies, to_currency} - {PIVOT}
    limits = current_limits(max_age)
    found = markets(quotes, at=now, limits=limits, heard=heard)
    return {code: _crossed(code, to_currency, found) for code in from_currencies}


def _crossed(
    from_currency: str, to_currency: str, found: Mapping[str, Market]
) -> CrossRate | RateUnavailable:
    way = [code for code in (from_currency, to_currency) if code != PIVOT]
    try:
        legs = [found[code].leg() for code in way]
    except RateUnavailable as unavailable:
        return unavailable
    return CrossRate.through(from_currency, to_currency, legs)


def mids_into(
    currency: str, codes: Collection[str], *, at: datetime
) -> dict[str, tuple[Fraction, datetime]]:
    """The exact mid of each currency in `currency`, and of when its oldest leg is.

    However old they are, and whatever the breakers say: this is for looking, and prices
    are made by `cross`. One query. What has no rate is absent.
    """
    found = markets(
        [*{*codes, currency} - {PIVOT}], at=at, limits=current_limits(_ANY_AGE)
    )
    legs = {}
    for code, market in found.items():
        with suppress(RateUnavailable):
            legs[code] = market.consent()
    mids = {}
    for code in {*codes} - {currency}:
        needed = [one for one in (code, currency) if one != PIVOT]
        if all(one in legs for one in needed):
            way = CrossRate.through(code, currency, [legs[one] for one in needed])
            mids[code] = (way.mid, way.as_of)
    return mids


def rates_of(ids: Sequence[UUID]) -> list[Rate]:
    """The observations of these ids, in their order."""
    found = Rate.objects.in_bulk(ids)
    return [found[id_] for id_ in ids]


def daily_mids(
    base: str, quote: str, *, since: datetime, until: datetime
) -> list[tuple[date, Fraction]]:
    """The exact mid of the last rates of each day (UTC) on which both legs have one.

    A leg is what its providers agreed on by the end of that day. `since` is included
    and `until` is not; both are midnights.

    :raises SameCurrency: when both are one.
    """
    if base == quote:
        raise SameCurrency(f"Both sides of the rate are {base}.")
    codes = [code for code in (base, quote) if code != PIVOT]
    mids = []
    for day, said in last_of_days(codes, since=since, until=until).items():
        trusted = {
            code: agreeing(sources, settings.FX_MAX_DEVIATION_BPS)
            for code, sources in said.items()
        }
        if all(trusted.get(code) for code in codes):
            legs = [agree(PIVOT, code, trusted[code]) for code in codes]
            mid = CrossRate.through(base, quote, legs).mid
            mids.append((day.astimezone(UTC).date(), mid))
    return mids


def feed_names() -> list[str]:
    """The feeds that are switched on."""
    feeds = Feed.objects.filter(enabled=True).order_by("name")
    return list(feeds.values_list("name", flat=True))


def has_all(
    provider: str, count: int, oldest_at: datetime, newest_at: datetime
) -> bool:
    """Whether that many rates of the provider are here, over exactly that span.

    Corrections do not count: they are further rows of a rate that is counted already.
    """
    of_provider = Rate.objects.filter(
        provider=provider, as_of__range=(oldest_at, newest_at)
    ).order_by()
    span = of_provider.aggregate(oldest_at=Min("as_of"), newest_at=Max("as_of"))
    if span != {"oldest_at": oldest_at, "newest_at": newest_at}:
        return False
    return of_provider.values("as_of", "base", "quote").distinct().count() >= count


def newest_rate_age(now: datetime) -> timedelta | None:
    """How long ago the newest rate was published; None when there is no rate at all."""
    newest = (
        Rate.objects.filter(as_of__lte=now)
        .order_by("-as_of")
        .values_list("as_of", flat=True)
        .first()
    )
    return None if newest is None else now - newest
