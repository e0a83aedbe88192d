"""Moving money, through the API: what is answered, and what is refused."""

from uuid import uuid4

import pytest

from fx.models import Currency
from tests.domain import fund, holdings
from transactions.models import Transaction
from webhooks.models import Event

pytestmark = pytest.mark.django_db


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def entries(platform, transaction_id):
    """The transaction's entries as an accountant would read them."""
    transaction = platform.get(f"/v1/transactions/{transaction_id}").json()
    return [
        f"{entry['side']} {entry['account']} {entry['amount']} {entry['currency']}"
        for entry in transaction["entries"]
    ]


class TestFund:
    def test_debits_cash_and_credits_the_wallet(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            {
                "currency": "USD",
                "amount": "100.00",
                "reference": "bank-17",
                "description": "Salary",
                "metadata": {"bank": "First"},
            },
        )

        assert answer.status_code == 201
        assert {
            "type": "fund",
            "user_id": str(alice.id),
            "currency": "USD",
            "amount": "100.00",
            "new_balance": "100.00",
            "wallet_version": 1,
            "reference": "bank-17",
            "description": "Salary",
            "metadata": {"bank": "First"},
        }.items() <= answer.json().items()
        assert entries(platform, answer.json()["transaction_id"]) == [
            "debit cash 100.00 USD",
            "credit customer 100.00 USD",
        ]

    @pytest.mark.parametrize(
        ("currency", "sent", "shown"),
        [
            ("USD", '"100"', "100.00"),
            ("USD", '"100.5"', "100.50"),
            ("USD", "100", "100.00"),
            ("USD", "0.01", "0.01"),
            ("USD", "100.50", "100.50"),
            ("JPY", "150", "150"),
            ("KWD", '"1.234"', "1.234"),
            ("CLF", "1.2345", "1.2345"),
            ("USD", '"99999999999999999999.99"', "99999999999999999999.99"),
        ],
    )
    def test_reads_amounts_exactly(self, platform, alice, currency, sent, shown):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            f'{{"currency": "{currency}", "amount": {sent}}}',
        )

        assert answer.status_code == 201, answer.content
        assert answer.json()["amount"] == shown
        assert holdings(alice) == {currency: shown}

    @pytest.mark.parametrize(
        "amount",
        [
            *('"0"', "0", '"0.00"', '"-1"', "-1", '"+1"', '"1e2"', "1e2", "1E-1"),
            *('"1_000"', '" 1 "', '"1,00"', '"1.001"', "1.001", '"1.000"', '"NaN"'),
            *('"１２３"', '"٣"', '""', "null", "true", "[]", "{}", '"0x10"', '".5"'),
            *('"5."', '"007"', '"100000000000000000000"', '"1.00\\n"', '"Infinity"'),
        ],
    )
    def test_refuses_amounts_that_are_none(self, platform, alice, amount):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", f'{{"currency":"USD","amount":{amount}}}'
        )

        assert refusal(answer) == (422, "validation_error")
        assert answer.json()["errors"][0]["pointer"] == "/amount"
        assert not Transaction.objects.exists()

    def test_refuses_more_than_the_books_can_hold(self, platform, alice):
        fund(alice, "99999999999999999999.99 USD")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", {"currency": "USD", "amount": "0.01"}
        )

        assert refusal(answer) == (422, "amount_too_large")

    @pytest.mark.parametrize("currency", ["XXX", "ABC", "BTC"])
    def test_refuses_currencies_that_are_not_here(self, platform, alice, currency):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", {"currency": currency, "amount": "1"}
        )

        assert refusal(answer) == (422, "unsupported_currency")

    def test_refuses_a_currency_that_was_switched_off(self, platform, alice):
        fund(alice, "1.00 EUR")
        Currency.objects.filter(code="EUR").update(enabled=False)

        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", {"currency": "EUR", "amount": "1"}
        )

        assert refusal(answer) == (422, "unsupported_currency")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"currency": "USD"}, "/amount"),
            ({"amount": "1"}, "/currency"),
            ({"currency": "USD", "amount": "1", "dry_run": True}, "/dry_run"),
            ({"currency": "USD", "amount": "1", "reference": ""}, "/reference"),
            ({"currency": "USD", "amount": "1", "reference": "a\nb"}, "/reference"),
            ({"currency": "USD", "amount": "1", "reference": "x" * 256}, "/reference"),
            ({"currency": "USD", "amount": "1", "description": 5}, "/description"),
            ({"currency": "USD", "amount": "1", "metadata": []}, "/metadata"),
            ({"currency": "USD", "amount": "1", "metadata": {"a": 1}}, "/metadata/a"),
            (
                {"currency": "USD", "amount": "1", "metadata": {"a": {"b": "c"}}},
                "/metadata/a",
            ),
        ],
    )
    def test_points_to_the_field_that_is_wrong(self, platform, alice, body, pointer):
        answer = platform.post(f"/v1/wallets/{alice.id}/fund", body)

        assert refusal(answer) == (422, "validation_error")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("{", "malformed_request"),
            ("[]", "malformed_request"),
            ('{"currency":"USD","amount":"1","amount":"2"}', "malformed_request"),
            ('{"currency":"USD","amount":NaN}', "malformed_request"),
            ('{"currency":"USD","amount":1e400}', "malformed_request"),
            (
                '{"currency":"USD","amount":"1","description":"\\u0000"}',
                "malformed_request",
            ),
            (
                '{"currency":"USD","amount":"1","description":"\\ud800"}',
                "malformed_request",
            ),
            ('{"metadata":' + '{"a":' * 40 + "1" + "}" * 41, "malformed_request"),
            ('{"amount":' + "[" * 30_000 + "]" * 30_000 + "}", "malformed_request"),
        ],
    )
    def test_refuses_what_is_no_request(self, platform, alice, body, code):
        answer = platform.post(f"/v1/wallets/{alice.id}/fund", body)

        assert refusal(answer) == (400, code)

    def test_refuses_what_is_said_in_the_address(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund?preview=true"

        answer = platform.post(path, {"currency": "USD", "amount": "1.00"})

        assert refusal(answer) == (422, "validation_error")
        assert answer.json()["errors"][0]["pointer"] == "/preview"
        assert holdings(alice) == {}

    def test_tells_anybody_with_a_key_what_may_be_asked(self, platform, alice):
        answer = platform.send("OPTIONS", f"/v1/wallets/{alice.id}/fund", None)

        assert answer.status_code == 200
        assert answer["Allow"] == "POST, OPTIONS"

    def test_writes_its_event_with_it(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", {"currency": "USD", "amount": "1"}
        )

        event = Event.objects.get(type="transaction.posted")
        assert str(event.subject_id) == answer.json()["transaction_id"]
        assert Transaction.objects.get().xid == event.xid


class TestWithdraw:
    def test_debits_the_wallet_and_credits_cash(self, platform, alice):
        fund(alice, "100.00 USD")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "USD", "amount": "40"}
        )

        assert answer.status_code == 201
        assert answer.json()["new_balance"] == "60.00"
        assert entries(platform, answer.json()["transaction_id"]) == [
            "debit customer 40.00 USD",
            "credit cash 40.00 USD",
        ]

    def test_may_take_all_there_is(self, platform, alice):
        fund(alice, "100.00 USD")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "USD", "amount": "100"}
        )

        assert answer.json()["new_balance"] == "0.00"

    def test_refuses_more_than_available_and_says_how_much_is(self, platform, alice):
        fund(alice, "100.00 USD")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "USD", "amount": "100.01"}
        )

        assert refusal(answer) == (422, "insufficient_funds")
        problem = answer.json()
        assert (problem["available"], problem["required"], problem["currency"]) == (
            "100.00",
            "100.01",
            "USD",
        )

    def test_needs_a_wallet(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "EUR", "amount": "1"}
        )

        assert refusal(answer) == (404, "wallet_not_found")


