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
from tests.domain import charge, fund, hedge, position
from tests.factories import StaffFactory
from transactions.errors import LimitExceeded
from transactions.exposure import exposure
from transactions.models import PositionLimit
from transactions.queries.position_limits import (
    forget_limits,
    limits_at,
    limits_lately,
)
from transactions.services import fold_totals, set_position_limit
from webhooks.models import Event

pytestmark = pytest.mark.django_db

D = Decimal
EUR, USD, MXN = (Denomination(code, 2) for code in ("EUR", "USD", "MXN"))


@pytest.fixture
def dan(db):
    return StaffFactory(username="dan", name="Dan")


@pytest.fixture
def limit(dan):
    """Sets limits, in force at once."""

    def set_(currency, soft=None, hard=None, widen_bps=0, **more):
        def amount(figure):
            return None if figure is None else D(figure)

        limit = set_position_limit(
            dan.pk,
            currency,
            soft=amount(soft),
            hard=amount(hard),
            widen_bps=D(widen_bps),
            reason="quiet markets",
            now=timezone.now(),
            **more,
        )
        forget_limits()
        return limit

    return set_


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
    def test_lets_a_position_go_all_the_way(self, limit):
        limit("EUR", hard="100.00")

        converts(("100.00", EUR), ("125.00", USD))

    @pytest.mark.parametrize(
        ("sold", "bought"),
        [(("100.01", EUR), ("1.00", USD)), (("1.00", USD), ("100.01", EUR))],
    )
    def test_refuses_what_goes_beyond_long_or_short(self, limit, sold, bought):
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts(sold, bought)

        assert refused.value.members == {
            "limit": "100.00",
            "headroom": "100.00",
            "currency": "EUR",
        }

    @pytest.mark.parametrize(
        ("amount", "headroom"), [("61.00", "60.00"), ("1000.00", "60.00")]
    )
    def test_tells_how_much_would_still_do(self, limit, amount, headroom):
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts((amount, EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == headroom

    def test_has_room_through_zero(self, limit):
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        converts(("1.00", USD), ("140.00", EUR))
        with pytest.raises(LimitExceeded) as refused:
            converts(("1.00", USD), ("140.01", EUR))

        assert refused.value.members["headroom"] == "140.00"

    def test_welcomes_what_brings_a_position_back(self, limit):
        hedge("250.00 USD", for_="200.00 EUR")
        limit("EUR", hard="100.00")

        converts(("1.00", USD), ("10.00", EUR))
        # All the way through zero, and nearer to it than before.
        converts(("1.00", USD), ("399.99", EUR))
        with pytest.raises(LimitExceeded) as refused:
            converts(("0.01", EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == "0.00"

    def test_counts_what_was_folded_and_what_came_since(self, limit):
        hedge("50.00 USD", for_="40.00 EUR")
        fold_totals()
        hedge("50.00 USD", for_="40.00 EUR")
        limit("EUR", hard="100.00")

        converts(("20.00", EUR), ("1.00", USD))
        with pytest.raises(LimitExceeded):
            converts(("20.01", EUR), ("1.00", USD))


@pytest.mark.django_db(transaction=True)
class TestFolded:
    def test_positions_count(self, limit):
        hedge("50.00 USD", for_="40.00 EUR")
        fold_totals()
        hedge("12.50 USD", for_="10.00 EUR")
        limit("EUR", hard="100.00")

        with pytest.raises(LimitExceeded) as refused:
            converts(("50.01", EUR), ("1.00", USD))

        assert refused.value.members["headroom"] == "50.00"


class TestSoftLimit:
    def test_widens_what_goes_further(self, limit):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert widening("EUR", "USD") == D("12.5")
        assert widening("USD", "EUR") == 0

    def test_widens_nothing_before_it_is_reached(self, limit):
        hedge("125.00 USD", for_="99.99 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert widening("EUR", "USD") == 0

    def test_widens_for_both_currencies_together(self, limit):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="10")
        limit("USD", soft="100.00", widen_bps="5")

        assert widening("EUR", "USD") == 15
        assert widening("USD", "EUR") == 0
        assert widening("MXN", "USD") == 5

    def test_is_told_when_it_is_passed_and_not_again(self, limit):
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
    def test_cost_nothing_where_there_are_none(self, limit):
        limit("GBP", hard="1.00")
        limits_lately(timezone.now())

        with CaptureQueriesContext(connection) as captured:
            converts(("1.00", EUR), ("1.00", USD))

        assert len(captured) == 0

    def test_cost_one_query_where_there_are_some(self, limit):
        limit("EUR", soft="1000.00", hard="2000.00")
        limit("USD", soft="1000.00", hard="2000.00")
        limits_lately(timezone.now())

        with CaptureQueriesContext(connection) as captured:
            converts(("1.00", EUR), ("1.00", USD))

        assert len(captured) == 1

    def test_are_read_again_after_a_second(self, limit, monkeypatch):
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

    def test_supersede_each_other(self, limit):
        first = limit("EUR", hard="100.00")
        second = limit("EUR", hard="200.00")
        lifted = limit("EUR")

        assert limits_at(first.effective_at) == {"EUR": first}
        assert limits_at(second.effective_at) == {"EUR": second}
        assert limits_at(lifted.effective_at) == {}

    def test_begin_at_their_instant(self, limit):
        at = timezone.now() + timedelta(hours=1)
        first = limit("EUR", hard="100.00")
        later = limit("EUR", hard="200.00", effective_at=at)

        assert limits_at(at - timedelta(seconds=1)) == {"EUR": first}
        assert limits_at(at) == {"EUR": later}

    def test_are_shown_with_the_position(self, limit, rates):
        hedge("125.00 USD", for_="100.00 EUR")
        limit("EUR", soft="100.00", widen_bps="12.5")

        assert position("EUR", "limit") == (
            {"soft": "100.00", "hard": None, "widen_bps": "12.5"},
        )

    def test_are_never_changed(self, limit):
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
    def test_refuse_what_is_none(self, limit, said, pointer):
        with pytest.raises(ValidationError) as refused:
            limit("EUR", **said)

        assert refused.value.members["errors"][0]["pointer"] == pointer
        assert not PositionLimit.objects.exists()

    def test_refuse_a_past_and_an_unknown_currency(self, limit):
        with pytest.raises(ValidationError):
            limit("EUR", hard="1.00", effective_at=timezone.now() - timedelta(1))
        with pytest.raises(UnsupportedCurrency):
            limit("ABC", hard="1.00")

    def test_are_set_for_a_reason(self, dan):
        with pytest.raises(ValidationError):
            set_position_limit(
                dan.pk, "EUR", soft=None, hard=D(1), widen_bps=D(0), reason=" ",
                now=timezone.now(),
            )  # fmt: skip


class TestConversion:
    """The limits where customers meet them."""

    @pytest.fixture(autouse=True)
    def _alice_has_euros(self, alice, rates):
        fund(alice, "1000.00 EUR")

    def convert(self, platform, alice, amount, **more):
        body = {"from_currency": "EUR", "to_currency": "USD", "amount": amount}
        return platform.post(f"/v1/wallets/{alice.id}/convert", body | more)

    def test_beyond_the_hard_limit_is_refused(self, platform, alice, limit):
        limit("EUR", hard="100.00")

        assert self.convert(platform, alice, "60.00").status_code == 201
        answer = self.convert(platform, alice, "60.00")

        assert (answer.status_code, answer.json()["code"]) == (422, "limit_exceeded")
        assert (
            answer.json().items()
            >= {
                "limit": "100.00",
                "headroom": "40.00",
                "currency": "EUR",
            }.items()
        )
        assert self.convert(platform, alice, "40.00").status_code == 201

    def test_beyond_the_soft_limit_costs_more_and_is_explained(
        self, platform, alice, limit
    ):
        charge("50")
        limit("EUR", soft="100.00", widen_bps="25")

        before, after = (self.convert(platform, alice, "100.00") for _ in range(2))

        assert before.json()["spread_bps"] == "50"
        assert (after.json()["spread_bps"], after.json()["to_amount"]) == (
            ("75", "124.06")
        )
        id_ = after.json()["transaction_id"]
        assert platform.get(f"/v1/transactions/{id_}/explain").json()["matches"]
        assert Event.objects.filter(type="position.soft_limit_passed").count() == 1

    def test_back_is_cheaper_than_further(self, platform, alice, limit):
        limit("EUR", soft="100.00", hard="100.00", widen_bps="25")
        self.convert(platform, alice, "100.00")

        back = platform.post(
            f"/v1/wallets/{alice.id}/convert",
            {"from_currency": "USD", "to_currency": "EUR", "amount": "10.00"},
        )

        assert (back.status_code, back.json()["spread_bps"]) == (201, "0")

    def test_in_a_preview_is_refused_and_tells_nobody(self, platform, alice, limit):
        limit("EUR", soft="50.00", hard="100.00")

        allowed = self.convert(platform, alice, "60.00", preview=True)
        refused = self.convert(platform, alice, "101.00", preview=True)

        assert (allowed.status_code, refused.status_code) == (200, 422)
        assert not Event.objects.filter(type="position.soft_limit_passed").exists()

    def test_at_a_quote_was_looked_at_when_it_was_promised(
        self, platform, alice, limit
    ):
        charge(spread_bps="0", locks={"5m": "0"})
        limit("EUR", hard="100.00")
        order = {
            "user_id": str(alice.id),
            "from_currency": "EUR",
            "to_currency": "USD",
            "lock": "5m",
        }

        refused = platform.post("/v1/quotes", order | {"from_amount": "100.01"})
        quote = platform.post("/v1/quotes", order | {"from_amount": "100.00"}).json()
        self.convert(platform, alice, "100.00")
        used = platform.post(
            f"/v1/wallets/{alice.id}/convert", {"quote_id": quote["id"]}
        )

        assert refused.json()["code"] == "limit_exceeded"
        assert used.status_code == 201

    def test_counts_all_conversions_of_a_payment_together(
        self, platform, alice, bob, limit
    ):
        # 100 dollars and 1600 pesos are 80 euros each, which the house gives.
        fund(alice, "100.00 USD")
        fund(alice, "1600.00 MXN")
        limit("EUR", hard="150.00", soft="150.00")
        payment = {
            "to_user_id": str(bob.id),
            "currency": "EUR",
            "from": ["USD", "MXN"],
        }

        refused = platform.post(
            f"/v1/wallets/{alice.id}/pay", payment | {"amount": "160.00"}
        )
        allowed = platform.post(
            f"/v1/wallets/{alice.id}/pay", payment | {"amount": "150.00"}
        )

        assert refused.json()["code"] == "limit_exceeded"
        assert allowed.status_code == 201
        assert Event.objects.filter(type="position.soft_limit_passed").count() == 1
        assert position("EUR", "position") == ("-150.00",)
