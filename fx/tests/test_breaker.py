"""The breaker of a pair: it opens by itself, and a person closes it for a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection

from fx import queries
from fx.errors import RateUnavailable
from fx.models import FeedError, Rate, Verdict
from fx.services import close_breaker, set_rate
from fx.tests.market_stage import (
    FIVE_DAYS,
    FRIDAY,
    MINUTE,
    THURSDAY,
    dollar,
    record,
    said,
)
from paymentprocessor.api.errors import Refusal
from tests.factories import StaffFactory
from users.acts import Actor
from users.models import StaffAct

pytestmark = pytest.mark.django_db


def cross(now=FRIDAY):
    return queries.cross("EUR", "USD", now=now, max_age=FIVE_DAYS)


def refusal(now=FRIDAY):
    with pytest.raises(RateUnavailable) as caught:
        cross(now)
    return caught.value


def dan(reason):
    """Dan of treasury, who gives a reason."""
    return Actor(StaffFactory(name="Dan").pk, reason)


def close(now, reason="The bank confirms it.", pair="EUR/USD"):
    return close_breaker(pair, actor=dan(reason), now=now)


def story():
    """What was decided about the dollar, in order."""
    return list(Verdict.objects.order_by("at").values_list("kind", flat=True))


@pytest.fixture
def tenfold():
    """A feed moves the point: 1.10 becomes 11.0 a minute later."""
    dollar("1.10", by="feed")
    return dollar("11.0", by="feed", now=FRIDAY + MINUTE)


class TestBreaker:
    def test_opens_when_a_rate_is_ten_times_the_last(self, tenfold):
        refused = refusal(FRIDAY + MINUTE)

        assert tenfold.opened == 1
        assert refused.members == {"currency": "USD", "reason": "breaker_open"}
        assert "from 1.1 to 11, which is +90000 basis points" in refused.detail
        assert story() == ["accepted", "opened"]

    @pytest.mark.parametrize(("value", "opened"), [("1.32", 0), ("1.33", 1)])
    def test_opens_beyond_the_band_and_not_within(self, value, opened, settings):
        settings.FX_MAX_MOVE_BPS = 2000
        dollar("1.10", by="feed")

        assert dollar(value, by="feed", now=FRIDAY + MINUTE).opened == opened

    def test_is_measured_from_the_last_that_was_accepted(self, settings):
        settings.FX_MAX_MOVE_BPS = 2000
        for minutes, value in enumerate(["1.00", "1.15", "1.30", "1.50"]):
            dollar(value, by="feed", now=FRIDAY + minutes * MINUTE)

        assert story() == ["accepted"] * 4

    def test_keeps_the_observation_and_shows_it_to_staff(self, tenfold):
        error = FeedError.objects.get()

        assert Rate.objects.filter(bid="11").count() == 1
        assert (error.provider, error.at) == ("feed", FRIDAY + MINUTE)
        assert "The breaker of EUR/USD opened." in error.what
        assert error.excerpt.startswith("11 to 11 as of")

    def test_stays_open_when_the_feed_finds_its_way_back(self, tenfold):
        later = FRIDAY + 2 * MINUTE

        dollar("1.10", by="feed", now=later)

        assert refusal(later).members["reason"] == "breaker_open"
        assert story() == ["accepted", "opened"]

    def test_stays_closed_when_one_of_three_goes_mad(self):
        for by in ("desk", "feed", "wild"):
            dollar("1.10", by=by)

        mad = dollar("11.0", by="wild", now=FRIDAY + MINUTE)

        assert mad.opened == 0
        assert cross(FRIDAY + MINUTE).mid == Fraction("1.10")
        assert "too far from the other providers" in FeedError.objects.get().what

    def test_leaves_a_disagreement_to_the_providers(self):
        dollar("1.10", by="desk")

        dollar("1.50", by="feed", now=FRIDAY + MINUTE)

        assert refusal(FRIDAY + MINUTE).members["reason"] == "providers_disagree"
        assert story() == ["accepted"]
        assert "do not agree" in FeedError.objects.get().what

    def test_of_one_pair_is_no_other_pairs(self, tenfold):
        record(said("MXN", "20"), by="feed")

        rate = queries.cross("EUR", "MXN", now=FRIDAY + MINUTE, max_age=FIVE_DAYS)

        assert rate.mid == 20

    def test_does_not_mind_what_moved_long_ago(self):
        dollar("1.10", by="ecb")

        history = record(
            *(said("USD", f"{n}", FRIDAY - n * FIVE_DAYS) for n in range(2, 90)),
            now=FRIDAY + MINUTE,
        )

        assert (history.new, history.opened) == (88, 0)
        assert story() == ["accepted"]

    def test_says_nothing_of_a_pair_whose_rates_are_all_old(self):
        record(said("USD", "1.10", THURSDAY - FIVE_DAYS))

        assert story() == []

    def test_adds_nothing_while_nothing_changes(self):
        for minutes in range(3):
            dollar("1.10", by="feed", now=FRIDAY + minutes * MINUTE)

        assert story() == ["accepted"]

    def test_has_the_last_word_of_the_one_who_decided_last(self):
        dollar("1.10", by="feed", now=FRIDAY + 5 * MINUTE)

        # Began its work before, and is heard after.
        slow = dollar("11.0", by="feed", now=FRIDAY + 4 * MINUTE)
        settled = dollar("11.0", by="feed", now=FRIDAY + 6 * MINUTE)

        assert (slow.opened, settled.opened) == (0, 1)
        assert story() == ["accepted", "opened"]

    @pytest.mark.django_db(transaction=True)
    def test_opens_once_when_many_record_at_once(self):
        dollar("1.10", by="feed")

        def speak(number):
            try:
                return dollar("11.0", by="feed", now=FRIDAY + number * MINUTE).opened
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(speak, [1] * 8))

        assert sum(opened) == 1
        assert story() == ["accepted", "opened"]


class TestCloseBreaker:
    def test_makes_the_new_level_the_accepted_one(self, tenfold):
        later = FRIDAY + 2 * MINUTE

        verdict = close(later, reason="A new currency was introduced.")
        dollar("11.5", by="feed", now=later + MINUTE)

        assert cross(later + MINUTE).mid == Fraction("11.5")
        assert verdict.reason == "A new currency was introduced."
        assert verdict.bid == Decimal("11.0")
        act = StaffAct.objects.get(kind="breaker.closed")
        assert (act.staff_id, act.reason) == (verdict.staff_id, verdict.reason)
        assert story() == ["accepted", "opened", "closed", "accepted"]

    def test_takes_the_old_level_when_the_feed_is_back_at_it(self, tenfold):
        later = FRIDAY + 2 * MINUTE
        dollar("1.11", by="feed", now=later)

        close(later)

        assert cross(later + MINUTE).mid == Fraction("1.11")

    def test_leaves_the_past_as_it_was(self, tenfold):
        close(FRIDAY + 2 * MINUTE)

        assert cross(FRIDAY).mid == Fraction("1.10")
        assert refusal(FRIDAY + MINUTE).members["reason"] == "breaker_open"
        assert cross(FRIDAY + 2 * MINUTE).mid == 11

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, tenfold, reason):
        with pytest.raises(Refusal, match="Say why"):
            close(FRIDAY + 2 * MINUTE, reason=reason)

    @pytest.mark.parametrize("pair", ["EUR/USD", "USD/EUR", "EUR/XYZ", "USD", ""])
    def test_is_for_a_breaker_that_is_open(self, pair):
        dollar("1.10", by="feed")

        with pytest.raises(Refusal, match="not open"):
            close(FRIDAY + MINUTE, pair=pair)

    def test_needs_a_level_that_can_be_accepted(self, tenfold, settings):
        settings.FX_MAX_FEED_AGE = 15 * MINUTE

        with pytest.raises(RateUnavailable):
            close(FRIDAY + timedelta(hours=1))

        assert story() == ["accepted", "opened"]

    def test_happens_once(self, tenfold):
        close(FRIDAY + 2 * MINUTE)

        with pytest.raises(Refusal, match="not open"):
            close(FRIDAY + 3 * MINUTE)


class TestSetRate:
    def set_(self, **differences):
        words = {"bid": Decimal("1.10"), "ask": Decimal("1.12")}
        words |= {"reason": "The feeds are down.", "now": FRIDAY} | differences
        actor = dan(words.pop("reason"))
        return set_rate("USD", **words, actor=actor)

    def test_is_one_word_among_others_with_its_reason(self):
        dollar("1.12", by="feed")

        self.set_()

        rate = Rate.objects.get(provider="manual")
        act = StaffAct.objects.get(kind="rate.given")
        assert rate.reason == "The feeds are down."
        assert (act.staff_id, act.subject_id) == (rate.staff_id, str(rate.pk))
        assert cross().mid == Fraction("1.115")

    def test_opens_the_breaker_like_any_other(self):
        self.set_()

        far = self.set_(bid=Decimal(11), ask=Decimal(11), now=FRIDAY + MINUTE)

        assert far.opened == 1

    @pytest.mark.parametrize(
        ("differences", "message"),
        [
            ({"reason": " "}, "Say why"),
            ({"bid": Decimal(0), "ask": Decimal(0)}, "above zero"),
            ({"bid": Decimal("1.13")}, "above the ask"),
            ({"ask": Decimal("11.2")}, "too wide"),
        ],
    )
    def test_refuses_what_nobody_would_quote(self, differences, message):
        with pytest.raises(Refusal, match=message):
            self.set_(**differences)

        assert not Rate.objects.exists()
