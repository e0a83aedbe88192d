"""What a provider says is written down beside what it said before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from fx import queries
from fx.models import Rate
from fx.providers.observation import AbsurdFeed
from fx.services import record_rates
from fx.tests.market_stage import FIVE_DAYS, FRIDAY, MINUTE, THURSDAY, record, said

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def euro_in_dollars(now=FRIDAY):
    rate = queries.cross("EUR", "USD", now=now, max_age=FIVE_DAYS)
    return Decimal(rate.mid.numerator) / rate.mid.denominator


class TestRecordRates:
    def test_says_what_came_of_it(self):
        recorded = record(said("USD", "1.1"), said("JPY", "170", THURSDAY))

        assert (recorded.read, recorded.new, recorded.opened) == (2, 2, 0)
        assert (recorded.oldest_at, recorded.newest_at) == (THURSDAY, FRIDAY)

    def test_does_not_double_what_it_hears_twice(self):
        record(said("USD", "1.1"))

        again = record(said("USD", "1.10"), said("USD", "1.1"))

        assert (again.read, again.new) == (2, 0)
        assert Rate.objects.count() == 1

    def test_does_not_double_what_is_said_twice_at_once(self):
        recorded = record(said("USD", "1.10"), said("USD", "1.1"))

        assert (recorded.read, recorded.new) == (2, 1)

    def test_adds_a_correction_that_wins_from_then_on(self):
        record(said("USD", "1.1"))

        record(said("USD", "1.2"), now=FRIDAY + HOUR)

        assert Rate.objects.count() == 2
        assert euro_in_dollars(FRIDAY) == Decimal("1.1")
        assert euro_in_dollars(FRIDAY + HOUR) == Decimal("1.2")

    def test_goes_back_to_the_first_value_when_the_provider_does(self):
        for hours, value in enumerate(["1.1", "1.2", "1.1", "1.1"]):
            record(said("USD", value), now=FRIDAY + hours * HOUR)

        assert Rate.objects.count() == 3
        assert euro_in_dollars(FRIDAY + 4 * HOUR) == Decimal("1.1")

    def test_keeps_the_last_word_even_when_the_clock_stands_still(self):
        for value in ("1.1", "1.2"):
            record(said("USD", value))

        assert euro_in_dollars(FRIDAY + MINUTE) == Decimal("1.2")

    def test_keeps_what_each_provider_says_with_both_sides(self):
        record(said("USD", "1.1"))

        again = record(said("USD", "1.1", ask="1.11"), by="desk")

        assert again.new == 1
        assert Rate.objects.get(provider="desk").ask == Decimal("1.11")

    def test_refuses_two_values_at_one_instant(self):
        with pytest.raises(AbsurdFeed, match="EUR/USD has two values"):
            record(said("USD", "1.1"), said("USD", "1.2"))

        assert not Rate.objects.exists()

    def test_records_nothing_when_reading_breaks_off(self):
        def broken():
            yield said("USD", "1.1")
            raise AbsurdFeed("no more")

        with pytest.raises(AbsurdFeed):
            record_rates(broken(), provider="ecb", now=FRIDAY)

        assert not Rate.objects.exists()

    def test_of_nothing_is_nothing(self):
        recorded = record()

        assert (recorded.read, recorded.new, recorded.newest_at) == (0, 0, None)

    @pytest.mark.django_db(transaction=True)
    def test_at_once_by_many_adds_every_word_once(self):
        words = [said("USD", f"1.{number:03}", THURSDAY) for number in range(1, 4)]
        history = [said("JPY", "170", FRIDAY - n * HOUR) for n in range(200)]

        def load(number):
            try:
                record(*history, words[number % 3], now=FRIDAY + number * MINUTE)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(load, range(16)))

        assert Rate.objects.filter(quote="JPY").count() == 200
        heard = Rate.objects.filter(quote="USD").order_by("id")
        assert set(heard.values_list("bid", flat=True)) == {word.bid for word in words}