class TestTransfer:
    def path(self, user):
        return f"/v1/wallets/{user.id}/transfer"

    def test_moves_money_and_opens_the_payees_wallet(self, platform, alice, bob):
        fund(alice, "100.00 EUR")

        answer = platform.post(
            self.path(alice),
            {"currency": "EUR", "amount": "30", "to_user_id": str(bob.id)},
        )

        assert answer.status_code == 201
        assert answer.json()["new_balance"] == "70.00"
        assert answer.json()["to_user_id"] == str(bob.id)
        assert holdings(bob) == {"EUR": "30.00"}

    @pytest.mark.parametrize("by_id", [False, True])
    def test_misses_the_payers_wallet_before_it_looks_at_the_payee(
        self, platform, alice, bob, by_id
    ):
        payer, payee = sorted([alice, bob], key=lambda one: one.id, reverse=by_id)
        platform.delete(f"/v1/users/{payee.id}")

        answer = platform.post(
            self.path(payer),
            {"currency": "EUR", "amount": "30", "to_user_id": str(payee.id)},
        )

        assert refusal(answer) == (404, "wallet_not_found")

    def test_does_not_tell_the_payer_what_the_payee_has(self, platform, alice, bob):
        fund(alice, "100.00 USD")
        fund(bob, "77.00 USD")

        answer = platform.post(
            self.path(alice),
            {"currency": "USD", "amount": "1", "to_user_id": str(bob.id)},
        )

        assert b"78.00" not in answer.content

    def test_refuses_to_oneself(self, platform, alice):
        answer = platform.post(
            self.path(alice),
            {"currency": "USD", "amount": "1", "to_user_id": str(alice.id)},
        )

        assert refusal(answer) == (422, "same_user")

    def test_refuses_to_nobody(self, platform, alice):
        fund(alice, "100.00 USD")

        answer = platform.post(
            self.path(alice),
            {"currency": "USD", "amount": "1", "to_user_id": str(uuid4())},
        )

        assert refusal(answer) == (404, "user_not_found")
        assert holdings(alice) == {"USD": "100.00"}


