"""How far positions may go: who is refused, who pays more, and who is not asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db import transaction as db_transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fx.errors import UnsupportedCurrency
from fx.money import Denomination, Money
from fx.pricing import Price
from paymentprocessor.api.errors import ValidationError
from tests.domain import hedge, limit, position
from tests.factories import StaffFactory
from transactions.errors import LimitExceeded
from transactions.exposure import exposure
from transactions.models import PositionLimit
from transactions.queries.position_limits import (
    limits_at,
    limits_lately,
)
from transactions.services import fold_totals, set_position_limit
from users.acts import Actor
from webhooks.models import Event

pytestmark = pytest.mark.django_db

D = Decimal
EUR, USD, MXN = (Denomination(code, 2) for code in ("EUR", "USD", "MXN"))


def price(sold, bought):
    """A price of those two amounts, of which the last is at mid."""
    sold, bought = (Money(D(amount), unit) for amount, unit in (sold, bought))
    return Price(
        fixed_side="source", from_amount=sold, to_amount=bought, mid_amount=bought,
        spread_amount=bought - bought, mid_rate=D(1), client_rate=D(1),
        spread_bps=D(0), exact_target=D(1), residual=D(0), rate_ids=(),
        rate_as_of=timezone.now(),
    )  # fmt: skip


def converts(sold, bought):
    exposed = exposure((sold[1].code, bought[1].code), now=timezone.now())
    exposed.check([price(sold, bought)])
    exposed.tell([price(sold, bought)])


def widening(source, target):
    return exposure((source, target), now=timezone.now()).widening(source, target)


class TestHardLimit:
    def test_lets_a_position_go_all_the_way(self):
        limit("EUR", hard="100.00")

        converts(("100.00", EUR), ("125.00", USD))

    @pytest.mark.parametrize(
        ("sold", "bought"),
        [(("100.01", EUR), ("1.00", USD)), (("1.00", USD), ("100.01", EUR))],
    )
    def test_refuses_what_goes_beyond_long_or_short(self, sold, bought):
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts(sold, bought)

        assert refused.value.members == {
            # With its headroom, the limit would tell where the house stands.
            "limit": None,
            "headroom": "100.00",
            "currency": "EUR",
        }

    @pytest.mark.parametrize(
        ("amount", "headroom"), [("61.00", "60.00"), ("1000.00", "60.00")]
    )
    def test_tells_how_much_would_still_do(self, amount, headroom):
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts((amount, EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == headroom

    def test_has_room_through_zero(self):
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        converts(("1.00", USD), ("140.00", EUR))
        with pytest.raises(LimitExceeded) as refused:
            converts(("1.00", USD), ("140.01", EUR))

        assert refused.value.members["headroom"] == "140.00"

    def test_welcomes_what_brings_a_position_back(self):
        hedge("250.00 USD", for_="200.00 EUR")
        limit("EUR", hard="100.00")

        converts(("1.00", USD), ("10.00", EUR))
        # All the way through zero, and nearer to it than before.
        converts(("1.00", USD), ("399.99", EUR))
        with pytest.raises(LimitExceeded) as refused:
            converts(("0.01", EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == "0.00"

    def test_counts_what_was_folded_and_what_came_since(self):
        hedge("50.00 USD", for_="40.00 EUR")
        fold_totals()
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        converts(("20.00", EUR), ("1.00", USD))
        with pytest.raises(LimitExceeded):
            converts(("20.01", EUR), ("1.00", USD))


@pytest.mark.django_db(transaction=True)
class TestFolded:
    def test_positions_count(self):
        hedge("50.00 USD", for_="40.00 EUR")
        fold_totals()
        hedge("12.50 USD", for_="10.00 EUR")
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts(("50.01", EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == "50.00"


class TestSoftLimit:
    def test_widens_what_goes_further(self):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert widening("EUR", "USD") == D("12.5")
        assert widening("USD", "EUR") == 0

    def test_widens_nothing_before_it_is_reached(self):
        hedge("125.00 USD", for_="99.99 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert widening("EUR", "USD") == 0

    def test_widens_for_both_currencies_together(self):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="10")
        limit("USD", soft="100.00", widen_bps="5")

        assert widening("EUR", "USD") == 15
        assert widening("USD", "EUR") == 0
        assert widening("MXN", "USD") == 5

    def test_is_told_when_it_is_passed_and_not_again(self):
        limit("EUR", soft="100.00")

        converts(("99.99", EUR), ("1.00", USD))
        assert not self.told()
        converts(("100.00", EUR), ("1.00", USD))
        [event] = self.told()
        assert event.data == {
            "currency": "EUR", "position": "100.00", "soft_limit": "100.00",
        }  # fmt: skip

        hedge("125.00 USD", for_="100.00 EUR")
        converts(("1.00", EUR), ("1.00", USD))
        assert len(self.told()) == 1

    def told(self):
        return Event.objects.filter(type="position.soft_limit_passed")


class TestLimits:
    def test_cost_nothing_where_there_are_none(self):
        limit("GBP", hard="1.00")
        limits_lately(timezone.now())

        with CaptureQueriesContext(connection) as captured:
            converts(("1.00", EUR), ("1.00", USD))

        assert len(captured) == 0

    def test_cost_one_query_where_there_are_some(self):
        limit("EUR", soft="1000.00", hard="2000.00")
        limit("USD", soft="1000.00", hard="2000.00")
        limits_lately(timezone.now())

        with CaptureQueriesContext(connection) as captured:
            converts(("1.00", EUR), ("1.00", USD))

        assert len(captured) == 1

    def test_are_read_again_after_a_second(self, monkeypatch):
        assert limits_lately(timezone.now()) == {}
        PositionLimit.objects.create(
            currency="EUR",
            hard=1,
            effective_at=timezone.now(),
            staff=StaffFactory(),
            reason="storm",
        )

        assert limits_lately(timezone.now()) == {}
        monkeypatch.setitem(limits_lately.__globals__, "SEEN_FOR", 0)
        assert [*limits_lately(timezone.now())] == ["EUR"]

    def test_supersede_each_other(self):
        first = limit("EUR", hard="100.00")
        second = limit("EUR", hard="200.00")
        lifted = limit("EUR")

        assert limits_at(first.effective_at) == {"EUR": first}
        assert limits_at(second.effective_at) == {"EUR": second}
        assert limits_at(lifted.effective_at) == {}

    def test_begin_at_their_instant(self):
        at = timezone.now() + timedelta(hours=1)
        first = limit("EUR", hard="100.00")
        later = limit("EUR", hard="200.00", effective_at=at)

        assert limits_at(at - timedelta(seconds=1)) == {"EUR": first}
        assert limits_at(at) == {"EUR": later}

    def test_are_shown_with_the_position(self, rates):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert position("EUR", "limit") == (
            {"soft": "100.00", "hard": None, "widen_bps": "12.5"},
        )

    def test_are_never_changed(self):
        limit("EUR", hard="100.00")

        with pytest.raises(IntegrityError), db_transaction.atomic():
            PositionLimit.objects.update(hard=1000)

    @pytest.mark.parametrize(
        ("said", "pointer"),
        [
            ({"soft": "2.00", "hard": "1.00"}, "/soft"),
            ({"soft": "0"}, "/soft"),
            ({"hard": "-1"}, "/hard"),
            ({"hard": "1.001"}, "/hard"),
            ({"hard": "1.00", "widen_bps": "-1"}, "/widen_bps"),
            ({"hard": "1.00", "widen_bps": "1000.1"}, "/widen_bps"),
            ({"hard": "1.00", "widen_bps": "0.00001"}, "/widen_bps"),
            ({"hard": "1.00", "widen_bps": "NaN"}, "/widen_bps"),
        ],
    )
    def test_refuse_what_is_none(self, said, pointer):
        with pytest.raises(ValidationError) as refused:
            limit("EUR", **said)

        assert refused.value.members["errors"][0]["pointer"] == pointer
        assert not PositionLimit.objects.exists()

    def test_refuse_a_past_and_an_unknown_currency(self):
        with pytest.raises(ValidationError):
            limit("EUR", hard="1.00", effective_at=timezone.now() - timedelta(1))
        with pytest.raises(UnsupportedCurrency):
            limit("ABC", hard="1.00")

    def test_are_set_for_a_reason(self):
        with pytest.raises(ValidationError):
            set_position_limit(
                "EUR", soft=None, hard=D(1), widen_bps=D(0),
                actor=Actor(StaffFactory().pk, " "), now=timezone.now(),
            )  # fmt: skip
