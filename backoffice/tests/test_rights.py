"""Nobody gives or takes rights alone."""

import pytest
from django.contrib.auth.models import Group

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import agreed, approved, in_role, signed_in, staff_in
from paymentprocessor.api.errors import Refusal
from users.models import StaffAct, User


@pytest.fixture
def admin(db) -> User:
    return staff_in("administrator", "ada")


def change(by: User, whom: User, *roles: str, **said):
    ids = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    form = {"username": whom.username, "is_staff": "on", "groups": ids} | said
    page = f"/admin/users/user/{whom.pk}/change/"
    return signed_in(by).post(page, form, follow=True).content.decode()


def roles_of(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


class TestRoles:
    def test_are_given_by_two(self, admin, carol, dan):
        page = change(admin, carol, "support", "treasury")
        before = roles_of(carol)
        asked = agreed()

        assert "requested</a>. Somebody else decides" in page
        assert (before, roles_of(carol)) == ([], ["support", "treasury"])
        act = StaffAct.objects.get(kind="staff.changed")
        assert (act.staff, act.after["approval_request"]) == (dan, str(asked.pk))
        assert act.after["roles"] == ["support", "treasury"]

    def test_are_taken_by_two(self, admin, dan):
        erin = staff_in("support", "erin")

        change(admin, erin)
        kept = roles_of(erin)
        agreed()

        assert (kept, roles_of(erin)) == (["support"], [])

    def test_are_shown_before_and_after(self, admin, carol):
        change(admin, carol, "approver")
        asked = ApprovalRequest.objects.get()

        page = in_role("viewer").get(
            f"/admin/backoffice/approvalrequest/{asked.pk}/change/"
        )

        shown = page.content.decode()
        assert "<strong>Role approver</strong>" in shown
        assert "Role support" in shown

    def test_are_void_when_others_were_given_meanwhile(self, admin, carol):
        change(admin, carol, "approver")
        carol.groups.add(Group.objects.get(name="viewer"))

        assert agreed().decision == "void"
        assert roles_of(carol) == ["viewer"]

    def test_are_void_when_the_login_has_another_name(self, admin, carol):
        change(admin, carol, "approver")
        User.objects.filter(pk=carol.pk).update(username="mallory")

        assert agreed().decision == "void"

    def test_are_void_when_the_login_is_gone(self, admin, carol):
        change(admin, carol, "approver")
        User.objects.filter(pk=carol.pk).update(deleted_at="2026-01-01T00:00Z")

        assert agreed().decision == "void"

    def test_are_not_decided_by_who_gets_them(self, admin, dan):
        change(admin, dan, "approver", "treasury")

        with pytest.raises(Refusal, match="about you"):
            approved(ApprovalRequest.objects.get(), dan)

        assert roles_of(dan) == ["approver"]

    def test_are_not_decided_by_who_gives_them(self, admin, carol):
        change(admin, carol, "treasury")

        with pytest.raises(Refusal, match="Somebody else"):
            approved(ApprovalRequest.objects.get(), admin)

    def test_are_decided_by_another_administrator(self, admin, carol):
        other = staff_in("administrator", "otto")
        change(admin, carol, "treasury")

        assert approved(ApprovalRequest.objects.get(), other).decision == "done"
        assert roles_of(carol) == ["treasury"]

    def test_are_nobodys_own_to_change(self, admin):
        page = f"/admin/users/user/{admin.pk}/change/"

        answer = signed_in(admin).post(page, {"username": "ada", "groups": []})

        assert answer.status_code == 403

    @pytest.mark.parametrize("said", [{"username": ""}, {"username": "", "name": "C"}])
    def test_are_for_those_who_can_sign_in(self, admin, carol, said):
        page = change(admin, carol, "support", is_staff="", **said)

        assert "Staff sign in by a username" in page
        assert not ApprovalRequest.objects.exists()


class TestSuperusers:
    def test_are_made_by_two_and_asked_for_by_one(self, console, sam, admin, carol):
        change(admin, carol, is_superuser="on")
        unasked = not ApprovalRequest.objects.exists()
        change(sam, carol, is_superuser="on")
        agreed()

        carol.refresh_from_db()
        assert unasked
        assert carol.is_superuser


class TestLogins:
    def test_that_end_do_not_sign_in(self, admin, carol):
        change(admin, carol, is_staff="")
        agreed()

        carol.refresh_from_db()
        assert not carol.is_staff

    def test_are_renamed_at_once(self, admin, carol):
        change(admin, carol, username="caroline")

        carol.refresh_from_db()
        assert carol.username == "caroline"
        assert not ApprovalRequest.objects.exists()

    def test_of_customers_are_asked_for(self, admin, alice):
        change(
            admin,
            alice,
            "support",
            username="alice",
            external_id="alice",
            name="Alice",
            email=alice.email,
        )
        agreed()

        alice.refresh_from_db()
        assert (alice.is_staff, roles_of(alice)) == (True, ["support"])

    def test_that_lose_their_name_lose_their_rights_by_two(self, admin):
        erin = staff_in("support", "erin")

        change(admin, erin, username="", is_staff="")
        agreed()

        erin.refresh_from_db()
        assert (erin.username, erin.is_staff, roles_of(erin)) == (None, False, [])
