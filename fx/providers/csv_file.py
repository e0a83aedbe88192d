"""Rates as a table that people make: a file for `load_rates` or for the console.

    base,quote,bid,ask,as_of
    EUR,USD,1.0851,1.0853,2026-10-30T15:00:00+00:00
    EUR,MXN,20.13,,2026-10-30T15:00:00+00:00

Without an ask, the bid is the one number that there is. All of a file is believed, or
nothing of it.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from fx.providers.observation import (
    AbsurdFeed,
    Observation,
    checked,
    instant_of,
    value_of,
)

NAME = "csv"
COLUMNS = ["base", "quote", "bid", "ask", "as_of"]
MAX_BYTES = 10_000_000
EXCERPT = 200


def read(file: IO[bytes], *, now: datetime) -> Iterator[Observation]:
    """Read all lines.

    :raises AbsurdFeed: with the number of the line that is wrong.
    """
    document = file.read(MAX_BYTES + 1)
    if len(document) > MAX_BYTES:
        raise AbsurdFeed(f"The file has more than {MAX_BYTES:,} bytes.")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AbsurdFeed(f"The file is not UTF-8: {error}.") from error
    try:
        yield from _observations(text, now)
    except csv.Error as error:
        raise AbsurdFeed(f"The file is not CSV: {error}.", text[:EXCERPT]) from error


def _observations(text: str, now: datetime) -> Iterator[Observation]:
    lines = csv.reader(io.StringIO(text, newline=""))
    if next(lines, []) != COLUMNS:
        raise AbsurdFeed(
            f"The first line is not {','.join(COLUMNS)!r}.", text[:EXCERPT]
        )
    said = set()
    for line in lines:
        try:
            observation = _observation(line, now)
            key = (observation.quote, observation.as_of)
            if key in said:
                raise AbsurdFeed(f"EUR/{key[0]} is there twice for the same instant.")
        except AbsurdFeed as absurd:
            number = lines.line_num
            raise AbsurdFeed(
                f"Line {number}: {absurd}", ",".join(line)[:EXCERPT]
            ) from absurd
        said.add(key)
        yield observation
    if not said:
        raise AbsurdFeed("The file has no rates.")


def _observation(line: list[str], now: datetime) -> Observation:
    if len(line) != len(COLUMNS):
        raise AbsurdFeed(f"{len(line)} columns instead of {len(COLUMNS)}.")
    base, quote, bid, ask, as_of = line
    low = value_of(bid)
    high = value_of(ask) if ask else low
    return checked(base, quote, low, high, instant_of(as_of), now=now)
