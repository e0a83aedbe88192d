"""The whole history of the European Central Bank, measured against its own file.

What is expected is read from the file by this module alone: none of the code that loads
it is used.
"""

import csv
import io
import random
import time
import zipfile
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from importlib import resources
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fx import queries
from fx.models import Rate, Verdict
from tests.client import platform_client

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIVE_DAYS = timedelta(days=5)
SAMPLE = 400


def table_of_the_bank():
    """The days of the file: a date, and of each currency what a euro was worth."""
    path = resources.files("currency_converter") / "eurofxref-hist.zip"
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    return [
        (
            line["Date"],
            {
                code: Fraction(value)
                for code, value in line.items()
                if code and code != "Date" and value not in ("", "N/A")
            },
        )
        for line in csv.DictReader(StringIO(text))
    ]


def evening_of(day):
    """Seven in the evening in Frankfurt, when the rates of that day are known."""
    date = datetime.fromisoformat(day)
    return date.replace(hour=19, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def load():
    out = StringIO()
    call_command("load_rates", stdout=out, stderr=StringIO())
    return out.getvalue()


class TestHistory:
    def test_is_loaded_whole_and_crosses_as_the_file_does(self, settings):
        settings.FX_MAX_RATE_AGE = FIVE_DAYS
        table = table_of_the_bank()
        chance = random.Random(1999)
        started = time.monotonic()

        first = load()

        # Under a minute is what is promised; a machine that is busy gets no alarm.
        assert time.monotonic() - started < 60
        rows = sum(len(day) for _, day in table)
        assert rows > 200_000
        assert f"{rows:,} rates read, {rows:,} new, 1999-01-04 to" in first
        assert Rate.objects.count() == rows
        # Of 27 years of moves, none is about now.
        assert not Verdict.objects.filter(kind="opened").exists()
        for day, euro in chance.choices(table, k=SAMPLE):
            base, quote = chance.sample(sorted(euro), 2)
            at = evening_of(day)
            rate = queries.cross(base, quote, now=at, max_age=FIVE_DAYS)
            assert rate.mid == euro[quote] / euro[base], (day, base, quote)
        self.check_one_query_among_all_of_it()
        self.check_the_api(table[0], table[5000])
        self.check_days(table[:260])
        assert "are here already" in load()

    def check_one_query_among_all_of_it(self):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE fx_rate")
        at = evening_of("2009-06-30")

        with CaptureQueriesContext(connection) as made:
            queries.cross("USD", "MXN", now=at, max_age=FIVE_DAYS)

        assert len(made) == 1

    def check_the_api(self, *days):
        for day, euro in days:
            answer = platform_client().get(
                "/v1/rates", base="EUR", quote="USD", at=evening_of(day).isoformat()
            )
            assert Fraction(answer.json()["mid_rate"]) == euro["USD"]
            assert answer.json()["sources"][0]["provider"] == "ecb"

    def check_days(self, days):
        first, last = days[-1][0], days[0][0]
        until = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1)
        since = datetime.fromisoformat(first).replace(tzinfo=UTC)

        mids = queries.daily_mids("USD", "JPY", since=since, until=until)

        assert {str(day): mid for day, mid in mids} == {
            day: euro["JPY"] / euro["USD"] for day, euro in days
        }
