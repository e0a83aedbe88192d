"""Staff have a transaction undone, also when its time is over."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.models import ApprovalRequest
from backoffice.simulation import simulate
from backoffice.tests.conftest import (
    agreed,
    also_staff,
    approved,
    in_role,
    requested,
    staff_in,
)
from paymentprocessor.api.errors import Refusal
from tests.domain import at_most, fund, transfer, withdraw
from transactions import services
from transactions.errors import ReversalWindowPassed
from transactions.models import Transaction
from transactions.postings import Instruction
from users.acts import Actor
from users.models import StaffAct, User
from wallets.models import Wallet


@pytest.fixture
def carol(db) -> User:
    """Of support."""
    return staff_in("support", "carol")


@pytest.fixture
def converted(seeded, settings) -> Transaction:
    """A conversion of Alice's whose window is over."""
    settings.FX_REVERSAL_WINDOW = timedelta(0)
    return seeded[2]


def holds(user: User, currency: str = "USD") -> Decimal:
    return Wallet.objects.get(owner=user, currency=currency).balance


def reverse(original: Transaction) -> Transaction:
    """As a program does it."""
    now = timezone.now()
    return services.reverse(Instruction(), original.pk, now=now).transaction


def wanted(original: Transaction, maker: User) -> ApprovalRequest:
    payload = {"transaction_id": str(original.pk)}
    return requested("reversal", payload, maker, customer_id=original.owner_id)


class TestForcedReversal:
    def test_comes_after_the_window_too(self, converted, alice, carol, dan):
        with pytest.raises(ReversalWindowPassed):
            reverse(converted)
        before = holds(alice), holds(alice, "MXN")

        done = approved(wanted(converted, carol), dan)

        assert before == (Decimal("895.00"), holds(alice, "MXN") + before[1])
        assert (holds(alice), holds(alice, "MXN")) == (Decimal("995.00"), 0)
        reversal = Transaction.objects.get(pk=done.transaction_id)
        assert (reversal.reverses, reversal.staff) == (converted, dan)

    def test_is_on_the_trail_with_its_request(self, converted, alice, carol, dan):
        done = approved(wanted(converted, carol), dan)

        act = StaffAct.objects.get(kind="money.reversal")
        assert (act.staff, act.customer_id, act.reason) == (
            dan,
            alice.pk,
            "the fee was wrong",
        )
        assert act.after == {
            "reverses": str(converted.pk),
            "forced": True,
            "approval_request": str(done.pk),
        }

    def test_waits_for_money_that_is_there(self, alice, bob, carol, dan):
        fund(alice, "10.00 USD")
        paid = transfer(alice, "10.00 USD", to=bob).transaction
        asked = wanted(paid, carol)
        withdraw(bob, "4.00 USD")

        void = approved(asked, dan)

        assert (void.decision, holds(bob)) == ("void", 6)
        assert "6.00 USD" in void.outcome

    def test_is_not_held_up_by_a_payee_who_is_busy(self, alice, bob, carol, dan):
        fund(alice, "10.00 USD")
        paid = transfer(alice, "10.00 USD", to=bob).transaction
        asked = wanted(paid, carol)
        fund(bob, "1.00 USD")

        assert approved(asked, dan).decision == "done"
        assert (holds(alice), holds(bob)) == (10, 1)

    def test_is_void_when_another_was_quicker(self, alice, carol, dan):
        funded = fund(alice, "10.00 USD").transaction
        asked = wanted(funded, carol)
        reverse(funded)

        assert approved(asked, dan).decision == "void"
        assert holds(alice) == 0

    def test_is_not_asked_for_what_cannot_be_reversed(self, alice, carol):
        reversal = reverse(fund(alice, "10.00 USD").transaction)

        with pytest.raises(Refusal, match="is not reversed"):
            wanted(reversal, carol)

    def test_is_not_decided_by_who_was_paid(self, alice, bob, carol):
        fund(alice, "10.00 USD")
        paid = transfer(alice, "10.00 USD", to=bob).transaction
        also_staff(bob, "approver")

        with pytest.raises(Refusal, match="about you"):
            approved(wanted(paid, carol), bob)


class TestEffect:
    def test_tells_positions_and_limits(self, converted, alice, carol):
        at_most("500.00 USD", per="day", type="transfer", user=alice)
        payload = {"transaction_id": str(converted.pk)}

        effect = simulate(
            "reversal", payload, actor=Actor(carol.pk), now=timezone.now()
        )

        position = "Position of the house in USD"
        assert str(effect.before[position]) == "100.00 USD"
        assert str(effect.after[position]) == "0.00 USD"
        left = "Left per day: transfer, USD"
        assert effect.before[left] == "495.00 USD of 500.00 USD"
        assert effect.after[left] == effect.before[left]


class TestPage:
    def test_leads_from_the_transaction_to_the_entries(self, converted, alice):
        support = in_role("support")

        answer = support.post(
            f"/admin/transactions/transaction/{converted.pk}/reverse_here/",
            {"_form_submitted": "1"},
        )
        shown = support.get(answer["HX-Redirect"]).content.decode()
        done = agreed()

        assert done.decision == "done"
        for words in ("house fx_position MXN", "995.00 USD", "Position of the house"):
            assert words in shown

    def test_offers_no_reversal_of_what_is_reversed(self, console, alice):
        funded = fund(alice, "10.00 USD").transaction
        page = f"/admin/transactions/transaction/{funded.pk}/change/"

        before = console.get(page).content.decode()
        reverse(funded)
        after = console.get(page).content.decode()

        assert "Request a reversal" in before
        assert "Request a reversal" not in after

    @pytest.mark.parametrize("row", ["nobody", "0190b8a0-0000-7000-8000-000000000000"])
    def test_of_nothing_asks_for_nothing(self, db, row):
        answer = in_role("support").post(
            f"/admin/transactions/transaction/{row}/reverse_here/",
            {"_form_submitted": "1"},
        )

        assert answer.status_code == 200
        assert not ApprovalRequest.objects.exists()
