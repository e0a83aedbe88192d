"""Accounting stories of fees and quotes. T-accounts in comments, debits on the left."""

import pytest

from tests.domain import (
    charge,
    convert_at,
    fund,
    holdings,
    house,
    promise,
    publish_rates,
    refund,
    reverse,
    transfer,
    withdraw,
)

pytestmark = pytest.mark.django_db


def fees(**fixed):
    return [
        {"operation": operation, "currency": "USD", "fixed": amount}
        for operation, amount in fixed.items()
    ]


class TestFees:
    def test_one_takes_the_wallet_exactly_to_zero(self, alice):
        #      cash USD             Alice USD          fee_income USD
        #   101.00 | 99.00      101.00 | 101.00              | 2.00
        fund(alice, "101.00 USD")
        charge(fees=fees(withdrawal="2.00"))

        posted = withdraw(alice, "99.00 USD")

        assert holdings(alice) == {}
        assert posted.transaction.fee == 2
        assert house() == {"cash USD": "2.00", "fee_income USD": "2.00"}

    def test_a_payment_is_refunded_and_its_fee_is_not(self, alice, bob):
        #      Alice USD             Bob USD          fee_income USD
        #   31.00 | 100.00       30.00 | 30.00               | 1.00
        #         |  30.00
        fund(alice, "100.00 USD")
        charge(fees=fees(transfer="1.00"))

        paid = transfer(alice, "30.00 USD", to=bob)
        refund(paid, "10.00")
        refund(paid, "20.00")

        assert holdings(alice) == {"USD": "99.00"}
        assert holdings(bob) == {}
        assert house() == {"cash USD": "100.00", "fee_income USD": "1.00"}

    def test_a_payment_is_reversed_and_so_is_its_fee(self, alice, bob):
        #      Alice USD             Bob USD          fee_income USD
        #   31.00 | 100.00       30.00 | 30.00          1.00 | 1.00
        #         |  31.00
        fund(alice, "100.00 USD")
        charge(fees=fees(transfer="1.00"))

        reverse(transfer(alice, "30.00 USD", to=bob))

        assert holdings(alice) == {"USD": "100.00"}
        assert house() == {"cash USD": "100.00", "fee_income USD": "0.00"}


class TestQuotes:
    def test_one_is_kept_when_the_market_has_turned(self, alice, rates):
        # A dollar is 16 pesos; less 50 basis points 15.92 are promised. When the quote
        # is used a dollar is 8 pesos, and the books know the rate of the promise.
        #
        #      Alice USD         fx_position USD      fee_income USD
        #   101.00 | 101.00            | 100.00              | 1.00
        #
        #   fx_position MXN         Alice MXN          fx_income MXN
        #  1600.00 |                   | 1592.00             | 8.00
        fund(alice, "101.00 USD")
        charge("45", locks={"5m": "5"}, fees=fees(conversion="1.00"))
        quote = promise(alice, "100.00 USD", to="MXN")
        publish_rates({"MXN": "10"})
        charge("300", fees=fees(conversion="50.00"))

        convert_at(alice, quote)

        assert holdings(alice) == {"MXN": "1592.00"}
        assert house() == {
            "cash USD": "101.00",
            "fx_position USD": "100.00",
            "fee_income USD": "1.00",
            "fx_position MXN": "-1600.00",
            "fx_income MXN": "8.00",
        }
