"""Wallets, through the API and for staff."""

from uuid import uuid4

import pytest
from django.utils import timezone

from fx.models import Currency
from tests.domain import fund, holdings, withdraw
from wallets.errors import WalletNotEmpty, WalletNotFound
from wallets.models import Status, Wallet
from wallets.services import (
    close_wallet,
    freeze_wallet,
    open_wallet,
    unfreeze_wallet,
)
from webhooks.models import Event

pytestmark = pytest.mark.django_db


class TestOpen:
    @pytest.mark.parametrize(
        ("currency", "zero"),
        [("JPY", "0"), ("EUR", "0.00"), ("KWD", "0.000"), ("CLF", "0.0000")],
    )
    def test_opens_any_iso_currency(self, platform, alice, currency, zero):
        answer = platform.post(f"/v1/wallets/{alice.id}", {"currency": currency})

        assert answer.status_code == 201
        assert answer.json()["balance"] == answer.json()["available"] == zero

    def test_answers_200_when_it_is_open_already(self, platform, alice):
        first = platform.post(f"/v1/wallets/{alice.id}", {"currency": "EUR"})

        again = platform.post(f"/v1/wallets/{alice.id}", {"currency": "EUR"})

        assert again.status_code == 200
        assert again.json() == first.json()
        assert Event.objects.filter(type="wallet.opened").count() == 2

    def test_takes_the_user_in_the_body(self, platform, alice):
        answer = platform.post(
            "/v1/wallets", {"user_id": str(alice.id), "currency": "EUR"}
        )

        assert (answer.status_code, answer.json()["user_id"]) == (201, str(alice.id))

    @pytest.mark.parametrize("currency", ["XXX", "ZZZ", "XAU", "BTC"])
    def test_refuses_what_is_no_currency_here(self, platform, alice, currency):
        answer = platform.post(f"/v1/wallets/{alice.id}", {"currency": currency})

        assert (answer.status_code, answer.json()["code"]) == (
            422,
            "unsupported_currency",
        )

    def test_refuses_a_currency_that_is_switched_off(self, platform, alice):
        Currency.objects.filter(code="EUR").update(enabled=False)

        answer = platform.post(f"/v1/wallets/{alice.id}", {"currency": "EUR"})

        assert answer.json()["code"] == "unsupported_currency"

    @pytest.mark.parametrize("currency", ["usd", "", "US", None, 5, ["USD"], "€€€"])
    def test_refuses_what_is_no_code(self, platform, alice, currency):
        answer = platform.post(f"/v1/wallets/{alice.id}", {"currency": currency})

        assert (answer.status_code, answer.json()["code"]) == (422, "validation_error")

    def test_holds_a_digital_asset_at_eight_decimals(self, platform, alice):
        Currency.objects.create(code="BTC", name="Bitcoin", exponent=8)

        fund(alice, "0.00000001 BTC")

        assert holdings(alice) == {"BTC": "0.00000001"}


class TestRead:
    def test_shows_one_wallet_and_its_version_as_etag(self, platform, alice):
        fund(alice, "10.00 USD")

        answer = platform.get(f"/v1/wallets/{alice.id}/USD")

        wallet = answer.json()
        assert answer.headers["ETag"] == '"1"'
        assert {
            "user_id": str(alice.id),
            "currency": "USD",
            "balance": "10.00",
            "held": "0.00",
            "available": "10.00",
            "version": 1,
            "status": "active",
        }.items() <= wallet.items()

    def test_of_a_currency_without_a_wallet_is_not_found(self, platform, alice):
        answer = platform.get(f"/v1/wallets/{alice.id}/EUR")

        assert (answer.status_code, answer.json()["code"]) == (404, "wallet_not_found")

    def test_of_nobody_is_not_found(self, platform):
        answers = [
            platform.get(f"/v1/wallets/{uuid4()}"),
            platform.get(f"/v1/wallets/{uuid4()}/USD"),
        ]

        assert [a.json()["code"] for a in answers] == ["user_not_found"] * 2

    def test_of_no_id_at_all_is_a_problem_document(self, platform):
        answer = platform.get("/v1/wallets/alice")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.headers["Content-Type"] == "application/problem+json"


class TestFreeze:
    def test_stops_all_movements_until_unfrozen(self, platform, alice, bob, rates):
        fund(alice, "10.00 USD")
        fund(bob, "10.00 USD")
        wallet = Wallet.objects.get(owner=alice)

        freeze_wallet(wallet.id)

        money = {"currency": "USD", "amount": "1.00"}
        path = f"/v1/wallets/{alice.id}"
        into = f"/v1/wallets/{bob.id}/transfer"
        answers = [
            platform.post(f"{path}/fund", money),
            platform.post(f"{path}/withdraw", money),
            platform.post(f"{path}/transfer", money | {"to_user_id": str(bob.id)}),
            platform.post(into, money | {"to_user_id": str(alice.id)}),
            platform.post(
                f"{path}/convert",
                {"from_currency": "USD", "to_currency": "EUR", "amount": "1.00"},
            ),
        ]
        # Who pays into the wallet does not learn why it takes nothing.
        frozen, closed_to_others = (422, "wallet_frozen"), (422, "payee_unavailable")
        assert [(a.status_code, a.json()["code"]) for a in answers] == [
            frozen,
            frozen,
            frozen,
            closed_to_others,
            frozen,
        ]
        unfreeze_wallet(wallet.id)
        withdraw(alice, "10.00 USD")
        assert holdings(alice) == {}

    def test_twice_is_one_event(self, alice):
        wallet = Wallet.objects.get(owner=alice)

        freeze_wallet(wallet.id)
        freeze_wallet(wallet.id)

        assert Event.objects.filter(type="wallet.frozen").count() == 1


class TestClose:
    def test_ends_an_empty_wallet_and_leaves_room_for_a_new_one(self, platform, alice):
        wallet, _ = open_wallet(alice.id, "EUR")

        closed = close_wallet(wallet.id, now=timezone.now())

        assert closed.status == Status.CLOSED
        assert platform.get(f"/v1/wallets/{alice.id}/EUR").status_code == 404
        fresh, opened = open_wallet(alice.id, "EUR")
        assert opened
        assert fresh.id != wallet.id

    def test_refuses_while_money_is_in_it(self, alice):
        fund(alice, "0.01 USD")

        with pytest.raises(WalletNotEmpty, match=r"still holds 0\.01 USD"):
            close_wallet(Wallet.objects.get(owner=alice).id, now=timezone.now())

    def test_keeps_its_history(self, platform, alice):
        fund(alice, "5.00 EUR")
        withdraw(alice, "5.00 EUR")
        wallet = Wallet.objects.get(owner=alice, currency="EUR")

        close_wallet(wallet.id, now=timezone.now())

        rows = platform.get(f"/v1/wallets/{alice.id}/transactions").json()["data"]
        assert [row["type"] for row in rows] == ["withdrawal", "fund"]
        with pytest.raises(WalletNotFound):
            withdraw(alice, "5.00 EUR")
