"""The house's own trades with the market."""

import json

import pytest
from django.core.management import CommandError, call_command

from fx.models import Currency
from tests.client import platform_client
from tests.domain import fund, hedge, house, position, reverse
from tests.factories import StaffFactory
from tests.threads import at_once
from transactions.errors import AlreadyReversed
from transactions.models import Transaction

pytestmark = pytest.mark.django_db

TRADE = {
    "sell_currency": "USD",
    "sell_amount": "125.00",
    "buy_currency": "EUR",
    "buy_amount": "100.00",
    "counterparty": "A bank",
    "reason": "Short of euros",
    "reference": "ticket-1",
}


def refusal(answer):
    return answer.status_code, answer.json()["code"]


class TestHedge:
    def test_moves_cash_and_positions_and_nobody_elses_money(self, platform, rates):
        answer = platform.post("/v1/hedges", TRADE)

        assert answer.status_code == 201
        assert (
            answer.json().items()
            >= {
                "type": "hedge",
                "sell_currency": "USD",
                "sell_amount": "125.00",
                "buy_currency": "EUR",
                "buy_amount": "100.00",
                "counterparty": "A bank",
                "description": "Short of euros",
                "reference": "ticket-1",
            }.items()
        )
        assert [
            (line["side"], line["account"], line["amount"], line["currency"])
            for line in answer.json()["entries"]
        ] == [
            ("debit", "cash", "100.00", "EUR"),
            ("credit", "fx_position", "100.00", "EUR"),
            ("debit", "fx_position", "125.00", "USD"),
            ("credit", "cash", "125.00", "USD"),
        ]
        assert house() == {
            "cash EUR": "100.00",
            "fx_position EUR": "100.00",
            "cash USD": "-125.00",
            "fx_position USD": "-125.00",
        }

    def test_is_a_transaction_like_others(self, platform, as_alice, rates):
        id_ = platform.post("/v1/hedges", TRADE).json()["transaction_id"]

        [row] = platform.get("/v1/transactions", type="hedge").json()["data"]
        assert (row["id"], row["user_id"]) == (id_, None)
        assert row["metadata"] == {"counterparty": "A bank"}
        assert platform.get(f"/v1/transactions/{id_}").json() == row
        explained = platform.get(f"/v1/transactions/{id_}/explain")
        assert refusal(explained) == (422, "not_a_conversion")
        assert as_alice.get(f"/v1/transactions/{id_}").status_code == 404
        assert as_alice.get(f"/v1/transactions/{id_}/explain").status_code == 404

    def test_is_booked_once_under_a_key(self, platform, rates):
        first = platform.post("/v1/hedges", TRADE, idempotency_key="k")
        second = platform.post("/v1/hedges", TRADE, idempotency_key="k")

        assert second.content == first.content
        assert second.headers["Idempotent-Replayed"] == "true"
        assert position("EUR", "position") == ("100.00",)

    def test_is_booked_once_under_its_ticket(self, platform, rates):
        platform.post("/v1/hedges", TRADE)
        again = platform.post("/v1/hedges", TRADE)

        assert refusal(again) == (409, "duplicate_reference")
        assert again.json()["detail"].startswith("The house already has")
        assert position("EUR", "position") == ("100.00",)

    def test_leaves_the_references_of_customers_to_them(self, platform, alice, rates):
        fund(alice, "1.00 USD", reference="ticket-1")

        assert platform.post("/v1/hedges", TRADE).status_code == 201

    def test_preview_does_nothing(self, platform, rates):
        answer = platform.post("/v1/hedges", TRADE | {"preview": True})

        assert answer.status_code == 200
        assert (answer.json()["preview"], answer.json()["transaction_id"]) == (
            (True, None)
        )
        assert len(answer.json()["entries"]) == 4
        assert not Transaction.objects.exists()

    def test_is_undone_by_a_reversal(self, platform, rates):
        id_ = platform.post("/v1/hedges", TRADE).json()["transaction_id"]

        answer = platform.post(f"/v1/transactions/{id_}/reverse", {"reason": "typo"})

        assert answer.status_code == 201
        assert position("EUR", "side", "position") == ("flat", "0.00")
        again = platform.post(f"/v1/transactions/{id_}/reverse", {"reason": "typo"})
        assert refusal(again) == (409, "already_reversed")

    def test_may_be_in_a_currency_that_is_switched_off(self, platform, rates):
        Currency.objects.filter(pk="EUR").update(enabled=False)

        assert platform.post("/v1/hedges", TRADE).status_code == 201

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"buy_currency": "USD"}, "same_currency"),
            ({"buy_currency": "XXX"}, "unsupported_currency"),
            ({"buy_amount": "0"}, "validation_error"),
            ({"buy_amount": "-1"}, "validation_error"),
            ({"buy_amount": "1.001"}, "validation_error"),
            ({"buy_currency": "JPY", "buy_amount": "1.5"}, "validation_error"),
            ({"reason": ""}, "validation_error"),
            ({"counterparty": ""}, "validation_error"),
            ({"counterparty": None}, "validation_error"),
            ({"description": "x"}, "validation_error"),
            ({"user_id": "x"}, "validation_error"),
        ],
    )
    def test_refuses(self, platform, rates, change, code):
        answer = platform.post("/v1/hedges", TRADE | change)

        assert refusal(answer) == (422, code)
        assert not Transaction.objects.exists()

    def test_names_the_field_that_is_too_precise(self, platform, rates):
        answer = platform.post("/v1/hedges", TRADE | {"buy_amount": "1.001"})

        assert answer.json()["errors"][0]["pointer"] == "/buy_amount"

    def test_has_no_version_to_match(self, platform, rates):
        answer = platform.post("/v1/hedges", TRADE, if_match='"1"')

        assert refusal(answer) == (400, "malformed_request")

    def test_is_for_the_platform_with_the_scope(self, as_alice, rates):
        reader = platform_client(("treasury:read", "transactions:write"))

        assert refusal(as_alice.post("/v1/hedges", TRADE)) == (403, "forbidden")
        assert refusal(reader.post("/v1/hedges", TRADE)) == (403, "forbidden")


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_reversals_of_a_hedge_undo_it_once(self, rates):
        posted = hedge("125.00 USD", for_="100.00 EUR")

        outcomes = at_once([lambda: reverse(posted)] * 4)

        refused = [one for one in outcomes if isinstance(one, AlreadyReversed)]
        assert len(refused) == 3
        assert position("EUR", "position") == ("0.00",)

    def test_first_hedges_of_a_currency_open_its_accounts_together(self, rates):
        outcomes = at_once(
            [lambda: hedge("125.00 USD", for_="100.00 EUR")] * 4
            + [lambda: hedge("100.00 EUR", for_="125.00 USD")] * 4
        )

        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert position("EUR", "position") == ("0.00",)