class TestIfMatch:
    def test_lets_a_write_through_at_that_version(self, platform, alice):
        fund(alice, "10.00 USD")
        version = platform.get(f"/v1/wallets/{alice.id}/USD").headers["ETag"]
        path = f"/v1/wallets/{alice.id}/withdraw"
        body = {"currency": "USD", "amount": "1.00"}

        first = platform.post(path, body, if_match=version)
        second = platform.post(path, body, if_match=version)

        assert first.status_code == 201
        assert refusal(second) == (412, "version_mismatch")
        assert second.json()["version"] == 2

    @pytest.mark.parametrize(
        ("tag", "status"),
        [("*", 201), ('W/"1"', 412), ('"x"', 412), ("1", 400), ('"1', 400), ("", 400)],
    )
    def test_reads_tags_as_http_defines_them(self, platform, alice, tag, status):
        fund(alice, "10.00 USD")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/withdraw",
            {"currency": "USD", "amount": "1.00"},
            if_match=tag,
        )

        assert answer.status_code == status, answer.content


class TestReference:
    def test_is_unique_per_user_for_ever(self, platform, alice, bob):
        body = {"currency": "USD", "amount": "1.00", "reference": "order-7"}

        answers = [
            platform.post(f"/v1/wallets/{alice.id}/fund", body),
            platform.post(f"/v1/wallets/{alice.id}/fund", body),
            platform.post(f"/v1/wallets/{alice.id}/withdraw", body),
            platform.post(f"/v1/wallets/{bob.id}/fund", body),
        ]

        assert [answer.status_code for answer in answers] == [201, 409, 409, 201]
        assert refusal(answers[1]) == (409, "duplicate_reference")
