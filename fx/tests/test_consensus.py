"""What providers agree on: in the middle, in any order, and moved by no outlier."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fx.consensus import Limits, agree, agreeing, consent, has_moved, median
from fx.errors import RateUnavailable
from fx.pricing import Source

FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)

RATES = st.decimals(
    min_value="0.000000000001",
    max_value="999999999999.999999999999",
    places=12,
    allow_nan=False,
)


def said(
    number: int,
    bid: str | Decimal,
    ask: str | Decimal | None = None,
    *,
    as_of: datetime = FRIDAY,
) -> Source:
    low = Decimal(bid)
    high = low if ask is None else Decimal(ask)
    return Source(UUID(int=number), f"p{number}", low, high, as_of)


@st.composite
def several(draw: st.DrawFn, least: int = 1) -> list[Source]:
    sides = draw(st.lists(st.tuples(RATES, RATES), min_size=least, max_size=7))
    return [said(number, *sorted(pair)) for number, pair in enumerate(sides)]


class TestMedian:
    def test_is_the_one_in_the_middle(self):
        assert median([Decimal(9), Decimal(1), Decimal(2)]) == 2

    def test_of_an_even_number_is_exactly_between_two(self):
        odd = Decimal("999999999999.999999999999")
        even = Decimal("999999999999.999999999998")

        assert median([odd, even]) == Decimal("999999999999.9999999999985")

    def test_of_nothing_is_an_error(self):
        with pytest.raises(ValueError, match="nothing"):
            median([])


class TestAgree:
    def test_takes_bids_and_asks_apart(self):
        leg = agree(
            "EUR",
            "USD",
            [said(1, "1.10", "1.30"), said(2, "1.15", "1.20"), said(3, "1.16", "1.18")],
        )

        assert (leg.base, leg.quote) == ("EUR", "USD")
        assert (leg.bid, leg.ask) == (Decimal("1.15"), Decimal("1.20"))
        assert leg.mid == Fraction("1.175")

    def test_of_one_is_what_that_one_said(self):
        leg = agree("EUR", "USD", [said(1, "1.10", "1.30")])

        assert (leg.bid, leg.ask) == (Decimal("1.10"), Decimal("1.30"))

    @given(several())
    def test_lies_between_the_least_and_the_greatest(self, sources):
        leg = agree("EUR", "USD", sources)

        assert min(s.bid for s in sources) <= leg.bid <= max(s.bid for s in sources)
        assert min(s.ask for s in sources) <= leg.ask <= max(s.ask for s in sources)
        assert 0 < leg.bid <= leg.ask

    @given(several(), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order(self, sources, random):
        shuffled = random.sample(sources, len(sources))

        assert agree("EUR", "USD", shuffled) == agree("EUR", "USD", sources)

    @given(several())
    def test_can_be_made_again_from_its_sources(self, sources):
        leg = agree("EUR", "USD", sources)

        assert agree(leg.base, leg.quote, leg.sources) == leg
        assert len(leg.sources) == len(sources)

    @given(RATES, RATES, RATES)
    def test_is_not_moved_beyond_the_other_two_by_an_outlier(self, one, other, wild):
        leg = agree("EUR", "USD", [said(1, one), said(2, other), said(3, wild)])

        assert min(one, other) <= leg.bid <= max(one, other)


class TestAgreeing:
    @given(several(), st.integers(min_value=1, max_value=10_000))
    def test_are_more_than_half_and_near_the_median_or_nobody(self, sources, bps):
        near = agreeing(sources, Decimal(bps))

        bid = Fraction(median([source.bid for source in sources]))
        assert not near or 2 * len(near) > len(sources)
        assert all(abs(Fraction(s.bid) - bid) * 10_000 <= bps * bid for s in near)

    @given(several(least=3), st.integers(min_value=0, max_value=6), RATES)
    def test_are_all_the_others_when_one_alone_goes_mad(self, sources, place, wild):
        honest = [said(source.id.int, "1.10", "1.12") for source in sources]
        honest[place % len(honest)] = said(99, wild)

        leg = agree("EUR", "USD", agreeing(honest, Decimal(200)))

        assert Decimal("1.10") <= leg.bid <= leg.ask <= Decimal("1.12")

    def test_are_both_of_two_or_none(self):
        def pair(other):
            return agreeing([said(1, "1.00"), said(2, other)], Decimal(200))

        assert len(pair("1.04")) == 2
        assert pair("1.05") == []


class TestConsent:
    LIMITS = Limits(
        max_age=timedelta(days=5),
        max_feed_age=timedelta(minutes=15),
        max_deviation_bps=Decimal(200),
        max_move_bps=Decimal(2000),
    )

    @pytest.mark.parametrize(
        ("sources", "reason"),
        [
            ([], "missing"),
            ([said(1, "1.1", as_of=FRIDAY - timedelta(minutes=16))], "stale"),
            ([said(1, "1.1"), said(2, "1.2")], "providers_disagree"),
        ],
    )
    def test_fails_closed_and_says_why(self, sources, reason):
        with pytest.raises(RateUnavailable) as caught:
            consent("EUR", "USD", sources, FRIDAY, self.LIMITS)

        assert caught.value.members["reason"] == reason
        assert caught.value.members["currency"] == "USD"

    @pytest.mark.parametrize(
        ("mid", "moved"),
        [("1.2", False), ("1.21", True), ("0.8", False), ("0.79", True)],
    )
    def test_is_measured_against_the_level_before(self, mid, moved):
        leg = agree("EUR", "USD", [said(1, mid)])

        assert has_moved(leg, Decimal(1), Decimal(1), Decimal(2000)) is moved
