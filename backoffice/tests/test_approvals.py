"""One asks, another agrees, and the books do what was shown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db import transaction as db_transaction
from django.utils import timezone

from backoffice import services
from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import approved, asked_for, in_role, staff_in
from paymentprocessor.api.errors import Refusal
from transactions.models import Transaction
from transactions.postings import Instruction
from transactions.services import fund, prune_keys
from users.acts import Actor
from users.models import StaffAct, User
from wallets.models import Wallet
from wallets.services import freeze_wallet

UPDATE = "UPDATE backoffice_approvalrequest"


@pytest.fixture
def carol(db) -> User:
    """Of support."""
    return staff_in("support", "carol")


def dollars(user: User) -> Decimal:
    return Wallet.objects.get(owner=user, currency="USD").balance


class TestApprove:
    def test_does_what_was_asked_for(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        before = dollars(alice)

        done = approved(asked, dan)

        posted = Transaction.objects.get(pk=done.transaction_id)
        assert (before, dollars(alice)) == (0, 5)
        assert (done.decision, done.checker, done.maker) == ("done", dan, carol)
        assert (posted.type, posted.staff, posted.description) == (
            ("adjustment", dan, "the fee was wrong")
        )
        assert posted.metadata["requested_by"] == str(carol.pk)

    def test_is_on_the_trail_of_both(self, alice, carol, dan):
        approved(asked_for(alice, carol), dan)

        trail = StaffAct.objects.order_by("id").values_list("kind", "staff")
        assert list(trail) == [
            ("approval.requested", carol.pk),
            ("approval.approved", dan.pk),
            ("money.adjustment", dan.pk),
        ]

    def test_takes_money_as_well(self, alice, carol, dan):
        fund(Instruction(), alice.id, "USD", Decimal("100.00"))

        approved(asked_for(alice, carol, "30.00", side="debit"), dan)

        assert dollars(alice) == 70

    def test_is_not_for_the_one_who_asked(self, alice, carol):
        asked = asked_for(alice, carol)

        with pytest.raises(Refusal, match="Somebody else"):
            approved(asked, carol)

        assert dollars(alice) == 0

    def test_of_what_was_not_shown_is_refused(self, alice, carol, dan):
        asked = asked_for(alice, carol)

        with pytest.raises(Refusal, match="not what was shown"):
            approved(asked, dan, seen=b"\0" * 32)

    def test_comes_too_late_after_the_end(self, alice, carol, dan):
        asked = asked_for(alice, carol)

        with pytest.raises(Refusal, match="expired"):
            approved(asked, dan, now=timezone.now() + timedelta(days=3))

    def test_happens_once(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        approved(asked, dan)

        with pytest.raises(Refusal, match="decided"):
            approved(asked, dan)
        with pytest.raises(Refusal, match="Only what has been approved"):
            services.carry_out_approved(
                asked.pk, actor=Actor(dan.pk), now=timezone.now()
            )

        assert dollars(alice) == 5

    def test_is_void_when_the_wallet_has_moved_since(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        fund(Instruction(), alice.id, "USD", Decimal("1.00"))

        void = approved(asked, dan)

        assert (void.decision, dollars(alice)) == ("void", 1)
        assert "version" in void.outcome

    def test_is_void_when_the_books_refuse(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        freeze_wallet(Wallet.objects.get(owner=alice).pk)

        assert approved(asked, dan).decision == "void"
        assert dollars(alice) == 0

    @pytest.mark.parametrize("is_pruned", [False, True])
    def test_goes_on_after_a_crash_and_moves_money_once(
        self, alice, carol, dan, monkeypatch, is_pruned
    ):
        asked = asked_for(alice, carol)

        def dies(*args, **kwargs):
            raise RuntimeError("the process is gone")

        with monkeypatch.context() as broken:
            broken.setattr("backoffice.services.carry_out._finish", dies)
            with pytest.raises(RuntimeError):
                approved(asked, dan)
        between = ApprovalRequest.objects.get(pk=asked.pk).decision
        if is_pruned:
            prune_keys(before=timezone.now() + timedelta(days=1))
        done = services.carry_out_approved(
            asked.pk, actor=Actor(dan.pk), now=timezone.now()
        )

        assert (between, done.decision, dollars(alice)) == ("approved", "done", 5)
        assert Transaction.objects.filter(type="adjustment").count() == 1


class TestReject:
    def test_ends_it(self, alice, carol, dan):
        asked = asked_for(alice, carol)

        services.reject(asked.pk, actor=Actor(dan.pk, "no"), now=timezone.now())

        with pytest.raises(Refusal, match="decided"):
            approved(asked, dan)
        assert dollars(alice) == 0

    def test_is_not_for_the_one_who_asked(self, alice, carol):
        asked = asked_for(alice, carol)

        with pytest.raises(Refusal, match="Somebody else"):
            services.reject(asked.pk, actor=Actor(carol.pk), now=timezone.now())


class TestRequest:
    def test_of_what_cannot_be_done_is_refused_at_once(self, alice, carol):
        with pytest.raises(Refusal):
            asked_for(alice, carol, "30.00", side="debit")

        assert not ApprovalRequest.objects.exists()


class TestDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            "decision = 'approved', checker_id = maker_id, decided_at = now()",
            "decision = 'approved'",
            "decision = 'done'",
            "payload = '{}'",
            "reason = 'another'",
            "expires_at = now()",
            "decision = 'maybe', checker_id = NULL",
        ],
    )
    def test_refuses_what_no_request_may_become(self, alice, carol, change):
        asked_for(alice, carol)

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError), db_transaction.atomic():
                cursor.execute(f"{UPDATE} SET {change}")

    def test_refuses_to_decide_twice_or_to_forget(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        services.reject(asked.pk, actor=Actor(dan.pk, "no"), now=timezone.now())

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for sql in (
                f"{UPDATE} SET decision = 'approved'",
                "DELETE FROM backoffice_approvalrequest",
            ):
                with pytest.raises(IntegrityError), db_transaction.atomic():
                    cursor.execute(sql)


class TestPages:
    def page(self, asked) -> str:
        return f"/admin/backoffice/approvalrequest/{asked.pk}/"

    def test_lead_from_the_wallet_to_the_entries(self, alice):
        support, approver = in_role("support"), in_role("approver")
        wallet = Wallet.objects.get(owner=alice)

        answer = support.post(
            f"/admin/wallets/wallet/{wallet.pk}/adjust_here/",
            {"_form_submitted": "1", "side": "credit", "amount": "7.50"},
        )
        asked = ApprovalRequest.objects.get()
        shown = approver.get(f"{self.page(asked)}change/").content.decode()
        approver.post(
            f"{self.page(asked)}approve_here/",
            {"_form_submitted": "1", "digest": bytes(asked.digest).hex()},
        )

        asked.refresh_from_db()
        assert answer["HX-Redirect"] == f"{self.page(asked)}change/"
        assert "7.50 USD" in shown
        assert "0.00 USD" in shown
        assert "house suspense USD" in shown
        assert (asked.decision, dollars(alice)) == ("done", Decimal("7.50"))

    def test_show_the_effect_without_doing_it(self, console, alice, carol):
        asked = asked_for(alice, carol)

        for _ in range(2):
            console.get(f"{self.page(asked)}change/")

        assert dollars(alice) == 0
        assert not Transaction.objects.exists()

    def test_say_what_would_be_refused(self, console, alice, carol):
        asked = asked_for(alice, carol)
        freeze_wallet(Wallet.objects.get(owner=alice).pk)

        page = console.get(f"{self.page(asked)}change/").content.decode()

        assert "It would be refused" in page

    @pytest.mark.parametrize("amount", ["0", "-1", "1e3", "1.001", "x", "NaN", "\0"])
    def test_ask_for_no_amount_that_is_none(self, alice, amount):
        wallet = Wallet.objects.get(owner=alice)

        in_role("support").post(
            f"/admin/wallets/wallet/{wallet.pk}/adjust_here/",
            {"_form_submitted": "1", "side": "credit", "amount": amount},
        )

        assert not ApprovalRequest.objects.exists()

    @pytest.mark.parametrize(
        ("said", "field", "problem"),
        [
            ({"amount": "5.001"}, "amount", "USD has at most 2 decimals."),
            ({"amount": "5", "side": "debit"}, "__all__", "5.00 USD"),
        ],
    )
    def test_keep_what_was_typed_when_it_is_refused(self, alice, said, field, problem):
        wallet = Wallet.objects.get(owner=alice)

        answer = in_role("support").post(
            f"/admin/wallets/wallet/{wallet.pk}/adjust_here/",
            {"_form_submitted": "1", "side": "credit"} | said,
        )

        page = answer.content.decode()
        assert "HX-Redirect" not in answer
        assert problem in answer.context["form"].errors[field].as_text()
        assert problem in page
        assert f'value="{said["amount"]}"' in page
        assert 'value="the customer asked"' in page

    @pytest.mark.parametrize("row", ["nobody", "0190b8a0-0000-7000-8000-000000000000"])
    def test_of_nothing_decide_nothing(self, db, row):
        approver = in_role("approver")

        for act in ("approve_here", "reject_here", "carry_out_here"):
            answer = approver.post(
                f"/admin/backoffice/approvalrequest/{row}/{act}/",
                {"_form_submitted": "1", "digest": "00"},
            )
            assert answer.status_code == 200

    def test_of_house_accounts_ask_for_nothing(self, seeded):
        cash = Wallet.objects.get(purpose="cash", currency="USD")

        in_role("support").post(
            f"/admin/wallets/wallet/{cash.pk}/adjust_here/",
            {"_form_submitted": "1", "side": "credit", "amount": "1"},
        )

        assert not ApprovalRequest.objects.exists()

    def test_list_the_undecided_first(self, console, alice, carol, dan):
        open_one = asked_for(alice, carol)
        decided = asked_for(alice, carol, "6.00")
        services.reject(decided.pk, actor=Actor(dan.pk, "no"), now=timezone.now())

        listed = console.get("/admin/backoffice/approvalrequest/").context["cl"]

        assert [one.pk for one in listed.result_list] == [open_one.pk, decided.pk]
