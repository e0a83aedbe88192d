"""The rate between two currencies: exact, in one query, and never a doubtful one."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fx import queries
from fx.errors import RateUnavailable, SameCurrency
from fx.models import Rate
from fx.tests.market_stage import (
    FIVE_DAYS,
    FRIDAY,
    MINUTE,
    THURSDAY,
    dollar,
    dollars,
    record,
    said,
)

pytestmark = pytest.mark.django_db


def cross(now=FRIDAY):
    return queries.cross("EUR", "USD", now=now, max_age=FIVE_DAYS)


def refusal(now=FRIDAY):
    """Why there is no rate of the euro in dollars."""
    with pytest.raises(RateUnavailable) as caught:
        cross(now)
    return caught.value.members["reason"]


class TestCross:
    def test_is_exact_in_one_query(self, django_assert_num_queries):
        record(said("USD", "1.1172"), said("MXN", "21.1237"))

        with django_assert_num_queries(1):
            rate = queries.cross("USD", "MXN", now=FRIDAY, max_age=FIVE_DAYS)

        assert rate.mid == Fraction(211237, 11172)
        assert len(rate.rate_ids) == 2

    @pytest.mark.parametrize(
        ("source", "target", "mid"),
        [("EUR", "USD", Fraction(5, 4)), ("USD", "EUR", Fraction(4, 5))],
    )
    def test_has_one_leg_when_one_side_is_the_euro(
        self, source, target, mid, django_assert_num_queries
    ):
        record(said("USD", "1.25"))

        with django_assert_num_queries(1):
            rate = queries.cross(source, target, now=FRIDAY, max_age=FIVE_DAYS)

        assert rate.mid == mid
        assert len(rate.legs) == 1

    def test_takes_a_rate_that_is_just_fresh_enough(self):
        record(said("USD", "1.25"))

        rate = queries.cross("EUR", "USD", now=FRIDAY + FIVE_DAYS, max_age=FIVE_DAYS)

        assert rate.as_of == FRIDAY

    def test_refuses_a_leg_that_is_too_old_and_names_it(self):
        record(said("USD", "1.1"), said("JPY", "170", THURSDAY))

        with pytest.raises(RateUnavailable) as caught:
            queries.cross("USD", "JPY", now=FRIDAY + FIVE_DAYS, max_age=FIVE_DAYS)

        assert caught.value.members == {
            "currency": "JPY",
            "as_of": THURSDAY.isoformat(),
            "reason": "stale",
        }
        assert "2026-10-29 15:00 UTC" in caught.value.detail
        assert caught.value.headers == {"Retry-After": "60"}

    def test_refuses_a_leg_that_is_missing_and_names_it(self):
        record(said("USD", "1.1"))

        with pytest.raises(RateUnavailable) as caught:
            queries.cross("USD", "AED", now=FRIDAY, max_age=FIVE_DAYS)

        assert caught.value.members == {"currency": "AED", "reason": "missing"}

    def test_does_not_know_what_is_published_later(self):
        record(said("USD", "1.1"))

        with pytest.raises(RateUnavailable):
            queries.cross("EUR", "USD", now=THURSDAY, max_age=FIVE_DAYS)

    def test_refuses_one_currency_twice(self):
        with pytest.raises(SameCurrency):
            queries.cross("EUR", "EUR", now=FRIDAY, max_age=FIVE_DAYS)


class TestConsensus:
    def test_is_the_median_of_what_the_providers_say_now(self):
        dollars(["1.10", "1.12", "1.11"])

        rate = cross()

        assert rate.mid == Fraction("1.11")
        assert {source.provider for source in rate.legs[0].sources} == {
            "feed-0",
            "feed-1",
            "feed-2",
        }

    def test_keeps_the_two_sides_of_the_market(self):
        dollar("1.10", ask="1.12", by="desk")

        assert (cross().side, cross().mid) == (Fraction("1.10"), Fraction("1.11"))

    def test_takes_the_newest_of_each_provider(self):
        dollar("1.10", by="desk", now=FRIDAY - MINUTE)
        dollar("1.11", by="desk")
        dollar("1.12", by="feed")

        assert cross().mid == Fraction("1.115")

    def test_leaves_out_a_live_feed_sooner_than_the_bank(self, settings):
        settings.FX_MAX_FEED_AGE = 15 * MINUTE
        dollar("1.10", by="ecb", now=FRIDAY - timedelta(days=2))
        dollar("1.12", by="feed")

        assert cross().mid == Fraction("1.11")
        assert cross(FRIDAY + 15 * MINUTE).mid == Fraction("1.11")
        assert cross(FRIDAY + 16 * MINUTE).mid == Fraction("1.10")

    def test_leaves_out_whoever_is_far_from_the_others(self):
        dollars(["1.10", "1.11", "11.0"])

        assert cross().mid == Fraction("1.105")

    @pytest.mark.parametrize(
        ("bid", "ask"), [("0.8", "1.42"), ("1.10", "1.42"), ("0.8", "1.11")]
    )
    def test_looks_at_both_sides_and_not_at_the_middle(self, bid, ask):
        dollars(["1.10", "1.11"])
        dollar(bid, ask=ask, by="wide")

        assert len(cross().rate_ids) == 2

    def test_is_refused_when_two_disagree(self):
        dollars(["1.10", "1.20"])

        assert refusal() == "providers_disagree"

    def test_is_refused_when_only_half_of_them_agree(self):
        dollars(["1.10", "1.101", "1.50", "2.00"])

        assert refusal() == "providers_disagree"

    def test_is_refused_when_all_feeds_are_stale(self, settings):
        settings.FX_MAX_FEED_AGE = 15 * MINUTE
        dollars(["1.10", "1.11"])

        assert refusal(FRIDAY + 16 * MINUTE) == "stale"

    def test_never_falls_to_the_outlier_that_outlives_the_others(self, settings):
        settings.FX_MAX_FEED_AGE = 15 * MINUTE
        dollars(["1.10", "1.11"])
        dollar("11.0", by="wild", now=FRIDAY + 10 * MINUTE)

        # Nobody recorded anything since, so no breaker is open; it is measured anyway.
        assert refusal(FRIDAY + 20 * MINUTE) == "moved_too_far"


class TestThePast:
    def test_is_answered_with_what_was_known_then(self):
        dollar("1.10", by="desk", now=FRIDAY)
        record(said("USD", "1.12", FRIDAY + MINUTE), by="desk", now=FRIDAY + 5 * MINUTE)

        assert cross(FRIDAY + 3 * MINUTE).mid == Fraction("1.10")
        assert cross(FRIDAY + 5 * MINUTE).mid == Fraction("1.12")

    def test_is_answered_from_a_history_that_came_afterwards(self):
        record(said("USD", "1.10", THURSDAY), now=FRIDAY)

        assert cross(THURSDAY + MINUTE).mid == Fraction("1.10")

    def test_is_not_changed_by_a_history_that_came_afterwards(self):
        dollar("1.10", by="desk", now=THURSDAY)
        record(said("USD", "1.20", THURSDAY), by="ecb", now=FRIDAY)

        assert cross(THURSDAY + MINUTE).mid == Fraction("1.10")


class TestCost:
    def test_is_one_query_that_reads_little_of_a_long_history(self, settings):
        settings.FX_MAX_DEVIATION_BPS = 10_000
        for provider in ("desk", "ecb", "feed"):
            record(
                *(
                    said(quote, "1.1", FRIDAY - n * MINUTE)
                    for quote in ("MXN", "USD")
                    for n in range(3000)
                ),
                by=provider,
            )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE fx_rate")

        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            rate = queries.cross("USD", "MXN", now=FRIDAY, max_age=FIVE_DAYS)

        assert len(rate.rate_ids) == 6
        assert len(queries_made) == 1
        assert Rate.objects.count() == 18_000
        assert rows_read(queries_made[0]["sql"]) < 100


def rows_read(sql):
    """How many rows of rates the statement looks at, as PostgreSQL counts them."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]

    def walk(node):
        here = 0
        if node.get("Relation Name") == "fx_rate":
            passed = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            here = passed * node["Actual Loops"]
        return here + sum(map(walk, node.get("Plans", [])))

    return walk(plan[0]["Plan"])
