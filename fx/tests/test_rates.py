"""Rates: loaded once, corrected by adding, and refused when they are too old."""

import csv
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from fx import queries
from fx.errors import UnsupportedCurrency
from fx.models import Currency, Rate
from fx.providers import ecb
from fx.providers.observation import Observation
from fx.services import add_currencies, record_rates

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)
THURSDAY = FRIDAY - timedelta(days=1)
FIVE_DAYS = timedelta(days=5)

TWO_DAYS = """Date,USD,JPY,BGN,MXN,
2026-10-30,1.1172,175.68,N/A,21.1237,
2026-10-29,1.113,175.92,N/A,,
"""


def observed(quote: str, value: str, as_of: datetime = FRIDAY) -> Observation:
    return Observation("EUR", quote, Decimal(value), Decimal(value), as_of)


def record(*observations: Observation, now: datetime = FRIDAY):
    return record_rates(observations, provider="ecb", now=now)


def load_rates(*arguments: str) -> str:
    out = StringIO()
    call_command("load_rates", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def two_days(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text(TWO_DAYS)
    return path


class TestNewestRateAge:
    def test_is_that_of_the_newest_rate(self):
        assert queries.newest_rate_age(FRIDAY) is None

        record(observed("USD", "1.1"), observed("JPY", "170", THURSDAY))

        assert queries.newest_rate_age(FRIDAY + FIVE_DAYS) == FIVE_DAYS


class TestCurrency:
    def test_comes_with_the_standard(self):
        yen = queries.find_currency("JPY")

        assert (str(yen), yen.name, yen.denomination.exponent) == ("JPY", "Yen", 0)

    def test_that_is_unknown_or_switched_off_is_not_supported(self):
        Currency.objects.filter(code="MXN").update(enabled=False)

        for code in ("MXN", "XXX", "usd"):
            with pytest.raises(UnsupportedCurrency):
                queries.find_currency(code)

    def test_is_added_when_the_standard_has_it_and_else_left_alone(self):
        Currency.objects.filter(code="XCG").delete()
        Currency.objects.filter(code="USD").update(name="Greenback", enabled=False)
        out = StringIO()

        call_command("load_currencies", stdout=out)

        assert out.getvalue() == "1 currencies added: XCG.\n"
        assert Currency.objects.get(code="USD").name == "Greenback"
        assert add_currencies() == []

    @pytest.mark.parametrize(
        ("code", "exponent"), [("USX", 9), ("usd", 2), ("US", 2), ("USD\n", 2)]
    )
    def test_of_no_sensible_shape_is_refused_by_the_database(self, code, exponent):
        with pytest.raises(IntegrityError):
            Currency.objects.create(code=code, name="?", exponent=exponent)

    def test_code_is_checked_for_people_too(self):
        with pytest.raises(ValidationError):
            Currency(code="USD\n", name="?", exponent=2).full_clean()


class TestLoadRates:
    def test_reads_a_file(self, two_days):
        said = load_rates("--file", str(two_days))

        assert said == "ecb: 5 rates read, 5 new, 2026-10-29 to 2026-10-30.\n"
        dollar = Rate.objects.get(as_of=FRIDAY, quote="USD")
        assert dollar.bid == dollar.ask == Decimal("1.1172")
        # 16:00 in Frankfurt, which is on winter time by then.
        assert dollar.as_of == FRIDAY
        assert str(dollar) == "EUR/USD 2026-10-30 15:00Z ecb"

    def test_reads_it_twice_without_doubling(self, two_days):
        load_rates("--file", str(two_days))

        assert "5 rates read, 0 new" in load_rates("--file", str(two_days))

    @pytest.mark.parametrize(
        ("good", "bad"),
        [
            ("Date,", "Datum,"),
            ("MXN", "mxn"),
            ("MXN", "EUR"),
            ("2026-10-29", "2126-10-29"),
            ("2026-10-29", "29 October"),
            ("1.113", "-1.113"),
            ("1.113", "0.000"),
            ("1.113", "NaN"),
            ("1.113", "1e3"),
            ("1.113", "1.1234567890123"),
            ("N/A,,", "N/A,"),
            ("1.113", "\udc80"),
        ],
    )
    def test_records_nothing_of_an_absurd_file(self, two_days, good, bad):
        absurd = TWO_DAYS.replace(good, bad)
        two_days.write_bytes(absurd.encode("utf-8", "surrogateescape"))

        with pytest.raises(CommandError, match="Nothing was recorded"):
            load_rates("--file", str(two_days))

        assert not Rate.objects.exists()

    def test_refuses_an_archive_that_is_none(self, tmp_path):
        broken, double = tmp_path / "broken.zip", tmp_path / "double.zip"
        broken.write_bytes(b"PK\x03\x04 and no more")
        with zipfile.ZipFile(double, "w") as archive:
            archive.writestr("a.csv", TWO_DAYS)
            archive.writestr("b.csv", TWO_DAYS)

        for path in (broken, double, tmp_path / "missing.csv"):
            with pytest.raises(CommandError, match="Nothing was recorded"):
                load_rates("--file", str(path))

    def test_warns_when_the_newest_rate_is_too_old_to_convert_at(
        self, two_days, settings
    ):
        settings.FX_MAX_RATE_AGE = timedelta(microseconds=1)
        err = StringIO()

        call_command(
            "load_rates", "--file", str(two_days), stdout=StringIO(), stderr=err
        )

        assert "Conversions are refused" in err.getvalue()

    @pytest.mark.slow
    def test_reads_the_history_again_without_doubling(self):
        load_rates()
        rows = Rate.objects.count()

        assert f"{rows:,} rates read, 0 new" in load_rates("--force")
        assert Rate.objects.count() == rows

    def test_loads_what_the_history_says(self, tmp_path):
        with zipfile.ZipFile(ecb.packaged_history()) as archive:
            header, *lines = archive.read(archive.namelist()[0]).decode().splitlines()
        sample = tmp_path / "sample.csv"
        sample.write_text("\n".join([header, *lines[::97]]))

        load_rates("--file", str(sample))

        for day in csv.DictReader(sample.read_text().splitlines()):
            in_file = {
                code: Decimal(day[code])
                for code in day
                if len(code) == 3 and day[code] != "N/A"
            }
            loaded = Rate.objects.filter(as_of__date=day["Date"])
            assert {rate.quote: rate.bid for rate in loaded} == in_file
