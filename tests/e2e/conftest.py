"""A seeded world, the server in front of it, and staff with their windows.

The world is made once for all tests here, since it takes long, and each test leaves to
the others what they need.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from tests.authenticator import code_of
from tests.domain import EURO_RATES, publish_rates
from tests.e2e.browser import CHROMIUM, Console, Visitor, chromium
from tests.server import Server, database_url, serve
from tests.wipe import wipe_database
from users.acts import Actor
from users.models import User
from users.services import create_staff, set_password

PASSWORD = "a horse at the battery"
_AGES = timedelta(days=36500)
_SETTINGS = {
    "FX_MAX_RATE_AGE": "36500d",
    "STAFF_SECOND_FACTOR": "true",
    # Those of the tests serve no static files.
    "DJANGO_SETTINGS_MODULE": "paymentprocessor.settings",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.e2e)
        # Where everything is checked, to leave something out is to fail.
        if CHROMIUM is None and not os.environ.get("CI"):
            missing = "there is no chromium; on Debian: apt-get install chromium"
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="package")
def console() -> Iterator[Console]:
    """A browser that is open."""
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        # Playwright has an event loop in this thread, where Django suspects that
        # somebody forgot an `await`; the queries of a test are meant to block.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield Console(browser)


@pytest.fixture(scope="package")
def transactional_db(console, django_db_setup, django_db_blocker) -> Iterator[None]:
    """In place of pytest-django's, which empties all tables after each test."""
    with django_db_blocker.unblock():
        yield
        wipe_database()
        # Beside Playwright's loop Django has connections of its own, and would forget
        # them.
        connections.close_all()


@pytest.fixture(scope="package")
def world(transactional_db, tmp_path_factory) -> Iterator[None]:
    """The world of `make run`."""
    here = override_settings(
        LOCAL_DIR=tmp_path_factory.mktemp("local"),
        FX_MAX_RATE_AGE=_AGES,
        # The server has the real settings, and does not believe in quick hashes.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    )
    with pytest.MonkeyPatch.context() as patch, here:
        patch.setenv("ADMIN_PASSWORD", PASSWORD)
        publish_rates(EURO_RATES | {"PLN": "4.25", "INR": "95", "BRL": "6.25"})
        call_command("seed_demo", users=8, transactions=60)
        call_command("audit_ledger", verbosity=0)
        yield


@pytest.fixture(scope="package")
def strict_server(world: None, tmp_path_factory) -> Iterator[Server]:
    """The server, with the doors as they are in production."""
    folder = tmp_path_factory.mktemp("server")
    with serve(folder, DATABASE_URL=database_url(), **_SETTINGS) as running:
        yield running


@pytest.fixture
def visit(console: Console, strict_server: Server) -> Iterator[Callable[..., Visitor]]:
    """Open a window for somebody with these roles, who signs in if there are any.

    In the end no page has asked another machine for anything, nor complained.
    """
    visitors: list[Visitor] = []

    def open_window(*roles: str) -> Visitor:
        visitor = console.visitor(strict_server.url, roles)
        visitors.append(visitor)
        if roles and roles not in console.sessions:
            name, secret = make_staff(*roles)
            visitor.sign_in(name, PASSWORD, code_of(secret))
            console.sessions[roles] = visitor.context.storage_state()
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
        assert visitor.asked_elsewhere() == []
        assert visitor.complaints == []


def make_staff(*roles: str) -> tuple[str, str]:
    """Somebody with a password of their own and an authenticator: name and secret."""
    name = f"{roles[0]}-{User.objects.filter(username__startswith=roles[0]).count()}"
    if "superuser" in roles:
        user = User.objects.create_superuser(name, PASSWORD, name="Sam")
    else:
        user, _ = create_staff(
            username=name, roles=roles, name=roles[0].title(), actor=Actor(None)
        )
        set_password(user.pk, PASSWORD, actor=Actor(user.pk, "chose their own"))
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return name, secret


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Where pictures go: SCREENSHOTS=docs/screenshots keeps those of the README."""
    return Path(os.environ.get("SCREENSHOTS") or tmp_path / "screenshots")
