"""Users, through the API."""

from uuid import uuid4

import pytest

from tests.domain import fund, holdings, house
from users.models import User
from wallets.models import Wallet
from wallets.services import restore_user
from webhooks.models import Event

pytestmark = pytest.mark.django_db


class TestCreate:
    def test_needs_nothing_and_opens_a_dollar_wallet(self, platform):
        answer = platform.post("/v1/users")

        assert answer.status_code == 201
        user = answer.json()
        assert user["external_id"] is None
        wallets = platform.get(f"/v1/wallets/{user['id']}").json()["data"]
        assert [(w["currency"], w["balance"]) for w in wallets] == [("USD", "0.00")]

    def test_takes_name_email_and_external_id(self, platform):
        body = {"external_id": "c-1", "name": "Zoë", "email": "zoe@example.com"}

        answer = platform.post("/v1/users", body)

        assert body.items() <= answer.json().items()
        assert platform.get(f"/v1/users/{answer.json()['id']}").json() == answer.json()

    def test_opens_the_wallet_in_the_default_currency(self, platform, settings):
        settings.DEFAULT_CURRENCY = "KWD"

        user = platform.post("/v1/users").json()

        [wallet] = platform.get(f"/v1/wallets/{user['id']}").json()["data"]
        assert (wallet["currency"], wallet["available"]) == ("KWD", "0.000")

    def test_writes_its_events(self, platform):
        user = platform.post("/v1/users").json()

        events = Event.objects.filter(user_id=user["id"]).order_by("id")
        assert [event.type for event in events] == ["user.created", "wallet.opened"]

    def test_refuses_a_taken_external_id_and_writes_nothing(self, platform, alice):
        users, wallets = User.objects.count(), Wallet.objects.count()

        answer = platform.post("/v1/users", {"external_id": "alice"})

        assert (answer.status_code, answer.json()["code"]) == (
            409,
            "duplicate_external_id",
        )
        assert (User.objects.count(), Wallet.objects.count()) == (users, wallets)

    def test_keeps_the_external_id_of_the_deleted(self, platform, alice):
        platform.delete(f"/v1/users/{alice.id}")

        answer = platform.post("/v1/users", {"external_id": "alice"})

        assert answer.json()["code"] == "duplicate_external_id"

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"email": "nobody"}, "/email"),
            ({"email": 5}, "/email"),
            ({"name": 5}, "/name"),
            ({"name": "x" * 201}, "/name"),
            ({"external_id": ""}, "/external_id"),
            ({"external_id": "x" * 256}, "/external_id"),
            ({"is_staff": True}, "/is_staff"),
            ({"password": "x"}, "/password"),
        ],
    )
    def test_refuses_what_no_user_has(self, platform, body, pointer):
        answer = platform.post("/v1/users", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "validation_error")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


class TestList:
    def test_pages_from_the_newest_and_hides_the_deleted(self, platform):
        ids = [platform.post("/v1/users").json()["id"] for _ in range(5)]
        platform.delete(f"/v1/users/{ids[2]}")

        first = platform.get("/v1/users", limit=2).json()
        second = platform.get("/v1/users", limit=2, cursor=first["next_cursor"]).json()

        seen = [user["id"] for user in first["data"] + second["data"]]
        assert seen == [ids[4], ids[3], ids[1], ids[0]]
        assert (first["has_more"], second["has_more"]) == (True, False)
        assert second["next_cursor"] is None

    def test_narrows_by_external_id_and_email(self, platform, alice, bob):
        by_id = platform.get("/v1/users", external_id="bob").json()["data"]
        by_email = platform.get("/v1/users", email="alice@example.com").json()["data"]

        assert [user["id"] for user in by_id] == [str(bob.id)]
        assert [user["id"] for user in by_email] == [str(alice.id)]

    @pytest.mark.parametrize("text", ["", " ", "\u00a0", " bob", "bob "])
    @pytest.mark.parametrize("field", ["external_id", "email"])
    def test_takes_a_text_for_what_it_is(self, platform, bob, field, text):
        found = platform.get("/v1/users", **{field: text}).json()["data"]

        assert found == []

    @pytest.mark.parametrize(
        ("parameters", "status", "code"),
        [
            ({"limit": "0"}, 422, "validation_error"),
            ({"limit": "101"}, 422, "validation_error"),
            ({"offset": "5"}, 422, "validation_error"),
            ({"cursor": "nonsense"}, 400, "bad_cursor"),
            ({"email": "\0"}, 422, "validation_error"),
        ],
    )
    def test_refuses_parameters_that_mean_nothing(
        self, platform, parameters, status, code
    ):
        answer = platform.get("/v1/users", **parameters)

        assert (answer.status_code, answer.json()["code"]) == (status, code)


