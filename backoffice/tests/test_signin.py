"""The door: a password of one's own, a second factor, and sessions that end."""

import re
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from backoffice.tests.conftest import StaffClient, act, asked_for, staff_in
from tests.authenticator import code_of
from users.acts import Actor
from users.models import StaffAct, User
from users.services import create_staff

LOGIN = "/admin/account/login/"
OWN_WORDS = "words that only I know"
_steps = count()


@pytest.fixture
def strict(settings, db):
    """The doors as they are in production, and nobody counted yet."""
    settings.STAFF_SECOND_FACTOR = True
    cache.clear()


@pytest.fixture
def clock():
    """A clock that tests move; no two codes are then the same."""
    with time_machine.travel(timezone.now(), tick=True) as clock:
        yield clock


@pytest.fixture
def dan(db) -> User:
    """Made by an administrator, with a password that is good once."""
    user, password = create_staff(
        username="dan", roles=["administrator"], actor=Actor(None)
    )
    user.first_password = password
    return user


def sign_in(client: Client, username: str, password: str):
    return client.post(LOGIN, {"login": username, "password": password})


def entered(client: Client) -> bool:
    return client.get("/admin/users/user/").status_code == 200


def choose_password(client: Client, old: str):
    return client.post(
        "/admin/password_change/",
        {"old_password": old, "new_password1": OWN_WORDS, "new_password2": OWN_WORDS},
    )


def set_up_authenticator(client: Client) -> str:
    """Read the secret from the page, as a phone would, and show the first code."""
    page = client.get("/admin/account/2fa/totp/activate/").content.decode()
    [secret] = re.findall(r'value="([A-Z2-7]{16,})"', page)
    client.post("/admin/account/2fa/totp/activate/", {"code": code_of(secret)})
    return secret


@pytest.fixture
def settled(strict, clock, dan) -> tuple[User, str]:
    """Dan has a password of his own and an authenticator."""
    client = Client()
    sign_in(client, "dan", dan.first_password)
    choose_password(client, dan.first_password)
    secret = set_up_authenticator(client)
    clock.shift(timedelta(hours=1))
    return dan, secret


def inside(clock, secret: str) -> Client:
    client = StaffClient()
    sign_in(client, "dan", OWN_WORDS)
    clock.shift(timedelta(seconds=31))
    client.post("/admin/account/2fa/authenticate/", {"code": code_of(secret)})
    return client


class TestFirstTime:
    def test_leads_to_a_password_then_an_authenticator_then_in(
        self, strict, clock, dan
    ):
        client = Client()

        sign_in(client, "dan", dan.first_password)
        first = client.get("/admin/users/user/")
        choose_password(client, dan.first_password)
        second = client.get("/admin/users/user/")
        secret = set_up_authenticator(client)
        third = client.get("/admin/users/user/")
        clock.shift(timedelta(seconds=31))
        client.post(third["Location"], {"code": code_of(secret)})

        assert first["Location"] == "/admin/password_change/"
        assert second["Location"] == "/admin/account/2fa/totp/activate/"
        assert third["Location"].startswith("/admin/account/2fa/reauthenticate/")
        assert entered(client)

    def test_lets_nobody_past_the_one_time_password(self, strict, dan):
        client = Client()
        sign_in(client, "dan", dan.first_password)

        for path in ("", "users/user/", "account/2fa/", "account/2fa/totp/activate/"):
            answer = client.get(f"/admin/{path}")
            assert answer["Location"] == "/admin/password_change/", path

    def test_writes_down_that_they_chose_their_own(self, strict, dan):
        client = Client()
        sign_in(client, "dan", dan.first_password)

        choose_password(client, dan.first_password)

        [chosen] = StaffAct.objects.filter(kind="staff.password_set")
        dan.refresh_from_db()
        assert (chosen.staff, chosen.after) == (dan, {"temporary": False})
        assert dan.check_password(OWN_WORDS)


