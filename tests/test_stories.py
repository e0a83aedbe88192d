"""Accounting stories. The T-accounts stand in the comments, debits on the left."""

from decimal import Decimal

import pytest

from tests.domain import buy, charge, convert, fund, holdings, house, transfer, withdraw
from transactions.queries import trial_balance

pytestmark = pytest.mark.django_db


class TestMoneyGoesAround:
    def test_fund_pay_withdraw(self, alice, bob):
        #      cash USD              Alice USD             Bob USD
        #   100.00 |              30.00 | 100.00                | 30.00
        #          | 20.00                                20.00 |
        fund(alice, "100.00 USD")
        transfer(alice, "30.00 USD", to=bob)
        withdraw(bob, "20.00 USD")

        assert holdings(alice) == {"USD": "70.00"}
        assert holdings(bob) == {"USD": "10.00"}
        assert house() == {"cash USD": "80.00"}


class TestConversion:
    def test_books_the_spread_as_a_line_of_its_own(self, alice, rates, settings):
        # One dollar is 16 pesos; less 45 basis points it is 15.928 to the customer.
        #
        #    Alice USD         fx_position USD
        #  100.00 | 100.00           | 100.00
        #
        #    fx_position MXN       Alice MXN         fx_income MXN
        #  1600.00 |                 | 1592.80           | 7.20
        charge("45")
        fund(alice, "100.00 USD")

        posted = convert(alice, "100.00 USD", to="MXN")

        assert holdings(alice) == {"MXN": "1592.80"}
        assert house() == {
            "cash USD": "100.00",
            "fx_position MXN": "-1600.00",
            "fx_income MXN": "7.20",
            "fx_position USD": "100.00",
        }
        assert [
            (entry.side, str(entry.wallet.purpose), entry.currency, str(entry.amount))
            for entry in posted.entries
        ] == [
            ("debit", "customer", "USD", "100.00"),
            ("credit", "fx_position", "USD", "100.00"),
            ("debit", "fx_position", "MXN", "1600.00"),
            ("credit", "customer", "MXN", "1592.80"),
            ("credit", "fx_income", "MXN", "7.20"),
        ]

    def test_without_spread_has_no_line_of_nothing(self, alice, rates):
        fund(alice, "100.00 USD")

        posted = convert(alice, "100.00 USD", to="MXN")

        assert len(posted.entries) == 4
        assert holdings(alice) == {"MXN": "1600.00"}

    def test_buys_an_exact_amount_for_a_source_rounded_up(self, alice, rates):
        # One yen is 1.25/150 dollars: 100 yen are 0.8333 dollars, and cost 0.84.
        fund(alice, "10.00 USD")

        buy(alice, "100 JPY", with_="USD")

        assert holdings(alice) == {"JPY": "100", "USD": "9.16"}

    def test_floors_what_the_customer_gets(self, alice, rates):
        # 0.99 dollars are 118.8 yen.
        fund(alice, "0.99 USD")

        convert(alice, "0.99 USD", to="JPY")

        assert holdings(alice) == {"JPY": "118"}

    @pytest.mark.parametrize(
        ("currency", "bought"),
        [("JPY", "12000"), ("KWD", "32.000"), ("CLF", "2.4000"), ("EUR", "80.00")],
    )
    def test_keeps_each_currencys_own_scale(self, alice, rates, currency, bought):
        fund(alice, "100.00 USD")

        convert(alice, "100.00 USD", to=currency)

        assert holdings(alice) == {currency: bought}

    def test_there_and_back_never_gains(self, alice, rates):
        # A peso is 7.5 yen: flooring takes half a yen each time and never gives one.
        fund(alice, "10.03 MXN")
        seen = [Decimal("10.03")]

        for _ in range(10):
            convert(alice, f"{holdings(alice)['MXN']} MXN", to="JPY")
            convert(alice, f"{holdings(alice)['JPY']} JPY", to="MXN")
            seen.append(Decimal(holdings(alice)["MXN"]))

        assert seen == sorted(seen, reverse=True)
        assert seen[-1] < seen[0]


class TestTrialBalance:
    def test_is_zero_in_every_currency_after_all_of_it(self, alice, bob, rates):
        fund(alice, "1000.00 USD")
        convert(alice, "333.33 USD", to="KWD")
        convert(alice, "10.001 KWD", to="JPY")
        transfer(alice, "77 JPY", to=bob)
        withdraw(bob, "7 JPY")

        currencies = trial_balance()

        assert [one.currency for one in currencies] == ["JPY", "KWD", "USD"]
        assert all(one.debits == one.credits for one in currencies)
        assert all(one.debits.amount > 0 for one in currencies)
