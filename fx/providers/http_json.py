"""Any feed that answers with JSON: where it is, and where in the answer the rates are.

A path names members from one object to the next, `data.rates`. From the document it
leads to a list of rates or to an object of them, by currency; from each rate on it
leads to the quote, the bid and so on. One that begins with `$.` starts at the document
instead. Without a path the base is the euro, the quote is the name under which the rate
stands, the bid is the rate itself, and the ask is the bid.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fx.download import DownloadFailed, download
from fx.money import half_even_to_scale
from fx.pricing import MAX_RATE, RATE_EXPONENT
from fx.providers.observation import (
    BASE,
    AbsurdFeed,
    Heard,
    Observation,
    Refused,
    checked,
    instant_of,
    value_of,
)
from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.parsers import parse_object

EXCERPT = 200
MAX_RATES = 1000
FROM_DOCUMENT = "$."
# Seconds since 1970 that are still a date.
MAX_EPOCH = 10**11


@dataclass(frozen=True)
class HttpJson:
    """One configured feed (`fx.models.Feed` has the same fields, and explains them)."""

    url: str
    as_of_path: str
    list_path: str = ""
    base_path: str = ""
    quote_path: str = ""
    bid_path: str = ""
    ask_path: str = ""
    header_name: str = ""
    header_variable: str = ""
    trust_loopback: bool = False

    def fetch(self, *, now: datetime) -> Heard:
        """Ask the feed.

        What is wrong with one rate is kept of that one, and the others count.

        :raises AbsurdFeed: when the answer as a whole is none.
        :raises DownloadFailed:
        """
        body = download(
            self.url, headers=self._headers(), trust_loopback=self.trust_loopback
        )
        try:
            return self._read(body, now)
        except AbsurdFeed as absurd:
            start = body[:EXCERPT].decode("utf-8", "replace")
            raise AbsurdFeed(str(absurd), absurd.excerpt or start) from absurd

    def _headers(self) -> dict[str, str]:
        if not self.header_name:
            return {}
        value = os.environ.get(self.header_variable, "")
        # Said without the value, which is a secret.
        if not (value and value.isascii() and value.isprintable()):
            raise DownloadFailed(
                f"The environment has no usable {self.header_variable} to send."
            )
        return {self.header_name: value}

    def _read(self, body: bytes, now: datetime) -> Heard:
        try:
            document = parse_object(body)
        except MalformedRequest as malformed:
            raise AbsurdFeed(f"The answer is not JSON: {malformed.detail}") from None
        rates = list(self._rates(document))
        if not 0 < len(rates) <= MAX_RATES:
            raise AbsurdFeed(f"The answer has {len(rates):,} rates.")
        observations: dict[str, Observation] = {}
        refused = []
        for name, rate in rates:
            try:
                observation = self._observation(document, name, rate, now)
                if observation.quote in observations:
                    raise AbsurdFeed(f"EUR/{observation.quote} is there twice.")
            except AbsurdFeed as absurd:
                refused.append(Refused(str(absurd), f"{name} {rate}".strip()[:EXCERPT]))
            else:
                observations[observation.quote] = observation
        return Heard(list(observations.values()), refused)

    def _rates(self, document: Any) -> Iterator[tuple[str, Any]]:
        """Each rate, with the name under which it stands if it has one."""
        found = _follow(document, self.list_path)
        if isinstance(found, Mapping):
            yield from found.items()
        elif isinstance(found, list):
            yield from (("", rate) for rate in found)
        else:
            raise AbsurdFeed(f"At {self.list_path!r} is neither a list nor an object.")

    def _observation(
        self, document: Any, name: str, rate: Any, now: datetime
    ) -> Observation:
        def at(path: str) -> Any:
            if path.startswith(FROM_DOCUMENT):
                return _follow(document, path.removeprefix(FROM_DOCUMENT))
            return _follow(rate, path)

        base = _text(at(self.base_path)) if self.base_path else BASE
        quote = _text(at(self.quote_path)) if self.quote_path else name
        bid = _number(at(self.bid_path))
        ask = _number(at(self.ask_path)) if self.ask_path else bid
        # Never the time of our asking: a feed that stands still would seem fresh.
        as_of = _instant(at(self.as_of_path))
        return checked(base, quote, bid, ask, as_of, now=now)


def _follow(value: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if not (isinstance(value, Mapping) and name in value):
            raise AbsurdFeed(f"There is nothing at {path!r}.")
        value = value[name]
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise AbsurdFeed(f"{str(value)[:40]!r} is not a text.")
    return value


def _number(value: Any) -> Decimal:
    """The number, half-even at the 12 decimals of a rate: feeds print binary floats."""
    if isinstance(value, str):
        return value_of(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise AbsurdFeed(f"{str(value)[:40]!r} is not a rate.")
    if not 0 < value <= MAX_RATE:
        raise AbsurdFeed(f"{str(value)[:40]} is not a rate.")
    return half_even_to_scale(Decimal(value), RATE_EXPONENT)


def _instant(value: Any) -> datetime:
    """An instant in ISO 8601, or in whole seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int):
        return instant_of(_text(value))
    if not 0 <= value <= MAX_EPOCH:
        raise AbsurdFeed(f"{str(value)[:40]} is not a time in seconds since 1970.")
    return datetime.fromtimestamp(value, UTC)
