"""A file of rates that people made: all of it is believed, or nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from fx.models import FeedError, Rate
from fx.providers import csv_file
from fx.providers.observation import AbsurdFeed, Observation

NOW = datetime(2026, 10, 30, 16, tzinfo=UTC)
FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)

TABLE = """base,quote,bid,ask,as_of
EUR,USD,1.0851,1.0853,2026-10-30T15:00:00+00:00
EUR,MXN,20.13,,2026-10-30T16:00:00+01:00
"""


def read(table):
    body = table if isinstance(table, bytes) else table.encode()
    return list(csv_file.read(BytesIO(body), now=NOW))


class TestRead:
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_reads_one_side_or_two(self, mark):
        peso = Decimal("20.13")

        assert read(mark + TABLE) == [
            Observation("EUR", "USD", Decimal("1.0851"), Decimal("1.0853"), FRIDAY),
            Observation("EUR", "MXN", peso, peso, FRIDAY),
        ]

    @pytest.mark.parametrize(
        ("good", "bad", "what"),
        [
            ("base,quote", "from,to", "first line"),
            ("1.0851", "0", "Line 2: EUR/USD: a bid of 0 is not above zero"),
            ("1.0851", "-1.0851", "Line 2: '-1.0851' is not a rate"),
            ("1.0851", "NaN", "Line 2: 'NaN'"),
            ("1.0851", "1e0", "Line 2: '1e0'"),
            ("1.0851", "1,0851", "Line 2: 6 columns"),
            ("1.0851", "1.0854", "above the ask"),
            ("1.0853", "10.853", "too wide"),
            ("EUR,USD", "USD,MXN", "rates are kept of the euro"),
            ("EUR,USD", "EUR,MXN", "Line 3: EUR/MXN is there twice"),
            ("EUR,USD", "EUR,usd", "not a currency"),
            ("2026-10-30T15", "2126-10-30T15", "in the future"),
            ("2026-10-30T15", "1926-10-30T15", "no euro"),
            ("15:00:00+00:00", "15:00:00", "offset"),
            ("15:00:00+00:00", "15:00 o'clock", "not an instant"),
            ("20.13", '"20.13', "Line "),
        ],
    )
    def test_refuses_the_whole_of_it_and_says_where(self, good, bad, what):
        with pytest.raises(AbsurdFeed, match=what):
            read(TABLE.replace(good, bad))

    @pytest.mark.parametrize(
        ("table", "what"),
        [
            (b"", "first line"),
            (b"<!doctype html>", "first line"),
            (b"PK\x03\x04\xff\xfe", "UTF-8"),
            (TABLE.splitlines()[0], "no rates"),
            (b"x" * 10_000_001, "more than 10,000,000 bytes"),
        ],
    )
    def test_refuses_what_is_no_table(self, table, what):
        with pytest.raises(AbsurdFeed, match=what):
            read(table)


@pytest.mark.django_db
class TestLoadRates:
    def load(self, path, *arguments):
        out = StringIO()
        call_command(
            "load_rates",
            *("--provider", "csv", "--file", str(path), *arguments),
            stdout=out,
            stderr=StringIO(),
        )
        return out.getvalue()

    def test_records_the_file(self, tmp_path):
        path = tmp_path / "rates.csv"
        path.write_text(TABLE)

        said = self.load(path)

        assert said == "csv: 2 rates read, 2 new, 2026-10-30 to 2026-10-30.\n"
        assert set(Rate.objects.values_list("provider", "quote")) == {
            ("csv", "USD"),
            ("csv", "MXN"),
        }

    def test_records_nothing_of_a_file_with_one_bad_line(self, tmp_path):
        path = tmp_path / "rates.csv"
        path.write_text(TABLE.replace("20.13", "zero"))

        with pytest.raises(CommandError, match=r"\. Line 3: 'zero'"):
            self.load(path)

        assert not Rate.objects.exists()
        error = FeedError.objects.get()
        assert (error.provider, error.what[:7]) == ("csv", "Line 3:")
        assert error.excerpt.startswith("EUR,MXN,zero")

    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            (["--provider", "csv"], "--file"),
            (["--provider", "manual"], "console"),
            (["--provider", "nobody"], "no feed 'nobody'"),
            (["--provider", "nobody", "--url"], "its own address"),
        ],
    )
    def test_says_what_does_not_go_together(self, arguments, what):
        with pytest.raises(CommandError, match=what):
            call_command("load_rates", *arguments)