class TestRetrieve:
    def test_takes_an_id_in_either_case(self, platform, as_alice, alice):
        for client in (platform, as_alice):
            answer = client.get(f"/v1/users/{str(alice.id).upper()}")

            assert answer.json()["id"] == str(alice.id)


class TestUpdate:
    def test_changes_what_is_named_and_nothing_else(self, platform, alice):
        answer = platform.patch(f"/v1/users/{alice.id}", {"name": "Alicia"})

        assert answer.status_code == 200
        alice.refresh_from_db()
        assert (alice.name, alice.external_id) == ("Alicia", "alice")
        assert Event.objects.filter(type="user.updated").get().data == {
            "changed": ["name"]
        }

    def test_with_nothing_changes_nothing(self, platform, alice):
        answer = platform.patch(f"/v1/users/{alice.id}", {})

        assert answer.status_code == 200
        assert not Event.objects.filter(type="user.updated").exists()

    def test_refuses_anothers_external_id(self, platform, alice, bob):
        answer = platform.patch(f"/v1/users/{alice.id}", {"external_id": "bob"})

        assert answer.json()["code"] == "duplicate_external_id"

    def test_of_nobody_is_not_found(self, platform):
        answer = platform.patch(f"/v1/users/{uuid4()}", {"name": "x"})

        assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")


class TestDelete:
    def test_answers_ok_and_then_everything_is_404(self, platform, alice, bob):
        fund(alice, "10.00 USD")
        fund(bob, "10.00 USD")

        answer = platform.delete(f"/v1/users/{alice.id}")

        assert answer.status_code == 200
        assert answer.json() == {"status": "OK", "detail": "User deleted"}
        money = {"currency": "USD", "amount": "1.00"}
        wallet = f"/v1/wallets/{alice.id}"
        afterwards = [
            platform.delete(f"/v1/users/{alice.id}"),
            platform.get(f"/v1/users/{alice.id}"),
            platform.patch(f"/v1/users/{alice.id}", {"name": "x"}),
            platform.get(wallet),
            platform.get(f"{wallet}/USD"),
            platform.get(f"{wallet}/balances"),
            platform.get(f"{wallet}/balances", at="2026-01-01"),
            platform.get(f"{wallet}/transactions"),
            platform.post(wallet, {"currency": "EUR"}),
            platform.post(f"{wallet}/fund", money),
            platform.post(f"{wallet}/withdraw", money),
            platform.post(f"{wallet}/transfer", money | {"to_user_id": str(bob.id)}),
            platform.post(
                f"/v1/wallets/{bob.id}/transfer", money | {"to_user_id": str(alice.id)}
            ),
            platform.post(
                f"{wallet}/convert",
                {"from_currency": "USD", "to_currency": "EUR", "amount": "1.00"},
            ),
        ]
        assert [(a.status_code, a.json()["code"]) for a in afterwards] == [
            (404, "user_deleted")
        ] * len(afterwards)

    def test_leaves_what_is_owed_on_the_books(self, platform, alice):
        fund(alice, "10.00 USD")

        platform.delete(f"/v1/users/{alice.id}")

        assert house() == {"cash USD": "10.00"}
        [dollars] = platform.get("/v1/trial-balance").json()["data"]
        assert {"account": "customer", "debits": "0.00", "credits": "10.00"} in dollars[
            "accounts"
        ]

    def test_keeps_the_transactions_readable_for_the_platform(self, platform, alice):
        fund(alice, "10.00 USD")

        platform.delete(f"/v1/users/{alice.id}")

        [row] = platform.get("/v1/transactions").json()["data"]
        assert row["user_id"] == str(alice.id)

    def test_ends_the_customers_keys(self, platform, as_alice, alice):
        platform.delete(f"/v1/users/{alice.id}")

        assert as_alice.get(f"/v1/users/{alice.id}").status_code == 401


class TestRestore:
    def test_brings_back_user_wallets_and_money(self, platform, alice):
        fund(alice, "10.00 USD")
        fund(alice, "7 JPY")
        platform.delete(f"/v1/users/{alice.id}")

        restore_user(alice.id)

        assert holdings(alice) == {"USD": "10.00", "JPY": "7"}
        fund(alice, "1.00 USD")
        assert Event.objects.filter(type="user.restored").count() == 1

    def test_leaves_wallets_closed_that_were_closed_before(self, platform, alice):
        from wallets.services import close_wallet, open_wallet

        wallet, _ = open_wallet(alice.id, "EUR")
        close_wallet(wallet.id, now=alice.created_at)
        platform.delete(f"/v1/users/{alice.id}")

        restore_user(alice.id)

        assert [w.currency_id for w in Wallet.objects.filter(owner=alice)] == ["USD"]

    def test_of_a_live_user_changes_nothing(self, alice):
        restore_user(alice.id)

        assert not Event.objects.filter(type="user.restored").exists()
