"""The house's own story: customers convert, the market moves, a hedge is booked.

The T-accounts stand in the comments, debits on the left; a credit balance on
`fx_position` is what the house is long. Results are in dollars.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.domain import (
    book,
    charge,
    convert,
    fund,
    hedge,
    house,
    position,
    publish_rates,
    results,
)
from tests.factories import CustomerFactory
from transactions.models import PositionBook, PositionStep

# Booking looks at what others have committed, so this one really commits.
pytestmark = pytest.mark.django_db(transaction=True)

HELD = ("side", "position", "average_cost")
WORTH = ("cost", "value", "realised", "unrealised")
EARNED = ("income", "exposure")


@pytest.fixture
def erin(db):
    """A third customer."""
    return CustomerFactory(name="Erin", external_id="erin")


@pytest.fixture
def tell(alice, bob, erin, rates):
    """Tells the story, with something done meanwhile; gives the instants before and
    after the market moved."""

    def story(meanwhile=lambda: None):
        charge(spread_bps="100")
        customers_convert(alice, bob, erin)
        before = timezone.now()
        # A euro is 1.50 dollars and 30 pesos now; a dollar is 20 pesos.
        publish_rates({"USD": "1.50", "MXN": "30"}, age=timedelta(0))
        after = timezone.now()
        meanwhile()
        #   The house buys 150 euros for 222 dollars, at 1.48.
        #   cash EUR             fx_position EUR      fx_position USD     cash USD
        #   150.00 |             200.00 | 100.00      125.00 | 500.00          | 222.00
        #                               | 150.00      222.00 |
        hedge("222.00 USD", for_="150.00 EUR")
        return before, after

    return story


def customers_convert(alice, bob, erin):
    # One euro is 1.25 dollars and 20 pesos, a dollar is 16 pesos. The spread is 1 %.
    fund(alice, "100.00 EUR")
    fund(bob, "500.00 USD")
    fund(erin, "4000.00 MXN")

    #   Alice sells 100 euros, worth 125.00 dollars, for 123.75.
    #   fx_position EUR      fx_position USD      fx_income USD
    #          | 100.00       125.00 |                 | 1.25
    convert(alice, "100.00 EUR", to="USD")

    #   Bob sells 500 dollars, worth 8000 pesos, for 7920.
    #   fx_position USD      fx_position MXN      fx_income MXN
    #   125.00 | 500.00      8000.00 |                  | 80.00
    convert(bob, "500.00 USD", to="MXN")

    #   Erin sells 4000 pesos, worth 200 euros and 250 dollars, for 198 euros.
    #   fx_position MXN      fx_position EUR      fx_income EUR
    #  8000.00 | 4000.00      200.00 | 100.00           | 2.00
    convert(erin, "4000.00 MXN", to="EUR")


def is_told_right(before, after):
    # Long 100 euros for 125, then 200 are sold for 250: 100 closed at what they cost,
    # and short 100 for 125. Short 8000 pesos for 500, then half of them bought back
    # for the 250 they were sold for. Nobody has gained but by the spread.
    assert position("EUR", *HELD, at=before) == ("short", "-100.00", "1.25")
    assert position("EUR", *WORTH, at=before) == ("-125.00", "-125.00", "0.00", "0.00")
    assert position("EUR", *EARNED, at=before) == ("2.00", "-98.00")
    assert position("MXN", *HELD, at=before) == ("short", "-4000.00", "0.0625")
    assert position("MXN", *WORTH, at=before) == ("-250.00", "-250.00", "0.00", "0.00")
    assert position("MXN", *EARNED, at=before) == ("80.00", "-3920.00")
    # Dollars are worth themselves.
    assert position("USD", *HELD, at=before) == ("long", "375.00", "1")
    assert position("USD", *WORTH, at=before) == ("375.00", "375.00", "0.00", "0.00")
    assert position("USD", *EARNED, at=before) == ("1.25", "376.25")
    assert results(at=before) == ("0.00", "0.00")

    # The market moves. 100 euros would take 150 to buy back, 25 more than they
    # brought; 4000 pesos would take 200, 50 less.
    assert position("EUR", *WORTH, at=after) == ("-125.00", "-150.00", "0.00", "-25.00")
    assert position("MXN", *WORTH, at=after) == ("-250.00", "-200.00", "0.00", "50.00")
    assert results(at=after) == ("0.00", "25.00")

    # The hedge. 100 of the 150 euros close the short position: sold for 125, bought
    # for 148. The other 50 cost 74, and are worth 75.
    assert position("EUR", *HELD) == ("long", "50.00", "1.48")
    assert position("EUR", *WORTH) == ("74.00", "75.00", "-23.00", "1.00")
    assert position("EUR", *EARNED) == ("2.00", "52.00")
    assert position("MXN", *WORTH) == ("-250.00", "-200.00", "0.00", "50.00")
    assert position("USD", *HELD) == ("long", "153.00", "1")
    # Together what all positions are worth: 75 - 200 + 153 = 28.
    assert results() == ("-23.00", "51.00")


class TestPositions:
    def test_stand_in_the_books(self, tell):
        tell()

        assert house() == {
            # What the customers brought, and what the hedge moved.
            "cash EUR": "250.00",
            "cash MXN": "4000.00",
            "cash USD": "278.00",
            "fx_position EUR": "50.00",
            "fx_position MXN": "-4000.00",
            "fx_position USD": "153.00",
            "fx_income EUR": "2.00",
            "fx_income MXN": "80.00",
            "fx_income USD": "1.25",
        }

    def test_are_told_without_a_book(self, tell):
        before, after = tell()

        assert not PositionBook.objects.exists()
        is_told_right(before, after)

    def test_are_told_from_the_book(self, tell):
        before, after = tell()
        book()

        is_told_right(before, after)
        steps = PositionStep.objects.filter(currency="EUR").order_by("number")
        assert [(step.number, step.change, step.value) for step in steps] == [
            (1, 100, 125),
            (2, -200, -250),
            (3, 150, 222),
        ]

    def test_are_told_from_the_book_and_what_came_since(self, tell):
        before, after = tell(meanwhile=book)

        assert PositionStep.objects.count() == 6
        is_told_right(before, after)
