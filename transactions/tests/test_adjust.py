"""Staff put balances right, on the books like everything else."""

import pytest

from tests.domain import fund, holdings, house

pytestmark = pytest.mark.django_db


class TestAdjust:
    @pytest.fixture
    def adjust(self, platform, alice):
        def ask(money, side, /, client=platform, **words):
            amount, code = money.split()
            return client.post(
                f"/v1/wallets/{alice.id}/adjust",
                {
                    "currency": code,
                    "amount": amount,
                    "side": side,
                    "reason": "Booked twice by the bank.",
                }
                | words,
            )

        return ask

    def test_credits_out_of_suspense(self, adjust, alice):
        # suspense USD | debit 5.00        Alice USD | credit 5.00
        answer = adjust("5.00 USD", "credit")

        assert answer.status_code == 201
        assert {
            "type": "adjustment",
            "side": "credit",
            "amount": "5.00",
            "new_balance": "5.00",
            "description": "Booked twice by the bank.",
        }.items() <= answer.json().items()
        assert house() == {"suspense USD": "-5.00"}

    def test_debits_into_suspense(self, adjust, alice):
        fund(alice, "20.00 USD")

        answer = adjust("5.00 USD", "debit")

        assert answer.json()["new_balance"] == "15.00"
        assert house() == {"cash USD": "20.00", "suspense USD": "5.00"}

    def test_takes_no_more_than_there_is(self, adjust, alice):
        answer = adjust("5.00 USD", "debit")

        assert answer.json()["code"] == "insufficient_funds"
        assert holdings(alice) == {}

    def test_shows_a_preview(self, adjust, alice):
        assert adjust("5.00 USD", "credit", preview=True).json()["preview"] is True
        assert holdings(alice) == {}

    def test_can_be_reversed(self, platform, adjust, alice):
        id_ = adjust("5.00 USD", "credit").json()["transaction_id"]

        platform.post(f"/v1/transactions/{id_}/reverse", {"reason": "It was right."})

        assert holdings(alice) == {}

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("reason", "", "blank"),
            ("side", "up", "invalid_choice"),
            ("amount", "0", "not_positive"),
            ("amount", "-1", "invalid_amount"),
        ],
    )
    def test_refuses_what_it_cannot_read(self, adjust, field, value, code):
        answer = adjust("5.00 USD", "credit", **{field: value})

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/{field}", code)

    def test_opens_no_wallet(self, adjust):
        assert adjust("5 JPY", "credit").json()["code"] == "wallet_not_found"

    def test_is_not_for_customers(self, adjust, as_alice):
        assert adjust("5.00 USD", "credit", client=as_alice).status_code == 403
