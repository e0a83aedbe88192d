"""A seeded database, the server in front of it, and staff with their windows."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.db import connections

from tests.authenticator import code_of
from tests.domain import EURO_RATES, publish_rates
from tests.e2e.browser import CHROMIUM, Visitor, chromium
from tests.server import Server, database_url, serve
from users.acts import Actor
from users.models import User
from users.services import create_staff, set_password

PASSWORD = "a horse at the battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.e2e)
        if CHROMIUM is None:
            missing = "there is no chromium; on Debian: apt-get install chromium"
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(autouse=True)
def _playwright_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright has an event loop in this thread, where Django suspects that somebody
    # forgot an `await`; the queries of a test are meant to block.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def seeded(transactional_db, settings, tmp_path, monkeypatch) -> None:
    """The world of `make run`."""
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    settings.LOCAL_DIR = tmp_path
    settings.FX_MAX_RATE_AGE = settings.FX_REVERSAL_WINDOW * 24 * 365 * 200
    # The server has the real settings, and does not believe in quick hashes.
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    publish_rates(EURO_RATES | {"PLN": "4.25", "INR": "95", "BRL": "6.25"})
    call_command("seed_demo", users=8, transactions=60)
    call_command("audit_ledger", verbosity=0)


@pytest.fixture
def strict_server(seeded: None, tmp_path: Path) -> Iterator[Server]:
    """The server, with the doors as they are in production."""
    strict = {
        "STAFF_SECOND_FACTOR": "true",
        # Those of the tests serve no static files.
        "DJANGO_SETTINGS_MODULE": "paymentprocessor.settings",
    }
    with serve(tmp_path, DATABASE_URL=database_url(), **strict) as running:
        yield running


@pytest.fixture
def visit(strict_server: Server) -> Iterator[Callable[..., Visitor]]:
    """Open a window for somebody with these roles, who signs in if there are any.

    In the end no page has asked another machine for anything, nor complained.
    """
    visitors: list[Visitor] = []

    def open_window(*roles: str, scheme: str = "light") -> Visitor:
        visitor = Visitor(browser, strict_server.url, scheme)
        visitors.append(visitor)
        if roles:
            name, secret = make_staff(*roles)
            visitor.sign_in(name, PASSWORD, code_of(secret))
        return visitor

    with chromium() as browser:
        yield open_window
        # Beside Playwright's loop Django has connections of its own, and forgets them.
        connections.close_all()
        for visitor in visitors:
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
