"""Reading what moved, through the API."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.domain import convert, fund, holdings, transfer, withdraw
from transactions.models import Transaction
from transactions.services import fold_totals
from wallets.services import open_wallet

pytestmark = pytest.mark.django_db


def pages(client, path, **parameters):
    """Every page of a list, one after the other."""
    while True:
        page = client.get(path, **parameters).json()
        yield page["data"]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return
        parameters["cursor"] = page["next_cursor"]


class TestHistory:
    def test_is_newest_first_with_own_entries_only(self, as_alice, alice, bob, rates):
        fund(alice, "100.00 USD")
        transfer(alice, "30.00 USD", to=bob)
        convert(alice, "10.00 USD", to="MXN")

        rows = as_alice.get(f"/v1/wallets/{alice.id}/transactions").json()["data"]

        assert [row["type"] for row in rows] == ["conversion", "transfer", "fund"]
        assert [
            [
                f"{e['side']} {e['amount']} {e['currency']} {e['balance_after']}"
                for e in row["entries"]
            ]
            for row in rows
        ] == [
            ["debit 10.00 USD 60.00", "credit 160.00 MXN 160.00"],
            ["debit 30.00 USD 70.00"],
            ["credit 100.00 USD 100.00"],
        ]
        assert {e["wallet_user_id"] for row in rows for e in row["entries"]} == {
            str(alice.id)
        }

    def test_of_the_payee_hides_the_payers_words_from_them_alone(
        self, platform, as_bob, alice, bob
    ):
        fund(alice, "10.00 USD")
        words = {"reference": "order-7", "metadata": {"a": "b"}, "idempotency_key": "k"}
        transfer(alice, "1.00 USD", to=bob, **words)
        path = f"/v1/wallets/{bob.id}/transactions"

        [to_bob] = as_bob.get(path).json()["data"]
        [to_platform] = platform.get(path).json()["data"]

        assert {name: to_bob[name] for name in words} == {
            "reference": None,
            "metadata": {},
            "idempotency_key": None,
        }
        assert {name: to_platform[name] for name in words} == words
        assert to_platform["entries"] == to_bob["entries"]

    def test_tells_nobody_whether_they_guessed_a_payers_reference(
        self, as_bob, alice, bob
    ):
        fund(alice, "10.00 USD")
        transfer(alice, "1.00 USD", to=bob, reference="order-7")
        withdraw(bob, "0.50 USD", reference="order-8")
        path = f"/v1/wallets/{bob.id}/transactions"

        guessed = as_bob.get(path, reference="order-7").json()["data"]
        [own] = as_bob.get(path, reference="order-8").json()["data"]

        assert guessed == []
        assert own["type"] == "withdrawal"

    def test_pages_without_gap_or_repetition_while_money_moves(
        self, platform, alice, rates
    ):
        for number in range(7):
            fund(alice, f"{number + 1}.00 USD")
            convert(alice, "1.00 USD", to="EUR")
        before = {str(id_) for id_ in Transaction.objects.values_list("id", flat=True)}

        seen = []
        for page in pages(platform, f"/v1/wallets/{alice.id}/transactions", limit=3):
            assert len(page) <= 3
            seen += [row["id"] for row in page]
            fund(alice, "1.00 USD")

        assert len(seen) == 14
        assert set(seen) == before

    @pytest.mark.parametrize(
        ("wanted", "types"),
        [
            ({"type": "fund"}, ["fund", "fund"]),
            ({"currency": "MXN"}, ["conversion"]),
            ({"currency": "XXX"}, []),
            ({"min": "50"}, ["conversion", "fund"]),
            ({"min": "20", "max": "30.00"}, ["withdrawal"]),
            ({"reference": "order-7"}, ["withdrawal"]),
            ({"reference": "order-8"}, []),
            ({"from": "2000-01-01"}, ["fund", "conversion", "withdrawal", "fund"]),
            ({"to": "2000-01-01T00:00:00Z"}, []),
        ],
    )
    @pytest.mark.parametrize("whole", [False, True])
    def test_can_be_narrowed(self, platform, alice, rates, wanted, types, whole):
        fund(alice, "100.00 USD")
        withdraw(alice, "30.00 USD", reference="order-7")
        convert(alice, "10.00 USD", to="MXN")
        fund(alice, "1.00 USD")
        path = f"/v1/wallets/{alice.id}/transactions"

        answer = platform.get("/v1/transactions" if whole else path, **wanted)

        assert [row["type"] for row in answer.json()["data"]] == types

    def test_ends_where_the_time_does(self, platform, alice):
        first = fund(alice, "1.00 USD").transaction
        second = fund(alice, "2.00 USD").transaction
        path = f"/v1/wallets/{alice.id}/transactions"

        until = platform.get(path, to=second.recorded_at.isoformat()).json()["data"]
        since = platform.get(path, **{"from": second.recorded_at.isoformat()}).json()

        assert [row["id"] for row in until] == [str(first.id)]
        assert [row["id"] for row in since["data"]] == [str(second.id)]

    @pytest.mark.parametrize(
        ("parameters", "pointer"),
        [
            ({"type": "gift"}, "/type"),
            ({"from": "yesterday"}, "/from"),
            ({"to": "2026-13-01"}, "/to"),
            ({"min": "-1"}, "/min"),
            ({"max": "1e2"}, "/max"),
            ({"limit": "1000"}, "/limit"),
            ({"page": "2"}, "/page"),
        ],
    )
    def test_refuses_parameters_that_mean_nothing(
        self, platform, alice, parameters, pointer
    ):
        for path in (f"/v1/wallets/{alice.id}/transactions", "/v1/transactions"):
            answer = platform.get(path, **parameters)

            assert answer.status_code == 422
            assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]

    def test_asks_the_database_the_same_however_long_it_is(
        self, platform, alice, rates, django_assert_num_queries
    ):
        path = f"/v1/wallets/{alice.id}/transactions"
        fund(alice, "100.00 USD")
        platform.get(path)
        with django_assert_num_queries(8):
            platform.get(path)

        for _ in range(15):
            convert(alice, "1.00 USD", to="MXN")

        with django_assert_num_queries(8):
            assert len(platform.get(path).json()["data"]) == 16


class TestTransaction:
    def test_shows_all_entries_to_the_platform(self, platform, alice, rates):
        fund(alice, "100.00 USD")
        posted = convert(alice, "10.00 USD", to="MXN", idempotency_key="k")

        row = platform.get(f"/v1/transactions/{posted.transaction.id}").json()

        assert row["idempotency_key"] == "k"
        assert [entry["account"] for entry in row["entries"]] == [
            "customer",
            "fx_position",
            "fx_position",
            "customer",
        ]

    def test_that_never_was_is_not_found(self, platform):
        answer = platform.get(f"/v1/transactions/{uuid4()}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestBalances:
    def test_are_those_of_all_wallets(self, as_alice, alice):
        fund(alice, "43.00 USD")
        open_wallet(alice.id, "JPY")

        answer = as_alice.get(f"/v1/wallets/{alice.id}/balances")

        assert answer.json() == {
            "user_id": str(alice.id),
            "balances": {"JPY": "0", "USD": "43.00"},
        }

    def test_at_a_past_instant_are_what_they_were_then(self, platform, alice, rates):
        instants = [
            fund(alice, amount).transaction.recorded_at
            for amount in ("1.00 USD", "2.00 USD", "4.00 USD")
        ]
        convert(alice, "5.00 USD", to="MXN")

        def at(instant):
            answer = platform.get(
                f"/v1/wallets/{alice.id}/balances", at=instant.isoformat()
            )
            return answer.json()["balances"]

        just_before = timedelta(microseconds=1)
        assert [at(instant) for instant in instants] == [
            {"USD": "1.00"},
            {"USD": "3.00"},
            {"USD": "7.00"},
        ]
        assert at(instants[1] - just_before) == {"USD": "1.00"}
        assert at(instants[0] - just_before) == {"USD": "0.00"}
        assert at(timezone.now()) == {"USD": "2.00", "MXN": "80.00"}
        assert at(alice.created_at - timedelta(days=1)) == {}

    @pytest.mark.parametrize("at", ["", "now", "2026-02-30", "2026-01-01T00:00:00"])
    def test_at_no_instant_are_refused(self, platform, alice, at):
        answer = platform.get(f"/v1/wallets/{alice.id}/balances", at=at)

        assert answer.json()["errors"][0]["pointer"] == "/at"


class TestTrialBalance:
    pytestmark = pytest.mark.django_db(transaction=True)

    def at(self, platform, instant: datetime):
        answer = platform.get("/v1/trial-balance", at=instant.isoformat()).json()
        return {
            f"{account['account']} {one['currency']}": account["credits"]
            for one in answer["data"]
            for account in one["accounts"]
        }

    def test_balances_in_every_currency(self, platform, alice, rates):
        fund(alice, "100.00 USD")
        convert(alice, "10.00 USD", to="JPY")

        answer = platform.get("/v1/trial-balance").json()["data"]

        assert [one["currency"] for one in answer] == ["JPY", "USD"]
        assert [one["difference"] for one in answer] == ["0", "0.00"]
        assert answer[1]["debits"] == answer[1]["credits"] == "110.00"

    @pytest.mark.parametrize("slack", [timedelta(0), timedelta(minutes=2)])
    def test_is_the_same_folded_and_not(self, platform, alice, monkeypatch, slack):
        # Without slack the search for what came later ends at the next fold.
        monkeypatch.setattr("transactions.queries.totals._SLACK", slack)
        instants = []
        for _ in range(3):
            fund(alice, "1.00 USD")
            instants.append(fund(alice, "1.00 USD").transaction.recorded_at)
            fold_totals()
            fold_totals()
        fund(alice, "1.00 USD")

        assert [self.at(platform, instant) for instant in instants] == [
            {"cash USD": "0.00", "customer USD": f"{n}.00"} for n in (2, 4, 6)
        ]
        assert self.at(platform, timezone.now())["customer USD"] == "7.00"
        assert self.at(platform, instants[0] - timedelta(days=1)) == {}

    def test_of_empty_books_is_empty(self, platform, alice):
        assert platform.get("/v1/trial-balance").json() == {"data": []}
        assert holdings(alice) == {}
