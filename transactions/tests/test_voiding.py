"""Giving holds up, and what wallets may do meanwhile."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from fx.models import Currency
from tests.client import refused
from tests.domain import capture, fund, hold, reserved, run_out, void
from transactions.services import expire_holds
from wallets.models import Wallet
from wallets.services import (
    close_wallet,
    delete_user,
    freeze_wallet,
    open_wallet,
)
from webhooks.models import Event

pytestmark = pytest.mark.django_db


class TestVoiding:
    def test_answers_with_the_hold(self, platform, placed, funded):
        capture(placed, "10.00")

        answer = platform.post(
            f"/v1/holds/{placed.hold.id}/void", {"reason": "out of stock"}
        )

        assert answer.status_code == 200
        told = answer.json()
        assert told["status"] == "partially_captured"
        assert (told["captured"], told["left"]) == ("10.00", "0.00")
        assert told["void_reason"] == "out of stock"
        assert told["ended_at"] is not None
        assert reserved(funded) == {"USD": ("0.00", "90.00")}
        event = Event.objects.get(type="hold.voided")
        assert event.data == {"status": "partially_captured"}

    def test_refuses_to_do_it_twice(self, platform, placed):
        path = f"/v1/holds/{placed.hold.id}/void"
        platform.post(path)

        refused(platform.post(path), 409, "hold_not_active", hold_status="voided")

    def test_is_done_where_nothing_else_moves(self, platform, placed, funded):
        other = hold(funded, "10.00 USD")
        freeze_wallet(Wallet.objects.get(owner=funded).id)
        assert platform.post(f"/v1/holds/{placed.hold.id}/void").status_code == 200

        delete_user(funded.id, now=timezone.now())
        Currency.objects.filter(code="USD").update(enabled=False)
        assert platform.post(f"/v1/holds/{other.hold.id}/void").status_code == 200

        assert Wallet.all_objects.get(owner=funded).held == 0

    def test_expires_where_nothing_else_moves(self, placed, funded):
        delete_user(funded.id, now=timezone.now())
        run_out(placed)

        assert expire_holds() == (1, 0)

        assert Wallet.all_objects.get(owner=funded).held == 0


class TestWallets:
    def test_are_not_closed_while_they_hold_something(self, funded, bob):
        open_wallet(funded.id, "EUR")
        fund(funded, "5.00 EUR")
        placed = hold(funded, "5.00 EUR", to=bob)
        wallet = placed.hold.wallet
        with pytest.raises(Exception, match="still holds"):
            close_wallet(wallet.id, now=timezone.now())

        capture(placed)

        assert close_wallet(wallet.id, now=timezone.now()).is_deleted

    def test_pay_nothing_else_with_what_they_hold(self, platform, placed, funded):
        answer = platform.post(
            f"/v1/wallets/{funded.id}/withdraw", {"currency": "USD", "amount": "40.01"}
        )

        refused(answer, 422, "insufficient_funds", available="40.00")
        void(placed)


class TestSweep:
    def test_says_what_it_did(self, placed, capsys):
        call_command("expire_holds")
        run_out(placed)
        call_command("expire_holds")

        told = capsys.readouterr().out
        assert told == "0 holds expired.\n1 holds expired.\n"
        event = Event.objects.get(type="hold.expired")
        assert event.subject_id == placed.hold.id
        assert event.data == {"status": "expired"}