class TestPositions:
    def test_are_answered_in_strings(self, platform, rates):
        platform.post("/v1/hedges", TRADE | {"sell_amount": "120.00"})

        answer = platform.get("/v1/positions")

        assert answer.status_code == 200
        assert (
            answer.json().items()
            >= {
                "reporting_currency": "USD",
                "realised": "0.00",
                "unrealised": "5.00",
            }.items()
        )
        assert answer.json()["positions"][0] == {
            "currency": "EUR",
            "side": "long",
            "position": "100.00",
            "average_cost": "1.2",
            "cost": "120.00",
            "mid_rate": "1.25",
            "value": "125.00",
            "realised": "0.00",
            "unrealised": "5.00",
            "income": "0.00",
            "exposure": "100.00",
            "limit": None,
        }

    def test_of_the_past_are_of_the_past(self, platform, rates):
        platform.post("/v1/hedges", TRADE)

        answer = platform.get("/v1/positions", at="2020-01-01T00:00:00Z").json()

        assert answer["positions"] == []
        assert answer["at"] == "2020-01-01T00:00:00Z"

    @pytest.mark.parametrize("query", [{"at": "yesterday"}, {"at": ""}, {"on": "x"}])
    def test_refuse_what_cannot_be_meant(self, platform, query):
        assert refusal(platform.get("/v1/positions", **query)) == (
            (422, "validation_error")
        )

    def test_are_for_the_platform_with_the_scope(self, as_alice, rates):
        other = platform_client(("transactions:read", "treasury:write"))

        assert refusal(as_alice.get("/v1/positions")) == (403, "forbidden")
        assert refusal(other.get("/v1/positions")) == (403, "forbidden")


class TestCommands:
    def record(self, **changes):
        options = {
            "sell": ["125.00", "USD"],
            "buy": ["100.00", "EUR"],
            "counterparty": "A bank",
            "reason": "Short of euros",
            "staff": "carol",
        }
        call_command("record_hedge", **options | changes)

    @pytest.fixture(autouse=True)
    def carol(self, db):
        return StaffFactory(username="carol", name="Carol")

    def test_record_a_hedge_by_staff(self, carol, rates, capsys):
        self.record()

        row = Transaction.objects.get()
        assert (row.type, row.staff, row.description) == (
            ("hedge", carol, "Short of euros")
        )
        assert f"Sold 125.00 USD for 100.00 EUR: {row.id}" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"staff": "nobody"}, "no member of staff 'nobody'"),
            ({"sell": ["1e2", "USD"]}, "no exponent"),
            ({"sell": ["0", "USD"]}, "greater than zero"),
            ({"sell": ["1", "ABC"]}, "no currency ABC"),
            ({"sell": ["1", "EUR"]}, "Both sides"),
        ],
    )
    def test_record_nothing_that_is_wrong(self, rates, change, words):
        with pytest.raises(CommandError, match=words):
            self.record(**change)

        assert not Transaction.objects.exists()

    def test_show_the_positions(self, rates, capsys):
        hedge("120.00 USD", for_="100.00 EUR")

        call_command("positions")

        shown = capsys.readouterr().out
        row = ["EUR", "long", "100.00", "1.2", "1.25", "0.00", "5.00", "0.00"]
        assert row in [line.split() for line in shown.splitlines()]
        assert "realised 0.00 USD, unrealised 5.00 USD" in shown

    def test_show_the_positions_of_the_past_as_json(self, rates, capsys):
        call_command("positions", at="2020-01-01T00:00:00Z", json=True)

        assert json.loads(capsys.readouterr().out)["positions"] == []

    def test_show_nothing_of_no_instant(self, rates):
        with pytest.raises(CommandError, match="'soon' is no instant"):
            call_command("positions", at="soon")
