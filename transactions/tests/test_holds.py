"""Holds over HTTP: what they answer, and what they refuse."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from fx.models import Currency
from tests.client import invalid, refused
from tests.domain import capture, fund, hold, holdings, run_out
from transactions.models import Hold, Transaction
from transactions.services import expire_holds
from wallets.models import Wallet
from wallets.services import (
    delete_user,
    freeze_wallet,
    restore_user,
    unfreeze_wallet,
)
from webhooks.models import Event

pytestmark = pytest.mark.django_db


class TestPlacing:
    def test_says_what_is_held_for_whom_and_how_long(self, platform, order):
        words = {
            "reference": "order-7",
            "description": "a chair",
            "metadata": {"a": "b"},
        }

        answer = platform.post("/v1/holds", order | words)

        assert answer.status_code == 201
        told = answer.json()
        times = ("id", "created_at", "expires_at")
        assert {name: value for name, value in told.items() if name not in times} == {
            "user_id": order["user_id"],
            "currency": "USD",
            "amount": "60.00",
            "fee": "0.00",
            "quote_id": None,
            "to_currency": None,
            "to_amount": None,
            "fx_rate": None,
            "to_user_id": order["to_user_id"],
            "reference": "order-7",
            "description": "a chair",
            "metadata": {"a": "b"},
            "idempotency_key": None,
            "captured": "0.00",
            "left": "60.00",
            "status": "active",
            "ended_at": None,
            "void_reason": "",
        }
        row = Hold.objects.get(pk=told["id"])
        assert timedelta(days=6, hours=23) < row.expires_at - row.created_at
        wallet = platform.get(f"/v1/wallets/{order['user_id']}/USD").json()
        assert (wallet["held"], wallet["available"]) == ("60.00", "40.00")
        assert wallet["version"] == 1

    def test_takes_an_expiry_in_seconds_or_as_an_instant(self, platform, order):
        at = timezone.now() + timedelta(hours=3)

        soon = platform.post("/v1/holds", order | {"amount": "1", "expires_in": 60})
        later = platform.post(
            "/v1/holds", order | {"amount": "1", "expires_at": at.isoformat()}
        )

        row = Hold.objects.get(pk=soon.json()["id"])
        lasts = row.expires_at - row.created_at
        assert timedelta(seconds=55) < lasts <= timedelta(seconds=60)
        assert Hold.objects.get(pk=later.json()["id"]).expires_at == at

    @pytest.mark.parametrize(
        "wrong", [0, -1, "60", 60.5, True, None, 30 * 86400 + 1, 10**30, "7d"]
    )
    def test_refuses_seconds_that_are_none(self, platform, order, wrong):
        answer = platform.post("/v1/holds", order | {"expires_in": wrong})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/expires_in"
        assert Hold.objects.count() == 0

    @pytest.mark.parametrize(
        ("days", "code"), [(-1, "in_the_past"), (30.01, "too_far_away")]
    )
    def test_refuses_an_expiry_past_or_too_far_away(self, platform, order, days, code):
        at = timezone.now() + timedelta(days=days)

        answer = platform.post("/v1/holds", order | {"expires_at": at.isoformat()})

        invalid(answer, "/expires_at", code)

    @pytest.mark.parametrize("wrong", ["tomorrow", "2026-02-30T00:00:00Z", 5, None])
    def test_refuses_an_expiry_that_is_no_instant(self, platform, order, wrong):
        answer = platform.post("/v1/holds", order | {"expires_at": wrong})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/expires_at"

    def test_refuses_two_expiries(self, platform, order):
        both = {"expires_in": 60, "expires_at": "2030-01-01T00:00:00Z"}

        invalid(platform.post("/v1/holds", order | both), "/expires_at", "one_of")

    @pytest.mark.parametrize("amount", ["0", "-1", "1.001", "1e2", None, "x"])
    def test_refuses_what_is_no_amount(self, platform, order, amount):
        answer = platform.post("/v1/holds", order | {"amount": amount})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/amount"

    def test_refuses_more_than_is_available(self, platform, order):
        platform.post("/v1/holds", order)

        refused(
            platform.post("/v1/holds", order),
            422,
            "insufficient_funds",
            available="40.00",
            required="60.00",
            currency="USD",
        )

    def test_refuses_to_promise_to_oneself(self, platform, order):
        oneself = {"to_user_id": order["user_id"]}

        refused(platform.post("/v1/holds", order | oneself), 422, "same_user")

    def test_refuses_payees_that_are_not_there(self, platform, order, bob):
        nobody = {"to_user_id": str(uuid4())}
        refused(platform.post("/v1/holds", order | nobody), 404, "user_not_found")

        delete_user(bob.id, now=timezone.now())
        refused(platform.post("/v1/holds", order), 404, "user_deleted")

    def test_refuses_wallets_that_do_not_move(self, platform, order, funded):
        euro = order | {"currency": "EUR"}
        refused(platform.post("/v1/holds", euro), 404, "wallet_not_found")

        freeze_wallet(Wallet.objects.get(owner=funded).id)
        refused(platform.post("/v1/holds", order), 422, "wallet_frozen")

        delete_user(funded.id, now=timezone.now())
        refused(platform.post("/v1/holds", order), 404, "user_deleted")

    def test_refuses_a_currency_that_is_switched_off(self, platform, order):
        Currency.objects.filter(code="USD").update(enabled=False)

        refused(platform.post("/v1/holds", order), 422, "unsupported_currency")

    def test_takes_a_reference_once(self, platform, order, funded):
        named = order | {"amount": "1", "reference": "order-7"}
        platform.post("/v1/holds", named)

        refused(platform.post("/v1/holds", named), 409, "duplicate_reference")
        # A hold's name is none of a transaction's.
        fund(funded, "1.00 USD", reference="order-7")

    def test_minds_the_version_that_the_client_saw(self, platform, order):
        refused(
            platform.post("/v1/holds", order, if_match='"7"'), 412, "version_mismatch"
        )
        answer = platform.post("/v1/holds", order, if_match='"1"')
        assert answer.status_code == 201

    def test_tells_that_it_was_placed(self, platform, order):
        told = platform.post("/v1/holds", order).json()

        event = Event.objects.get(type="hold.placed")
        assert str(event.subject_id) == told["id"]
        assert str(event.user_id) == order["user_id"]
        assert event.data == {"currency": "USD"}


class TestCapturing:
    def test_answers_with_the_transaction(self, platform, placed, bob):
        path = f"/v1/holds/{placed.hold.id}/capture"

        told = platform.post(path, {"amount": "25.00", "reference": "r"}).json()

        assert told["type"] == "capture"
        assert told["hold_id"] == str(placed.hold.id)
        assert told["to_user_id"] == str(bob.id)
        assert (told["amount"], told["new_balance"]) == ("25.00", "75.00")
        assert told["wallet_version"] == 2
        booked = platform.get(f"/v1/transactions/{told['transaction_id']}").json()
        assert booked["hold"] == str(placed.hold.id)
        assert booked["refundable"] == "25.00"

    def test_without_an_amount_takes_all_that_is_left(self, platform, placed, bob):
        path = f"/v1/holds/{placed.hold.id}/capture"
        platform.post(path, {"amount": "25.00"})

        told = platform.post(path).json()

        assert told["amount"] == "35.00"
        assert holdings(bob) == {"USD": "60.00"}

    def test_to_nobody_pays_the_house(self, platform, funded):
        placed = hold(funded, "10.00 USD")

        told = platform.post(f"/v1/holds/{placed.hold.id}/capture").json()

        assert told["to_user_id"] is None

    def test_refuses_more_than_is_left(self, platform, placed, bob):
        path = f"/v1/holds/{placed.hold.id}/capture"
        refused(
            platform.post(path, {"amount": "60.01"}),
            422,
            "capture_too_large",
            left="60.00",
            currency="USD",
        )

        platform.post(path, {"amount": "25.00"})
        too_much = platform.post(path, {"amount": "35.01"})

        refused(too_much, 422, "capture_too_large", left="35.00")
        assert holdings(bob) == {"USD": "25.00"}

    @pytest.mark.parametrize("amount", ["0", "-1", "0.001", None, ""])
    def test_refuses_what_is_no_amount(self, platform, placed, amount):
        path = f"/v1/holds/{placed.hold.id}/capture"

        answer = platform.post(path, {"amount": amount})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/amount"
        assert Transaction.objects.filter(type="capture").count() == 0

    def test_refuses_another_currency(self, platform, placed):
        path = f"/v1/holds/{placed.hold.id}/capture"

        answer = platform.post(path, {"amount": "1", "currency": "EUR"})

        invalid(answer, "/currency", "unknown_field")

    @pytest.mark.parametrize("final", ["true", 1, None])
    def test_takes_final_as_true_or_false_only(self, platform, placed, final):
        path = f"/v1/holds/{placed.hold.id}/capture"

        answer = platform.post(path, {"amount": "1", "final": final})

        assert answer.json()["errors"][0]["pointer"] == "/final"

    def test_refuses_a_hold_that_has_ended(self, platform, placed, funded):
        path = f"/v1/holds/{placed.hold.id}/capture"
        platform.post(path)
        refused(platform.post(path), 409, "hold_not_active", hold_status="captured")

        final = hold(funded, "10.00 USD")
        capture(final, "1.00", final=True)
        refused(
            platform.post(f"/v1/holds/{final.hold.id}/capture"),
            409,
            "hold_not_active",
            hold_status="partially_captured",
        )

    @pytest.mark.parametrize("swept", [False, True])
    def test_refuses_a_hold_past_its_term_swept_or_not(
        self, platform, placed, funded, swept
    ):
        begun = hold(funded, "40.00 USD")
        capture(begun, "1.00")
        for one in (placed, begun):
            run_out(one)
        if swept:
            expire_holds()

        for one, status in ((placed, "expired"), (begun, "partially_captured")):
            for act in ("capture", "void"):
                answer = platform.post(f"/v1/holds/{one.hold.id}/{act}")
                refused(answer, 409, "hold_not_active", hold_status=status)
            told = platform.get(f"/v1/holds/{one.hold.id}").json()
            assert (told["status"], told["left"]) == (status, "0.00")
            assert told["ended_at"] == told["expires_at"]

    def test_refuses_a_hold_that_is_not_there(self, platform):
        refused(platform.post(f"/v1/holds/{uuid4()}/capture"), 404, "not_found")
        refused(platform.post(f"/v1/holds/{uuid4()}/void"), 404, "not_found")

    def test_refuses_frozen_and_deleted_payers(self, platform, placed, funded):
        path = f"/v1/holds/{placed.hold.id}/capture"
        wallet = Wallet.objects.get(owner=funded)
        freeze_wallet(wallet.id)
        refused(platform.post(path), 422, "wallet_frozen")
        unfreeze_wallet(wallet.id)

        delete_user(funded.id, now=timezone.now())
        refused(platform.post(path), 404, "user_deleted")

        restore_user(funded.id)
        assert platform.post(path).status_code == 201

    def test_refuses_frozen_and_deleted_payees(self, platform, placed, bob):
        path = f"/v1/holds/{placed.hold.id}/capture"
        wallet = Wallet.objects.get(owner=bob)
        freeze_wallet(wallet.id)
        refused(platform.post(path), 422, "payee_unavailable")
        unfreeze_wallet(wallet.id)

        delete_user(bob.id, now=timezone.now())
        refused(platform.post(path), 404, "user_deleted")

        assert platform.get(f"/v1/holds/{placed.hold.id}").json()["left"] == "60.00"

    def test_refuses_a_currency_that_is_switched_off(self, platform, placed):
        Currency.objects.filter(code="USD").update(enabled=False)

        answer = platform.post(f"/v1/holds/{placed.hold.id}/capture")

        refused(answer, 422, "unsupported_currency")

    def test_tells_of_the_hold_and_of_the_transaction(self, platform, placed):
        told = platform.post(
            f"/v1/holds/{placed.hold.id}/capture", {"amount": "1", "final": True}
        ).json()

        posted, captured = Event.objects.order_by("id")[len(Event.objects.all()) - 2 :]
        assert (posted.type, captured.type) == ("transaction.posted", "hold.captured")
        assert str(posted.subject_id) == told["transaction_id"]
        assert captured.subject_id == placed.hold.id
        assert captured.data == {"status": "partially_captured"}
