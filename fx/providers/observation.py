"""What every provider hands over, and what nobody is believed.

Every pair has the euro first, as the market itself writes it. A rate between two other
currencies is a cross of two such pairs; one that was observed as such is refused,
because it would have to be rounded to become a rate of the euro.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

BASE: Final = "EUR"
CODE = re.compile(r"[A-Z0-9]{3,12}")
# At most what numeric(24, 12) holds; so no sign, exponent, "NaN" or other script.
VALUE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
# The first day of the euro.
OLDEST = datetime(1999, 1, 1, tzinfo=UTC)
# How far another clock may be ahead of ours.
CLOCK_SKEW = timedelta(minutes=1)
# No market is so wide; a digit too many or too few is.
WIDEST = 2


class Observation(NamedTuple):
    """A rate as a provider said it: one `base` is `bid` to `ask` of `quote`."""

    base: str
    quote: str
    bid: Decimal
    ask: Decimal
    as_of: datetime


class Refused(NamedTuple):
    """One observation among others that was not believed: why, and what it was."""

    what: str
    excerpt: str


class Heard(NamedTuple):
    """What a provider said when it was asked."""

    observations: Sequence[Observation]
    refused: Sequence[Refused] = ()


class AbsurdFeed(ValueError):
    """What was read cannot be rates; `excerpt` is the beginning of it.

    Without the character NUL, which what is compressed has and PostgreSQL cannot keep.
    """

    def __init__(self, what: str, excerpt: str = "") -> None:
        super().__init__(what.replace("\0", "\N{REPLACEMENT CHARACTER}"))
        self.excerpt = excerpt.replace("\0", "\N{REPLACEMENT CHARACTER}")


class Provider(Protocol):
    """Somebody who can be asked for rates at any time."""

    def fetch(self, *, now: datetime) -> Heard:
        """What it says at this moment.

        :raises AbsurdFeed, DownloadFailed: when nothing of it can be used.
        """


def checked(
    base: str, quote: str, bid: Decimal, ask: Decimal, as_of: datetime, *, now: datetime
) -> Observation:
    """The observation, if anybody could have made it.

    :raises AbsurdFeed: it has no euro in it, is not of this world or not of this time.
    """
    pair = f"{base[:12]}/{quote[:12]}"
    if base != BASE:
        raise AbsurdFeed(f"{pair}: rates are kept of the euro, as EUR/USD.")
    if not CODE.fullmatch(quote) or quote == BASE:
        raise AbsurdFeed(f"{quote[:40]!r} is not a currency the euro has a rate in.")
    if bid <= 0:
        raise AbsurdFeed(f"{pair}: a bid of {bid} is not above zero.")
    if bid > ask:
        raise AbsurdFeed(f"{pair}: the bid {bid} is above the ask {ask}.")
    if ask > WIDEST * bid:
        raise AbsurdFeed(f"{pair}: from {bid} to {ask} is too wide for a market.")
    if as_of > now + CLOCK_SKEW:
        raise AbsurdFeed(f"{pair}: {as_of.isoformat()} is in the future.")
    if as_of < OLDEST:
        raise AbsurdFeed(f"{pair}: there was no euro on {as_of:%Y-%m-%d}.")
    return Observation(base, quote, bid, ask, as_of)


def value_of(text: str) -> Decimal:
    """The number that a text says in plain digits, with at most 12 decimals.

    :raises AbsurdFeed:
    """
    if not VALUE.fullmatch(text):
        raise AbsurdFeed(f"{text[:40]!r} is not a rate in plain digits.")
    return Decimal(text)


def instant_of(text: str) -> datetime:
    """The instant (UTC) that a text says in ISO 8601, with its offset.

    :raises AbsurdFeed:
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise AbsurdFeed(f"{text[:40]!r} is not an instant.") from None
    if instant.tzinfo is None:
        raise AbsurdFeed(f"{text[:40]!r} does not say its offset from UTC.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise AbsurdFeed(f"{text[:40]!r} is beyond all calendars.") from None
