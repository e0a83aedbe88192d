"""The weighted average, by hand and by property."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fx.money import EXACT
from transactions.average_cost import Holding, value_at

D = Decimal


def held(*trades):
    """The holding after trades of (change, value)."""
    holding = Holding()
    for change, value in trades:
        holding = holding.after(D(change), None if value is None else D(value))
    return holding


class TestHolding:
    def test_averages_what_was_bought(self):
        # 100 for 110 and 300 for 370: 400 for 480, 1.20 each.
        assert held(("100", "110"), ("300", "370")) == Holding(D(400), D(480), D(0))

    def test_realises_against_the_average(self):
        # 100 of the 400 cost 120 and brought 150.
        holding = held(("100", "110"), ("300", "370"), ("-100", "-150"))

        assert holding == Holding(D(300), D(360), D(30))

    def test_realises_a_loss_on_a_short_position(self):
        # 100 were sold for 110; to buy 50 of them back took 60.
        assert held(("-100", "-110"), ("50", "60")) == Holding(D(-50), D(-55), D(-5))

    def test_has_no_cost_when_it_is_flat(self):
        holding = held(("3", "10"), ("-1", "-3"), ("-2", "-8"))

        assert holding == Holding(D(0), D(0), D(1))

    def test_closes_and_opens_when_it_crosses_zero(self):
        # 100 for 110; then 150 are sold for 180: 100 of them for 120, 50 for 60.
        assert held(("100", "110"), ("-150", "-180")) == Holding(D(-50), D(-60), D(10))

    def test_crosses_zero_from_below_alike(self):
        assert held(("-100", "-120"), ("150", "165")) == Holding(D(50), D(55), D(10))

    def test_keeps_the_digits_of_the_greatest_amounts(self):
        big = "99999999999999999999.99999999"

        holding = held((big, big), (big, big))

        assert holding.position == D("199999999999999999999.99999998")
        assert holding.cost == holding.position

    @pytest.mark.parametrize(
        ("trades", "holding"),
        [
            ([("1", None)], Holding(D(1), None, D(0))),
            # What it cost is unknown, so what came of selling it is as well.
            ([("2", None), ("-1", "-5")], Holding(D(1), None, None)),
            # The average of what is left is not touched by an unknown price.
            ([("2", "10"), ("-1", None)], Holding(D(1), D(5), None)),
            ([("2", "10"), ("-2", None)], Holding(D(0), D(0), None)),
            # Flat, and then known again.
            ([("2", None), ("-2", "-9"), ("1", "4")], Holding(D(1), D(4), None)),
            # What was opened by the crossing has a known price.
            ([("1", None), ("-3", "-9")], Holding(D(-2), D(-6), None)),
            ([("1", "4"), ("-3", None)], Holding(D(-2), None, None)),
        ],
    )
    def test_knows_what_it_can_and_invents_nothing(self, trades, holding):
        assert held(*trades) == holding


amounts = st.decimals("0.00000001", "99999999999", places=8)
prices = st.fractions(Fraction(1, 10**6), Fraction(10**6))
trades = st.lists(st.tuples(st.booleans(), amounts, prices), max_size=30)


class TestAnyTrades:
    @given(trades, prices)
    def test_realised_and_unrealised_are_the_value_less_what_was_spent(self, made, mid):
        holding, spent, position = Holding(), D(0), D(0)
        for buys, amount, price in made:
            change = amount if buys else -amount
            value = value_at(change, price)
            holding = holding.after(change, value)
            spent = EXACT.add(spent, value)
            position = EXACT.add(position, change)

        value = value_at(position, mid)
        unrealised = EXACT.subtract(value, holding.cost)
        result = EXACT.add(holding.realised, unrealised)
        assert result == EXACT.subtract(value, spent)
        assert holding.position == position

    @given(trades)
    def test_the_average_lies_between_the_prices_paid(self, made):
        holding, paid = Holding(), []
        for buys, amount, price in made:
            change = amount if buys else -amount
            before = holding.position
            holding = holding.after(change, value_at(change, price))
            if before * holding.position <= 0:
                paid = []
            if (change > 0) == (holding.position > 0):
                paid.append(price)

        if holding.position:
            average = Fraction(holding.cost) / Fraction(holding.position)
            # A unit of the last decimal per trade, on a position that may be tiny.
            slack = Fraction(2 * len(made), 10**12) / abs(Fraction(holding.position))
            assert min(paid) - slack <= average <= max(paid) + slack

    @given(amounts, prices, prices)
    def test_there_and_back_realises_the_difference_in_price(self, amount, buy, sell):
        holding = held(
            (amount, value_at(amount, buy)), (-amount, value_at(-amount, sell))
        )

        made = EXACT.subtract(value_at(amount, sell), value_at(amount, buy))
        assert holding == Holding(D(0), D(0), made)
