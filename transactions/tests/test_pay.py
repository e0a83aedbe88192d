"""Paying out of several wallets, all or nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import charge, convert, fund, holdings, house, withdraw
from transactions.models import Transaction
from wallets.models import Wallet
from wallets.services import freeze_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def pay(platform, alice, bob, rates):
    """Alice pays Bob; her wallets are there already."""

    def ask(money, client=platform, sources="cheapest", **words):
        amount, code = money.split()
        key = words.pop("key", None)
        return client.post(
            f"/v1/wallets/{alice.id}/pay",
            {
                "to_user_id": str(bob.id),
                "currency": code,
                "amount": amount,
                "from": sources,
                **words,
            },
            **({"idempotency_key": key} if key else {}),
        )

    return ask


class TestPay:
    def test_converts_nothing_where_the_money_is_there(self, pay, alice, bob):
        fund(alice, "100.00 USD")

        answer = pay("40.00 USD").json()

        assert answer["conversions"] == []
        assert answer["new_balance"] == "60.00"
        assert holdings(bob) == {"USD": "40.00"}

    def test_converts_exactly_what_is_missing(self, pay, alice, bob):
        # A euro is 1.25 dollars: 30 dollars are missing, which are 24 euros.
        fund(alice, "10.00 USD")
        fund(alice, "100.00 EUR")

        answer = pay("40.00 USD")

        assert answer.status_code == 201
        [conversion] = answer.json()["conversions"]
        assert (conversion["from_amount"], conversion["to_amount"]) == (
            "24.00",
            "30.00",
        )
        assert holdings(alice) == {"EUR": "76.00"}
        assert holdings(bob) == {"USD": "40.00"}

    def test_uses_the_named_wallets_in_their_order(self, pay, alice, bob):
        fund(alice, "10.00 USD")
        fund(alice, "8.00 GBP")
        fund(alice, "100.00 EUR")

        # A pound is 1.5625 dollars; the dollars are not named, and stay.
        answer = pay("20.00 USD", sources=["GBP", "EUR"]).json()

        sold = [one["from_amount"] for one in answer["conversions"]]
        assert sold == ["8.00", "6.00"]
        assert holdings(alice) == {"EUR": "94.00", "USD": "10.00"}

    def test_takes_the_cheaper_wallet_first(self, pay, alice):
        charge("100", spreads=[{"currency": "GBP", "bps": "10"}])
        fund(alice, "100.00 EUR")
        fund(alice, "100.00 GBP")

        answer = pay("40.00 USD").json()

        assert [one["from_currency"] for one in answer["conversions"]] == ["GBP"]

    def test_asks_for_all_rates_at_once(self, pay, alice):
        for money in ("9.00 EUR", "9.00 GBP", "90.00 MXN"):
            fund(alice, money)

        with CaptureQueriesContext(connection) as asked:
            answer = pay("20.00 USD")

        assert len(answer.json()["conversions"]) == 2
        assert len([one for one in asked if "heard (quote" in one["sql"]]) == 1

    def test_is_all_or_nothing(self, pay, alice, bob):
        fund(alice, "10.00 USD")
        fund(alice, "8.00 EUR")

        answer = pay("20.01 USD", key="too much")

        assert answer.status_code == 422
        assert {
            "code": "insufficient_funds",
            "available": "20.00",
            "required": "20.01",
            "currency": "USD",
            "detail": "All wallets that may be used have together 20.00 USD available,"
            " and this takes 20.01 USD.",
        }.items() <= answer.json().items()
        assert holdings(alice) == {"EUR": "8.00", "USD": "10.00"}
        assert holdings(bob) == {}

    def test_brings_the_fee_along(self, pay, alice, bob):
        charge(fees=[{"operation": "transfer", "currency": "USD", "fixed": "1.00"}])
        fund(alice, "32.80 EUR")

        # 41 dollars, fee included, are 32.80 euros: nothing is left.
        answer = pay("40.00 USD").json()

        assert answer["fee"] == "1.00"
        assert holdings(alice) == {}
        assert house()["fee_income USD"] == "1.00"

    def test_answers_a_replay_word_for_word(self, pay, alice):
        fund(alice, "100.00 EUR")

        first = pay("40.00 USD", key="once")
        again = pay("40.00 USD", key="once")

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert Transaction.objects.filter(type="transfer").count() == 1

    def test_shows_a_preview_and_writes_nothing(self, pay, alice, bob):
        fund(alice, "100.00 EUR")

        shown = pay("40.00 USD", preview=True)

        assert shown.status_code == 200
        assert shown.json()["conversions"][0]["from_amount"] == "32.00"
        assert shown.json()["conversions"][0]["transaction_id"] is None
        assert [
            (entry["currency"], entry["side"], entry["balance_after"])
            for entry in shown.json()["entries"]
        ] == [
            ("EUR", "debit", "68.00"),
            ("USD", "credit", "40.00"),
            ("USD", "debit", "0.00"),
        ]
        assert holdings(alice) == {"EUR": "100.00"}
        assert holdings(bob) == {}
        assert pay("40.00 USD").json()["conversions"][0]["from_amount"] == "32.00"

    def test_ties_the_conversions_to_the_payment(self, platform, pay, alice):
        fund(alice, "100.00 EUR")
        paid = pay("40.00 USD", reference="invoice 7").json()

        [part] = paid["conversions"]
        read = platform.get(f"/v1/transactions/{part['transaction_id']}").json()

        assert read["part_of"] == paid["transaction_id"]
        assert read["reference"] is None
        explained = platform.get(f"/v1/transactions/{part['transaction_id']}/explain")
        assert explained.json()["matches"] is True

    def test_can_be_done_by_the_payer_and_nobody_else(
        self, pay, as_alice, as_bob, alice
    ):
        fund(alice, "100.00 EUR")

        assert pay("1.00 USD", client=as_bob).json()["code"] == "user_not_found"
        assert pay("1.00 USD", client=as_alice).status_code == 201


class TestRefusals:
    @pytest.mark.parametrize(
        ("sources", "code"),
        [
            ([], "min_length"),
            ("dearest", "not_a_list"),
            (["usd"], "invalid_currency"),
            (["EUR", "EUR"], "repeated"),
            ([7], "invalid_currency"),
            (None, "null"),
        ],
    )
    def test_tell_what_is_wrong_with_the_sources(self, pay, alice, sources, code):
        answer = pay("1.00 USD", sources=sources)

        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["code"] == code
        assert error["pointer"].startswith("/from")

    def test_of_a_wallet_that_is_not_there(self, pay, alice):
        assert pay("1.00 USD", sources=["JPY"]).json()["code"] == "wallet_not_found"

    def test_of_a_frozen_wallet_that_was_named(self, pay, alice):
        fund(alice, "100.00 EUR")
        freeze_wallet(Wallet.objects.get(owner=alice, currency="EUR").id)

        assert pay("1.00 USD", sources=["EUR"]).json()["code"] == "wallet_frozen"
        assert pay("1.00 USD").json()["code"] == "insufficient_funds"

    def test_where_a_needed_rate_is_missing(self, pay, alice):
        fund(alice, "100.00 THB")

        answer = pay("1.00 USD")

        assert (answer.status_code, answer.json()["code"]) == (503, "rate_unavailable")

    def test_where_a_named_wallet_without_a_rate_has_its_turn(self, pay, alice):
        fund(alice, "100.00 THB")
        fund(alice, "100.00 EUR")
        pay("0.01 USD", sources=["EUR"])

        too_late = pay("1.00 USD", sources=["EUR", "THB"])
        first = pay("1.00 USD", sources=["THB", "EUR"])
        withdraw(alice, "100.00 THB")
        empty = pay("1.00 USD", sources=["THB", "EUR"])

        assert [answer.status_code for answer in (too_late, first, empty)] == [
            201,
            503,
            201,
        ]

    def test_where_a_version_is_given(self, platform, alice, bob, rates):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/pay",
            {
                "to_user_id": str(bob.id),
                "currency": "USD",
                "amount": "1.00",
                "from": "cheapest",
            },
            if_match='"1"',
        )

        assert answer.json()["code"] == "malformed_request"

    def test_pays_without_the_wallet_that_has_no_rate(self, pay, alice):
        fund(alice, "100.00 THB")
        fund(alice, "100.00 EUR")

        assert pay("1.00 USD").status_code == 201

    def test_a_spent_wallet_is_not_a_source(self, pay, alice):
        fund(alice, "10.00 EUR")
        convert(alice, "10.00 EUR", to="GBP")

        answer = pay("1.00 USD").json()

        assert [one["from_currency"] for one in answer["conversions"]] == ["GBP"]
