"""Limits: what may be moved, what counts, and what is told when it is too much."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.domain import (
    at_most,
    buy,
    capture,
    charge,
    convert,
    fund,
    hold,
    holdings,
    refund,
    reverse,
    transfer,
    withdraw,
)
from tests.passing import let_pass
from transactions import services
from transactions.errors import LimitExceeded
from transactions.models import LimitSeries, LimitUse
from transactions.postings import Instruction
from transactions.services import convert_at_quote, quote

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alice_is_rich(alice, rates):
    fund(alice, "1000.00 USD")
    fund(alice, "1000.00 EUR")


class TestAmount:
    def test_of_one_operation_is_limited(self, alice):
        at_most("100.00 USD", per="operation")

        withdraw(alice, "100.00 USD")
        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "100.01 USD")

        assert refused.value.members["headroom"] == "100.00"
        assert holdings(alice)["USD"] == "900.00"

    def test_of_a_window_is_limited_to_the_last_unit(self, alice, bob):
        at_most("100.00 USD", per="day", type="transfer")

        transfer(alice, "60.00 USD", to=bob)
        transfer(alice, "40.00 USD", to=bob)

        with pytest.raises(LimitExceeded):
            transfer(alice, "0.01 USD", to=bob)

    def test_says_which_limit_it_is_and_what_is_left(self, alice):
        rule = at_most("100.00 USD", per="day", type="withdrawal")
        withdraw(alice, "60.00 USD")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "40.01 USD")

        assert refused.value.detail == (
            "At most 100.00 USD may be moved in 24 hours; 40.00 USD is left of that, "
            "and this takes 40.01 USD."
        )
        assert refused.value.members == {
            "limit": "100.00",
            "headroom": "40.00",
            "currency": "USD",
            "used": "60.00",
            "rule": {
                "id": str(rule.id),
                "subject": "everybody",
                "type": "withdrawal",
                "currency": "USD",
                "window": "day",
                "max_amount": "100.00",
                "max_count": None,
                "unit": "USD",
            },
        }

    def test_is_the_principal_without_the_fee(self, alice, bob):
        operations = ("fund", "withdrawal", "transfer", "conversion")
        charge(
            fees=[
                {"operation": name, "currency": "USD", "fixed": "1.00"}
                for name in operations
            ]
        )
        at_most("1100.00 USD", per="day", type="fund")
        for name in operations[1:]:
            at_most("100.00 USD", per="day", type=name)

        fund(alice, "100.00 USD")
        withdraw(alice, "100.00 USD")
        transfer(alice, "100.00 USD", to=bob)
        convert(alice, "100.00 USD", to="EUR")

        totals = LimitSeries.objects.values_list("total_amount", flat=True)
        # What was put in before there was a limit counts, too.
        assert sorted(totals) == [100, 100, 100, 1100]

    def test_of_one_type_and_currency_leaves_the_others_alone(self, alice, bob):
        at_most("100.00 USD", per="day", type="withdrawal")

        withdraw(alice, "100.00 USD")
        withdraw(alice, "500.00 EUR")
        transfer(alice, "500.00 USD", to=bob)

        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 USD")

    def test_is_each_customers_own(self, alice, bob):
        at_most("100.00 USD", per="day", type="transfer")
        fund(bob, "100.00 USD")

        transfer(alice, "100.00 USD", to=bob)
        transfer(bob, "100.00 USD", to=alice)

        with pytest.raises(LimitExceeded):
            transfer(bob, "1.00 USD", to=alice)

    def test_too_much_for_several_rules_is_refused_by_the_shortest(self, alice):
        at_most("100.00 USD", per="month", type="withdrawal")
        at_most("50.00 USD", per="day", type="withdrawal")
        at_most("70.00 USD", per="operation", type="withdrawal")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "60.00 USD")

        assert refused.value.members["rule"]["window"] == "day"


class TestCount:
    def test_of_operations_is_limited(self, alice):
        at_most(per="day", count=2, type="withdrawal", currency="USD")

        withdraw(alice, "1.00 USD")
        withdraw(alice, "2.00 USD")
        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "3.00 USD")

        assert refused.value.members["limit"] == 2
        assert refused.value.members["headroom"] == 0
        assert refused.value.members["used"] == 2
        assert refused.value.members["currency"] is None

    def test_of_zero_stops_a_type(self, alice):
        at_most(per="day", count=0, type="withdrawal", user=alice)

        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 USD")

    def test_in_all_currencies_needs_no_rate(self, alice):
        fund(alice, "10 CLP")
        at_most(per="day", count=2, type="withdrawal")

        withdraw(alice, "1.00 USD")
        withdraw(alice, "1 CLP")

        with pytest.raises(LimitExceeded):
            withdraw(alice, "1 CLP")

    def test_and_amount_are_one_rule(self, alice):
        at_most("100.00 USD", per="day", count=2, type="withdrawal")

        withdraw(alice, "90.00 USD")
        with pytest.raises(LimitExceeded):
            withdraw(alice, "11.00 USD")
        withdraw(alice, "1.00 USD")
        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 USD")


ORDERS = {
    "fund": lambda alice, bob: fund(alice, "60.00 USD"),
    "withdrawal": lambda alice, bob: withdraw(alice, "60.00 USD"),
    "transfer": lambda alice, bob: transfer(alice, "60.00 USD", to=bob),
    "conversion": lambda alice, bob: convert(alice, "60.00 USD", to="EUR"),
    "purchase": lambda alice, bob: buy(alice, "48.00 EUR", with_="USD"),
    "payment": lambda alice, bob: services.pay(
        Instruction(), alice.id, "USD", Decimal(60), bob.id, now=timezone.now()
    ),
    "capture": lambda alice, bob: capture(hold(alice, "60.00 USD", to=bob)),
    "conversion at a quote": lambda alice, bob: convert_at_quote(
        Instruction(),
        alice.id,
        quote(alice.id, "USD", "EUR", Decimal("60.00"), "source", "30s").id,
    ),
}


class TestWhatCounts:
    @pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
    def test_is_whatever_a_customer_can_order(self, alice, bob, order):
        charge(locks={"30s": "0"})
        let_pass(timedelta(days=1))
        at_most("100.00 USD", per="day")

        order(alice, bob)

        with pytest.raises(LimitExceeded):
            order(alice, bob)
        assert LimitSeries.objects.get().total_amount == 1060

    def test_is_not_what_the_payee_or_the_target_gets(self, alice, bob):
        at_most("100.00 USD", per="day", user=bob)
        at_most("100.00 EUR", per="day", user=alice, type="conversion")

        transfer(alice, "500.00 USD", to=bob)
        convert(alice, "500.00 USD", to="EUR")

    def test_is_no_reversal_or_refund_and_they_give_nothing_back(self, alice, bob):
        at_most("100.00 USD", per="day", type="transfer")
        at_most("100.00 USD", per="day", type="withdrawal")
        paid = transfer(alice, "100.00 USD", to=bob)
        drawn = withdraw(alice, "100.00 USD")

        refund(paid, "100.00")
        reverse(drawn)

        with pytest.raises(LimitExceeded):
            transfer(alice, "1.00 USD", to=bob)
        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 USD")

    def test_is_no_preview(self, platform, alice):
        at_most("100.00 USD", per="day", type="withdrawal")
        path, body = (
            f"/v1/wallets/{alice.id}/withdraw",
            {"currency": "USD", "amount": "60.00", "preview": True},
        )

        assert platform.post(path, body).status_code == 200
        assert platform.post(path, body).status_code == 200

        assert not LimitSeries.objects.exists()
        assert not LimitUse.objects.exists()

    def test_is_nothing_that_was_refused(self, alice):
        at_most("2000.00 USD", per="day", type="withdrawal")

        with pytest.raises(Exception, match="available"):
            withdraw(alice, "1000.01 USD")
        withdraw(alice, "1.00 USD")

        assert LimitSeries.objects.get().total_amount == 1
