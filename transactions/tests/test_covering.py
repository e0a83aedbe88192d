"""Which wallets an amount is bought from: without a database."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fx.errors import AmountTooLarge
from fx.money import Denomination, Money
from fx.offers import Terms
from fx.policy import Bounds, FeeRule, Policy, SpreadRule
from fx.pricing import CrossRate, Leg, Source
from transactions.covering import NotCovered, Purse, cover, cover_cheaply, total

USD = Denomination("USD", 2)
UNITS = {"EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3}
NO_ID = UUID(int=0)


def purse(money, rate, bps="0", *fees, bounds=None):
    """Money that sells at so many dollars, less that spread."""
    amount, code = money.split()
    value = Decimal(rate)
    source = Source(NO_ID, "ecb", value, value, datetime(2026, 1, 1, tzinfo=UTC))
    leg = Leg(code, "USD", value, value, (source,))
    policy = Policy((SpreadRule(Decimal(bps)),), fees=tuple(fees), bounds=bounds or {})
    return Purse(
        Money.of(amount, Denomination(code, UNITS[code])),
        USD,
        CrossRate.through(code, "USD", [leg]),
        Terms(NO_ID, policy, "standard"),
    )


def usd(amount):
    return Money.of(amount, USD)


def sold(offers):
    return [str(offer.price.from_amount) for offer in offers]


class TestCover:
    def test_buys_exactly_what_is_missing(self):
        offers = cover(usd("10.00"), [purse("100.00 EUR", "1.25")])

        assert sold(offers) == ["8.00 EUR"]
        assert offers[0].price.to_amount == usd("10.00")

    def test_uses_the_first_up_before_the_second(self):
        purses = [purse("4.00 EUR", "1.25"), purse("1000 JPY", "0.01")]

        offers = cover(usd("10.00"), purses)

        assert sold(offers) == ["4.00 EUR", "500 JPY"]

    def test_leaves_room_for_the_fee(self):
        # Ten euros pay for 9.90 and a fee of 1 percent of that, rounded up.
        fee = FeeRule("conversion", bps=Decimal(100))
        purses = [purse("10.00 EUR", "1", "0", fee), purse("100.00 GBP", "1")]

        offers = cover(usd("20.00"), purses)

        assert sold(offers) == ["9.90 EUR", "10.10 GBP"]
        assert total(offers[0]) == Money.of("10.00", Denomination("EUR", 2))

    def test_skips_a_purse_that_a_fee_would_empty(self):
        fee = FeeRule("conversion", currency="EUR", fixed=Decimal(5))
        purses = [purse("4.00 EUR", "1", "0", fee), purse("100.00 GBP", "1")]

        assert sold(cover(usd("20.00"), purses)) == ["20.00 GBP"]

    def test_skips_a_purse_that_buys_less_than_a_unit(self):
        purses = [purse("1 JPY", "0.008"), purse("100.00 GBP", "1")]

        assert sold(cover(usd("20.00"), purses)) == ["20.00 GBP"]

    def test_skips_a_purse_with_less_than_the_policy_converts(self):
        least = {"EUR": Bounds(minimum=Decimal(5))}
        purses = [purse("4.00 EUR", "1", bounds=least), purse("100.00 GBP", "1")]

        assert sold(cover(usd("20.00"), purses)) == ["20.00 GBP"]

    def test_sells_parts_of_what_is_too_much_at_once(self):
        most = {"USD": Bounds(maximum=Decimal(15))}
        purses = [
            purse("10.00 EUR", "1.25", bounds=most),
            purse("100.00 GBP", "1", bounds=most),
        ]

        assert sold(cover(usd("20.00"), purses)) == ["10.00 EUR", "7.50 GBP"]

    def test_refuses_a_part_that_is_too_much_at_once(self):
        most = {"USD": Bounds(maximum=Decimal(15))}

        with pytest.raises(AmountTooLarge):
            cover(usd("20.00"), [purse("100.00 EUR", "1.25", bounds=most)])

    def test_sells_what_at_mid_would_do_and_with_the_spread_does_not(self):
        most = {"USD": Bounds(maximum=Decimal(15))}
        near = purse("16.00 EUR", "1", "1000", bounds=most)

        offers = cover(usd("16.00"), [near, purse("100.00 GBP", "1")])

        assert sold(offers) == ["16.00 EUR", "1.60 GBP"]

    def test_says_what_all_of_them_come_to(self):
        purses = [purse("4.00 EUR", "1.25"), purse("100 JPY", "0.01")]

        with pytest.raises(NotCovered) as short:
            cover(usd("10.00"), purses)

        assert short.value.got == usd("6.00")


class TestCoverCheaply:
    def test_takes_the_narrower_spread_first(self):
        purses = [purse("100.00 EUR", "1", "90"), purse("5.00 GBP", "1", "10")]

        offers = cover_cheaply(usd("10.00"), purses)

        assert sold(offers)[0] == "5.00 GBP"

    def test_pays_one_fixed_fee_rather_than_two(self):
        # The pound has the narrower spread, but does not reach, and would cost its fee
        # on top: one conversion of euros is cheaper than both.
        def fee(code):
            return FeeRule("conversion", currency=code, fixed=Decimal(1))

        purses = [
            purse("100.00 EUR", "1", "20", fee("EUR")),
            purse("5.00 GBP", "1", "10", fee("GBP")),
        ]

        offers = cover_cheaply(usd("10.00"), purses)

        assert [o.price.from_amount.currency.code for o in offers] == ["EUR"]

    def test_covers_out_of_seven_purses(self):
        codes = ["EUR", "GBP", "KWD"]
        purses = [purse(f"1.00 {codes[n % 3]}", "1", str(n)) for n in range(7)]

        offers = cover_cheaply(usd("6.50"), purses)

        assert sum((o.price.to_amount for o in offers), usd(0)) == usd("6.50")

    @settings(deadline=None)
    @given(data=st.data())
    def test_never_costs_more_than_any_other_order(self, data):
        purses = drawn_purses(data)
        missing = usd(data.draw(st.decimals("0.01", "5000", places=2)))
        ways = all_ways(missing, purses)

        try:
            best = cover_cheaply(missing, purses)
        except NotCovered:
            assert ways == []
            return

        assert cost(best) <= min(cost(way) for way in ways)
        assert sum((o.price.to_amount for o in best), usd(0)) == missing
        available = {p.available.currency.code: p.available for p in purses}
        for offer in best:
            assert total(offer) <= available[offer.price.from_amount.currency.code]


def drawn_purses(data):
    count = data.draw(st.integers(1, 4))
    return [
        purse(
            f"{data.draw(st.integers(0, 500))} {code}",
            str(data.draw(st.decimals("0.01", "200", places=4))),
            str(data.draw(st.integers(0, 300))),
            FeeRule(
                "conversion",
                currency=code,
                fixed=Decimal(data.draw(st.integers(0, 3))),
                bps=Decimal(data.draw(st.integers(0, 200))),
            ),
        )
        for code in data.draw(st.permutations(list(UNITS)))[:count]
    ]


def all_ways(missing, purses):
    """Every choice of purses in every order that covers what is missing."""
    ways = []
    for number in range(1, len(purses) + 1):
        for order in permutations(purses, number):
            with suppress(NotCovered):
                ways.append(cover(missing, order))
    return ways


def cost(offers):
    return sum(
        Fraction(offer.price.spread_amount.amount)
        + Fraction(offer.price.mid_rate) * Fraction(offer.fee.amount)
        for offer in offers
    )
