"""Reading currencies and rates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

from django.db.models import Max, Min

from fx.consensus import agree
from fx.errors import RateUnavailable, SameCurrency, UnsupportedCurrency
from fx.models import Currency, Rate
from fx.pricing import CrossRate, Leg, Source

# Every rate is kept against the euro, as the ECB publishes it; all others are crosses.
PIVOT: Final = "EUR"

# One descent of the index `fx_rate_latest_of_pair` per currency, however long the
# history is; DISTINCT ON would read all of it.
LATEST_RATES = """
SELECT latest.*
FROM unnest(%(quotes)s::varchar[]) AS wanted (quote)
CROSS JOIN LATERAL (
    SELECT *
    FROM fx_rate
    WHERE base = %(pivot)s AND quote = wanted.quote AND as_of <= %(at)s::timestamptz
    ORDER BY as_of DESC, fetched_at DESC, id DESC
    LIMIT 1
) AS latest
"""


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


def latest_rates(
    quotes: Collection[str], *, at: datetime | None = None
) -> dict[str, Rate]:
    """The newest rate of the euro in each of these currencies, in one query.

    Of several observations with the newest `as_of` the one fetched last counts: that is
    how a correction takes effect. With `at`, the newest published by then. A currency
    that has none is absent.
    """
    parameters = {"quotes": list(quotes), "pivot": PIVOT, "at": at or "infinity"}
    return {rate.quote: rate for rate in Rate.objects.raw(LATEST_RATES, parameters)}


def cross(
    from_currency: str, to_currency: str, *, now: datetime, max_age: timedelta
) -> CrossRate:
    """The exact rate from one currency to another at `now`, in one query.

    :raises SameCurrency: when both are one.
    :raises RateUnavailable: when a leg is missing, or was published too long ago.
    """
    if from_currency == to_currency:
        raise SameCurrency(f"Both sides of the conversion are {from_currency}.")
    quotes = [code for code in (from_currency, to_currency) if code != PIVOT]
    rates = latest_rates(quotes, at=now)
    for quote in quotes:
        _check_fresh(quote, rates.get(quote), now, max_age)
    legs = legs_of([rates[quote] for quote in quotes])
    return CrossRate.through(from_currency, to_currency, legs)


def mids_into(
    currency: str, codes: Collection[str], *, at: datetime
) -> dict[str, tuple[Fraction, datetime]]:
    """The exact mid of each currency in `currency`, and of when its oldest leg is.

    However old they are: this is for looking, and prices are made by `cross`. One
    query. What has no rate is absent.
    """
    rates = latest_rates([*{*codes, currency} - {PIVOT}], at=at)
    legs = {leg.quote: leg for leg in legs_of(rates.values())}
    found = {}
    for code in {*codes} - {currency}:
        needed = [one for one in (code, currency) if one != PIVOT]
        if all(one in legs for one in needed):
            way = CrossRate.through(code, currency, [legs[one] for one in needed])
            found[code] = (way.mid, way.as_of)
    return found


def legs_of(rates: Iterable[Rate]) -> list[Leg]:
    """One leg per pair, in the order in which the pairs come: what a rate was of."""
    of_pair: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for rate in rates:
        of_pair[rate.base, rate.quote].append(rate.source)
    return [agree(*pair, sources) for pair, sources in of_pair.items()]


def rates_of(ids: Sequence[UUID]) -> list[Rate]:
    """The observations of these ids, in their order."""
    found = Rate.objects.in_bulk(ids)
    return [found[id_] for id_ in ids]


def daily_mids(
    base: str, quote: str, *, since: datetime, until: datetime
) -> list[tuple[date, Fraction]]:
    """The exact mid of the last rates of each day (UTC) on which both legs have one.

    `since` is included and `until` is not.

    :raises SameCurrency: when both are one.
    """
    if base == quote:
        raise SameCurrency(f"Both sides of the rate are {base}.")
    codes = [code for code in (base, quote) if code != PIVOT]
    found: dict[date, dict[str, Rate]] = defaultdict(dict)
    rates = Rate.objects.filter(
        base=PIVOT, quote__in=codes, as_of__gte=since, as_of__lt=until
    )
    for rate in rates.order_by("as_of", "fetched_at", "id"):
        found[rate.as_of.astimezone(UTC).date()][rate.quote] = rate
    complete = {
        day: legs_of(of_day[code] for code in codes)
        for day, of_day in found.items()
        if len(of_day) == len(codes)
    }
    return [
        (day, CrossRate.through(base, quote, legs).mid)
        for day, legs in complete.items()
    ]


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


def _check_fresh(
    quote: str, rate: Rate | None, now: datetime, max_age: timedelta
) -> None:
    if rate is None:
        raise RateUnavailable(f"There is no rate for {quote}.", currency=quote)
    if now - rate.as_of > max_age:
        raise RateUnavailable(
            f"The newest rate for {quote} is of {rate.as_of:%Y-%m-%d %H:%M} UTC, "
            "which is too old to convert at.",
            currency=quote,
            as_of=rate.as_of.isoformat(),
        )
