"""What has to stay shut: every way to decide alone, twice, late, or about oneself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice import services
from backoffice.models import ApprovalRequest
from backoffice.queries import undecided
from backoffice.services import request_approval
from backoffice.tests.conftest import (
    also_staff,
    approved,
    asked_for,
    in_role,
    requested,
    signed_in,
    staff_in,
)
from paymentprocessor.api.errors import Refusal
from tests.factories import CustomerFactory
from tests.threads import at_once
from transactions.models import Transaction
from users.acts import Actor
from users.models import StaffAct, User
from users.services import create_staff, reset_second_factor, set_password
from wallets.models import Limit, Wallet
from wallets.services import delete_user

HOSTILE = "<script>alert(1)</script>"
LIMIT = {
    "window": "day",
    "user_id": None,
    "wallet_id": None,
    "tier": "",
    "type": "withdrawal",
    "currency": "USD",
    "max_amount": "100.00",
    "max_count": None,
}


@pytest.fixture
def carol(db) -> User:
    """Of support."""
    return staff_in("support", "carol")


@pytest.fixture
def cleo(db) -> User:
    """Of compliance, who may ask for limits."""
    return staff_in("compliance", "cleo")


class TestMaker:
    @pytest.mark.parametrize("kind", ["limit", "pricing_policy", "rate", "rights"])
    def test_asks_for_what_their_role_may(self, carol, kind):
        with pytest.raises(Refusal, match="has to be allowed"):
            requested(kind, {}, carol)

        assert not ApprovalRequest.objects.exists()

    def test_who_lost_the_role_is_not_agreed_to(self, cleo, dan):
        asked = requested("limit", LIMIT, cleo)
        cleo.groups.clear()

        with pytest.raises(Refusal, match="has to be allowed"):
            approved(asked, dan)

        assert not Limit.objects.exists()
        services.reject(asked.pk, actor=Actor(dan.pk, "no"), now=timezone.now())

    def test_who_left_is_not_agreed_to(self, cleo, dan):
        asked = requested("limit", LIMIT, cleo)
        delete_user(cleo.pk, now=timezone.now())

        with pytest.raises(Refusal, match="has to be allowed"):
            approved(asked, dan)


class TestChecker:
    def test_is_somebody_who_may(self, alice, carol, cleo):
        with pytest.raises(Refusal, match="takes the right"):
            approved(asked_for(alice, carol), cleo)

    def test_who_lost_the_role_does_not_decide(self, alice, carol, dan):
        asked = asked_for(alice, carol)
        dan.groups.clear()

        with pytest.raises(Refusal, match="takes the right"):
            approved(asked, dan)

    def test_is_not_the_customer(self, alice, carol):
        asked = asked_for(alice, carol)

        with pytest.raises(Refusal, match="about you"):
            approved(asked, also_staff(alice, "approver"))

    @pytest.mark.parametrize("open_it", [set_password, reset_second_factor])
    def test_is_not_whom_the_maker_can_sign_in_as(self, db, dan, open_it):
        admin = staff_in("administrator")
        new = User.objects.create_user("eve", "words", is_staff=True)
        if open_it is set_password:
            open_it(dan.pk, None, actor=Actor(admin.pk))
        else:
            open_it(dan.pk, actor=Actor(admin.pk))
        wanted = {
            "user_id": str(new.pk),
            "roles": ["approver"],
            "is_staff": True,
            "is_superuser": False,
        }

        asked = requested("rights", wanted, admin)

        with pytest.raises(Refusal, match="reset your login"):
            approved(asked, dan)
        with pytest.raises(Refusal, match="reset your login"):
            services.reject(asked.pk, actor=Actor(dan.pk), now=timezone.now())

    def test_is_not_somebody_whom_the_maker_made(self, db):
        admin = staff_in("administrator")
        dummy, _ = create_staff(
            username="dummy", roles=["approver"], actor=Actor(admin.pk)
        )
        new = User.objects.create_user("eve", "words", is_staff=True)
        wanted = {
            "user_id": str(new.pk),
            "roles": ["support"],
            "is_staff": True,
            "is_superuser": False,
        }

        with pytest.raises(Refusal, match="made or reset your login"):
            approved(requested("rights", wanted, admin), dummy)

    def test_approves_what_was_shown_and_nothing_else(self, cleo, dan):
        shown = requested("limit", LIMIT, cleo)
        other = requested("limit", LIMIT | {"max_amount": "9999999.00"}, cleo)

        for seen in (b"", b"\0" * 32, bytes(other.digest)):
            with pytest.raises(Refusal, match="not what was shown"):
                approved(shown, dan, seen=seen)

        assert not Limit.objects.exists()

    @pytest.mark.books_are_broken
    def test_does_not_see_a_payload_that_was_exchanged(self, cleo, dan):
        asked = requested("limit", LIMIT, cleo)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Whoever owns the table can do what its triggers refuse to all others.
            cursor.execute(
                "ALTER TABLE backoffice_approvalrequest"
                " DISABLE TRIGGER backoffice_requests_stay"
            )
            cursor.execute(
                "ALTER TABLE backoffice_approvalrequest"
                " DISABLE TRIGGER backoffice_decisions_stay"
            )
            cursor.execute(
                "UPDATE backoffice_approvalrequest"
                """ SET payload = payload || '{"max_amount": "9"}'"""
            )

        with pytest.raises(Refusal, match="not what was shown"):
            approved(asked, dan)


class TestEnd:
    def test_of_a_request_about_a_rate_comes_within_the_hour(self, db, dan):
        treasury = staff_in("treasury")
        wanted = {"quote": "USD", "bid": "1.1", "ask": "1.1"}
        asked = requested("rate", wanted, treasury)

        with pytest.raises(Refusal, match="expired"):
            approved(asked, dan, now=timezone.now() + timedelta(hours=1))

    def test_voids_what_was_approved_and_never_done(self, cleo, dan):
        asked = requested("limit", LIMIT, cleo)
        actor, now = Actor(dan.pk, "right"), timezone.now()
        services.approve(asked.pk, bytes(asked.digest), actor=actor, now=now)

        late = now + timedelta(days=4)
        void = services.carry_out_approved(asked.pk, actor=actor, now=late)

        assert (void.decision, Limit.objects.count()) == ("void", 0)
        assert "expired" in void.outcome

    def test_takes_it_off_the_first_page(self, cleo):
        now = timezone.now()
        for days in (0, 4):
            requested("limit", LIMIT, cleo, now=now - timedelta(days=days))

        assert undecided() == 1


class TestCrash:
    def test_between_approval_and_the_end_leaves_nothing_half_done(
        self, cleo, dan, monkeypatch
    ):
        asked = requested("limit", LIMIT, cleo)

        def dies(self, **kwargs):
            if self.decision == "done":
                raise RuntimeError("the process is gone")
            return save(self, **kwargs)

        save = ApprovalRequest.save
        with monkeypatch.context() as broken:
            broken.setattr(ApprovalRequest, "save", dies)
            with pytest.raises(RuntimeError):
                approved(asked, dan)
        between = ApprovalRequest.objects.get(pk=asked.pk).decision
        undone = not Limit.objects.exists()
        done = services.carry_out_approved(
            asked.pk, actor=Actor(dan.pk), now=timezone.now()
        )

        assert (between, undone, done.decision) == ("approved", True, "done")
        assert Limit.objects.count() == 1
        assert StaffAct.objects.filter(kind="limit.set").count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def by(self, asked, *checkers):
        seen, now = bytes(asked.digest), timezone.now()

        def one(checker):
            actor = Actor(checker.pk, "right")
            services.approve(asked.pk, seen, actor=actor, now=now)
            return services.carry_out_approved(asked.pk, actor=actor, now=now)

        return at_once([lambda checker=checker: one(checker) for checker in checkers])

    def test_two_who_approve_are_one(self, transactional_db):
        alice, carol = CustomerFactory(), staff_in("support")
        dan, erin = staff_in("approver", "dan"), staff_in("approver", "erin")
        asked = asked_for(alice, carol)

        outcomes = self.by(asked, dan, erin, dan, erin)

        assert sum(isinstance(one, ApprovalRequest) for one in outcomes) == 1
        assert sum(isinstance(one, Refusal) for one in outcomes) == 3
        assert Wallet.objects.get(owner=alice).balance == Decimal("5.00")

    def test_a_double_click_sets_one_limit(self, transactional_db):
        cleo, dan = staff_in("compliance"), staff_in("approver")
        asked = requested("limit", LIMIT, cleo)

        self.by(asked, dan, dan, dan)

        assert Limit.objects.count() == 1

    def test_carrying_out_again_is_once(self, transactional_db):
        cleo, dan = staff_in("compliance"), staff_in("approver")
        asked = requested("limit", LIMIT, cleo)
        actor, now = Actor(dan.pk, "right"), timezone.now()
        services.approve(asked.pk, bytes(asked.digest), actor=actor, now=now)

        at_once(
            [lambda: services.carry_out_approved(asked.pk, actor=actor, now=now)] * 4
        )

        asked.refresh_from_db()
        assert (asked.decision, Limit.objects.count()) == ("done", 1)

    def test_of_two_requests_for_one_state_one_is_void(self, transactional_db):
        cleo, dan = staff_in("compliance"), staff_in("approver")
        both = [
            requested("limit", LIMIT | {"max_amount": amount}, cleo)
            for amount in ("100.00", "200.00")
        ]

        def agree(asked):
            return approved(asked, dan).decision

        outcomes = at_once([lambda one=one: agree(one) for one in both])

        assert sorted(outcomes) == ["done", "void"]
        assert Limit.objects.count() == 1


class TestPages:
    @pytest.mark.parametrize("act", ["approve_here", "reject_here", "carry_out_here"])
    def test_let_no_maker_decide_by_any_button(self, alice, act):
        admin = staff_in("administrator")
        admin.groups.add(Group.objects.get(name="support"))
        asked = asked_for(alice, admin)

        signed_in(admin).post(
            f"/admin/backoffice/approvalrequest/{asked.pk}/{act}/",
            {"_form_submitted": "1", "digest": bytes(asked.digest).hex()},
        )

        asked.refresh_from_db()
        assert asked.decision == "pending"
        assert not Transaction.objects.exists()

    def test_name_the_customer(self, alice, carol):
        asked = asked_for(alice, carol)
        client = in_role("viewer")

        for page in ("", f"{asked.pk}/change/"):
            shown = client.get(f"/admin/backoffice/approvalrequest/{page}")
            assert "Alice &lt;alice@example.com&gt;" in shown.content.decode()

    def test_show_hostile_text_as_text(self, carol):
        mallory = CustomerFactory(name=HOSTILE, email="m@example.com")
        payload = {
            "user_id": str(mallory.pk),
            "currency": "USD",
            "amount": "1.00",
            "side": "credit",
        }
        asked = request_approval(
            "adjustment",
            payload,
            customer_id=mallory.pk,
            actor=Actor(carol.pk, HOSTILE),
            now=timezone.now(),
        )
        client = in_role("viewer")

        for page in ("", f"{asked.pk}/change/"):
            shown = client.get(f"/admin/backoffice/approvalrequest/{page}")
            assert HOSTILE not in shown.content.decode()
            assert "&lt;script&gt;alert(1)" in shown.content.decode()

    def test_show_no_raw_json(self, cleo):
        asked = requested("limit", LIMIT, cleo)

        page = in_role("viewer").get(
            f"/admin/backoffice/approvalrequest/{asked.pk}/change/"
        )

        assert "100.00 USD" in page.content.decode()
        assert "max_amount" not in page.content.decode()

    def test_cost_the_same_however_many(self, alice, carol):
        client = in_role("viewer")

        def queries():
            with CaptureQueriesContext(connection) as captured:
                client.get("/admin/backoffice/approvalrequest/")
            return len(captured)

        asked_for(alice, carol)
        queries()
        few = queries()
        for _ in range(5):
            asked_for(alice, carol)

        assert queries() == few


class TestRefusal:
    def test_leaves_nothing_behind(self, cleo):
        with pytest.raises(Refusal):
            request_approval(
                "limit",
                LIMIT | {"max_amount": "1.001"},
                customer_id=None,
                actor=Actor(cleo.pk, "why"),
                now=timezone.now(),
            )

        assert not ApprovalRequest.objects.exists()
        assert not Limit.objects.exists()