class TestSignIn:
    def test_takes_a_password_and_a_code(self, settled, clock):
        _, secret = settled

        client = inside(clock, secret)

        assert entered(client)
        assert StaffAct.objects.filter(kind="staff.signed_in").count() == 2

    def test_is_not_done_by_the_password_alone(self, settled):
        client = Client()

        answer = sign_in(client, "dan", OWN_WORDS)

        assert answer["Location"] == "/admin/account/2fa/authenticate/"
        assert not entered(client)

    def test_takes_no_code_twice(self, settled, clock):
        _, secret = settled
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client, "dan", OWN_WORDS)

        for client in (first, second):
            client.post("/admin/account/2fa/authenticate/", {"code": code_of(secret)})

        assert entered(first)
        assert not entered(second)

    def test_takes_each_recovery_code_once(self, settled, clock):
        _, secret = settled
        pages = inside(clock, secret)
        shown = pages.get("/admin/account/2fa/recovery-codes/").content.decode()
        code = re.findall(r"\b\d{8}\b", shown)[0]
        first, second = Client(), Client()

        for client in (first, second):
            sign_in(client, "dan", OWN_WORDS)
            client.post("/admin/account/2fa/authenticate/", {"code": code})

        assert entered(first)
        assert not entered(second)

    def test_stops_those_who_guess(self, strict, dan):
        client = Client()

        for _ in range(5):
            sign_in(client, "dan", "wrong")
        right = sign_in(client, "dan", dan.first_password)

        assert right.status_code == 200
        assert "Too many failed" in right.content.decode()

    def test_is_for_no_customer_and_nobody_deleted(self, strict, dan, alice):
        dan.deleted_at = timezone.now()
        dan.save(update_fields=["deleted_at"])
        client = Client()

        answer = sign_in(client, "dan", dan.first_password)
        sign_in(client, "alice", "")

        assert answer.status_code == 200
        assert not entered(client)

    def test_has_no_other_door(self, strict, dan):
        client = Client()

        answer = client.post(
            "/admin/login/", {"username": "dan", "password": dan.first_password}
        )

        assert answer["Location"].startswith(LOGIN)
        assert not entered(client)
        for path in ("signup", "password/reset", "email", "login/code"):
            assert client.get(f"/admin/account/{path}/").status_code in (302, 404)

    def test_leads_to_no_other_site(self, strict, dan):
        answer = Client().post(
            f"{LOGIN}?next=https://evil.example/",
            {
                "login": "dan",
                "password": dan.first_password,
                "next": "https://evil.example/",
            },
        )

        assert answer["Location"] == "/admin/"

    def test_is_by_password_alone_where_that_is_set(self, settled, settings):
        settings.STAFF_SECOND_FACTOR = False
        client = Client()
        Authenticator.objects.all().delete()

        sign_in(client, "dan", OWN_WORDS)

        page = client.get("/admin/").content.decode()
        assert "A password is enough to sign in" in page


class TestSecrets:
    def test_of_authenticators_are_kept_encrypted(self, settled):
        dan, secret = settled

        kept = str([one.data for one in Authenticator.objects.filter(user=dan)])

        assert secret not in kept
        assert len(kept) > 100


class TestSession:
    def test_ends_when_nobody_is_there(self, settled, clock):
        client = inside(clock, settled[1])

        clock.shift(timedelta(minutes=14))
        before = entered(client)
        clock.shift(timedelta(minutes=14))
        between = entered(client)
        clock.shift(timedelta(minutes=16))

        assert (before, between, entered(client)) == (True, True, False)

    def test_ends_after_eight_hours_in_any_case(self, settled, clock):
        client = inside(clock, settled[1])

        for _ in range(47):
            clock.shift(timedelta(minutes=10))
            assert entered(client)
        clock.shift(timedelta(minutes=11))

        assert not entered(client)


class TestGraveActs:
    def test_ask_again_when_the_sign_in_is_old(self, settled, clock, bob):
        client = inside(clock, settled[1])
        clock.shift(timedelta(minutes=6))

        answer = client.post(
            "/admin/users/user/",
            {"action": "delete_users", "_selected_action": [bob.pk]},
        )
        refused = User.objects.filter(pk=bob.pk).exists()
        client.post(answer["Location"], {"password": OWN_WORDS})
        act(client, "users/user", "delete_users", bob)

        assert "/reauthenticate/" in answer["Location"]
        assert refused
        assert not User.objects.filter(pk=bob.pk).exists()

    def test_in_a_dialog_lead_out_of_it(self, settled, clock, bob):
        client = inside(clock, settled[1])
        clock.shift(timedelta(minutes=6))

        answer = client.post(
            f"/admin/users/user/{bob.pk}/delete_users_here/", {"_form_submitted": "1"}
        )

        assert "/reauthenticate/" in answer["HX-Redirect"]
        assert User.objects.filter(pk=bob.pk).exists()

    def test_are_what_others_ask_for_too(self, settled, clock, bob):
        asked = asked_for(bob, staff_in("support"))
        page = f"/admin/backoffice/approvalrequest/{asked.pk}/approve_here/"
        said = {"_form_submitted": "1", "digest": bytes(asked.digest).hex()}
        client = inside(clock, settled[1])
        clock.shift(timedelta(minutes=6))

        answer = client.post(page, said)

        asked.refresh_from_db()
        assert "/reauthenticate/" in answer["HX-Redirect"]
        assert asked.decision == "pending"

    def test_do_not_ask_again_at_once(self, settled, clock, bob):
        client = inside(clock, settled[1])

        act(client, "users/user", "delete_users", bob)

        assert not User.objects.filter(pk=bob.pk).exists()

    def test_are_refused_for_new_keys_and_roles_too(self, settled, clock, carol):
        client = inside(clock, settled[1])
        clock.shift(timedelta(minutes=6))

        for path, said in (
            ("users/apikey/add/", {"name": "k", "scopes": ["*"]}),
            (f"users/user/{carol.pk}/change/", {"username": "caroline"}),
        ):
            assert "/reauthenticate/" in client.post(f"/admin/{path}", said)["Location"]


class TestLostPhone:
    def test_is_helped_by_an_administrator(self, settled, console, settings):
        dan, _ = settled
        settings.STAFF_SECOND_FACTOR = False

        act(console, "users/user", "reset_second_factors", dan)

        settings.STAFF_SECOND_FACTOR = True
        client = Client()
        sign_in(client, "dan", OWN_WORDS)
        answer = client.get("/admin/users/user/")
        assert answer["Location"] == "/admin/account/2fa/totp/activate/"
        [reset] = StaffAct.objects.filter(kind="staff.second_factor_reset")
        assert reset.after == {"removed": 2}
