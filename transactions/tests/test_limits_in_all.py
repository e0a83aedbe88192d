"""Limits on all currencies together, and what is held."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fx.errors import RateUnavailable
from tests.domain import (
    at_most,
    capture,
    convert,
    fund,
    hold,
    holdings,
    publish_rates,
    void,
    withdraw,
)
from transactions.errors import LimitExceeded
from transactions.models import LimitSeries, LimitUse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alice_is_rich(alice, rates):
    fund(alice, "1000.00 USD")
    fund(alice, "1000.00 EUR")
    fund(alice, "10000 JPY")


class TestInTheReportingCurrency:
    def test_amounts_of_all_currencies_add_up(self, alice):
        # A euro is 1.25 dollars or 150 yen.
        at_most("100.00", per="day", type="withdrawal")

        withdraw(alice, "40.00 EUR")
        withdraw(alice, "25.00 USD")
        withdraw(alice, "2999 JPY")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "2 JPY")
        assert refused.value.members["used"] == "100.00"
        assert refused.value.members["currency"] == "USD"
        assert refused.value.members["rule"]["currency"] is None

    def test_amounts_are_rounded_up_at_its_scale(self, alice):
        at_most("100.00", per="day", type="withdrawal")

        # 0.008333... dollars.
        withdraw(alice, "1 JPY")

        assert LimitSeries.objects.get().total_amount == Decimal("0.01")

    def test_a_rate_beyond_all_bounds_is_as_much_as_any_limit(self, alice):
        # That is 1.25E+32 dollars, more than a total could say.
        publish_rates({"MXN": "0.000000000001"})
        fund(alice, "99999999999999999999 MXN")
        at_most("100.00", per="month", tier="gold")

        withdraw(alice, "1.00 USD")

        assert LimitSeries.objects.get().total_amount > Decimal("1E+19")

    def test_an_operation_is_limited_too(self, alice):
        at_most("100.00", per="operation")

        withdraw(alice, "80.00 EUR")

        with pytest.raises(LimitExceeded):
            withdraw(alice, "80.01 EUR")

    def test_what_was_counted_stays_when_the_rate_moves(self, alice):
        at_most("100.00", per="day", type="withdrawal")
        withdraw(alice, "40.00 EUR")

        publish_rates({"USD": "2"})

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "25.01 EUR")
        assert refused.value.members["used"] == "50.00"
        withdraw(alice, "25.00 EUR")

    def test_what_was_done_before_the_rule_counts_at_todays_rate(self, alice):
        withdraw(alice, "40.00 EUR")
        at_most("100.00", per="day", type="withdrawal")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "50.01 USD")

        assert refused.value.members["used"] == "50.00"

    @pytest.mark.parametrize("window", ["operation", "day"])
    def test_without_a_rate_the_movement_is_refused(self, alice, window):
        at_most("100.00", per=window, type="withdrawal")
        fund(alice, "100.00 PLN")

        with pytest.raises(RateUnavailable):
            withdraw(alice, "1.00 PLN")

        assert holdings(alice)["PLN"] == "100.00"
        assert not LimitUse.objects.exists()

    def test_a_rate_that_is_too_old_is_none(self, alice, settings):
        at_most("100.00", per="day", type="withdrawal")
        settings.FX_MAX_RATE_AGE /= 100

        with pytest.raises(RateUnavailable):
            withdraw(alice, "1.00 EUR")

    def test_a_rule_keeps_the_currency_it_was_made_in(self, alice, settings):
        at_most("100.00", per="day", type="withdrawal")
        settings.REPORTING_CURRENCY = "JPY"

        withdraw(alice, "80.00 EUR")

        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 EUR")

    def test_beside_a_limit_in_one_currency_both_hold(self, alice):
        at_most("100.00", per="day")
        at_most("30.00 EUR", per="day")
        # What was put in fills them both.
        with pytest.raises(LimitExceeded):
            withdraw(alice, "1.00 USD")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "1.00 EUR")
        assert refused.value.members["limit"] in ("100.00", "30.00")

    def test_a_conversion_counts_what_is_sold(self, alice):
        at_most("100.00", per="day", type="conversion")

        convert(alice, "80.00 EUR", to="USD")

        assert LimitSeries.objects.get().total_amount == 100


class TestHeld:
    def test_money_counts_as_used_where_captures_do(self, alice):
        hold(alice, "60.00 USD")
        at_most("1100.00 USD", per="day")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "40.01 USD")

        assert refused.value.members["used"] == "1060.00"
        withdraw(alice, "40.00 USD")

    def test_money_does_not_count_for_other_types(self, alice):
        at_most("100.00 USD", per="day", type="withdrawal")
        hold(alice, "60.00 USD")

        withdraw(alice, "100.00 USD")

    def test_money_of_all_wallets_counts_in_the_reporting_currency(self, alice):
        fund(alice, "2000.00 USD")
        hold(alice, "400.00 EUR")
        at_most("5000.00", per="day")

        # 3,000 dollars, 1,250 and 67 for euros and yen, and 500 held.
        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "500.00 USD")

        assert refused.value.members["used"] == "4833.34"

    def test_money_without_a_rate_refuses(self, alice):
        fund(alice, "100.00 PLN")
        hold(alice, "10.00 PLN")
        at_most("5000.00", per="day", type="capture")

        with pytest.raises(RateUnavailable):
            hold(alice, "1.00 USD")


class TestHold:
    """Limits are asked when it is placed, and counted when it is captured."""

    def test_is_refused_where_its_capture_would_be_too_much(self, alice):
        at_most("100.00 USD", per="day", type="capture")
        hold(alice, "60.00 USD")

        with pytest.raises(LimitExceeded) as refused:
            hold(alice, "40.01 USD")

        assert refused.value.members["headroom"] == "40.00"
        hold(alice, "40.00 USD")

    def test_counts_once_when_it_is_captured_in_parts(self, alice):
        at_most("100.00 USD", per="day", type="capture")
        promised = hold(alice, "90.00 USD")

        capture(promised, "30.00")
        capture(promised, "60.00")

        assert LimitSeries.objects.get().total_amount == 90
        hold(alice, "10.00 USD")
        with pytest.raises(LimitExceeded):
            hold(alice, "0.01 USD")

    def test_gives_back_what_is_voided(self, alice):
        at_most("100.00 USD", per="day", type="capture")
        promised = hold(alice, "90.00 USD")
        capture(promised, "30.00")

        void(promised)

        hold(alice, "70.00 USD")
        with pytest.raises(LimitExceeded):
            hold(alice, "0.01 USD")

    def test_is_captured_whatever_the_limits_have_become(self, alice):
        promised = hold(alice, "90.00 USD")
        at_most("1.00 USD", per="operation")
        at_most("1.00 USD", per="day", count=0, type="capture")

        capture(promised)

        assert LimitSeries.objects.get().total_amount == 90

    def test_of_one_wallet_leaves_less_for_the_other(self, alice):
        at_most("100.00", per="day", type="capture")
        hold(alice, "40.00 EUR")

        with pytest.raises(LimitExceeded) as refused:
            hold(alice, "50.01 USD")

        assert refused.value.members["used"] == "50.00"


class TestUnknownPast:
    def test_is_asked_for_once(self, alice):
        fund(alice, "100.00 PLN")
        for _ in range(5):
            withdraw(alice, "1.00 PLN")
        at_most("100.00", per="day", type="withdrawal")

        with CaptureQueriesContext(connection) as few, pytest.raises(RateUnavailable):
            withdraw(alice, "1.00 USD")

        of_rates = [query for query in few if "AS standing" in query["sql"]]
        assert len(of_rates) == 1


class TestBatch:
    def test_posts_for_others_what_has_no_rate_for_one(self, platform, alice, bob):
        """Alice once moved what nobody knows the worth of; that is hers to wait for."""
        fund(alice, "100.00 PLN")
        withdraw(alice, "1.00 PLN")
        fund(bob, "100.00 USD")
        at_most("100.00", per="day", type="withdrawal")
        items = [
            {"type": "withdrawal", "user_id": str(user.id), "currency": "USD"}
            | {"amount": "1.00"}
            for user in (bob, alice, bob)
        ]

        answer = platform.post("/v1/batches", {"items": items, "atomic": False})

        assert answer.status_code == 201, answer.text
        told = [
            one.get("problem", {}).get("code", "posted")
            for one in answer.json()["results"]
        ]
        assert told == ["posted", "rate_unavailable", "posted"]
        assert holdings(alice)["USD"] == "1000.00"
        assert {str(use.series.user_id) for use in LimitUse.objects.all()} == {
            str(bob.id)
        }
