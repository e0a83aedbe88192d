"""`manage.py create_staff`: letting somebody in."""

import io

import pytest
from django.core.management import CommandError, call_command

from users.models import StaffAct, User


def create(**options) -> str:
    told = io.StringIO()
    call_command("create_staff", stdout=told, **options)
    return told.getvalue()


class TestCreateStaff:
    def test_prints_a_password_that_is_good_once(self, db):
        told = create(username="carol", role=["support"], name="Carol")

        carol = User.objects.get(username="carol")
        assert carol.check_password(told.splitlines()[-1])
        assert carol.password_is_temporary
        assert [group.name for group in carol.groups.all()] == ["support"]
        assert (carol.is_staff, carol.is_superuser) == (True, False)

    def test_writes_down_that_nobody_of_staff_did_it(self, db):
        create(username="carol", role=["support", "treasury"])

        made = StaffAct.objects.get(kind="staff.created")
        assert (made.staff, made.after["roles"]) == (None, ["support", "treasury"])
        assert made.reason == "manage.py create_staff"

    def test_refuses_a_role_that_does_not_exist(self, db):
        with pytest.raises(CommandError, match="approver, compliance"):
            create(username="carol", role=["boss"])

        assert not User.objects.exists()

    def test_refuses_a_username_that_is_taken(self, db):
        create(username="carol", role=["support"])

        with pytest.raises(CommandError, match="username"):
            create(username="carol", role=["viewer"])
