"""What all tests of all apps share: the cast, the clients, and books that add up."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import TransactionTestCase

from fx.models import Rate
from tests.books import look_at_books
from tests.client import ApiClient, customer_client, platform_client
from tests.domain import charge, publish_rates
from tests.factories import CustomerFactory
from tests.wipe import wipe_database
from users.models import User

pytest_plugins = ["tests.devdb_plugin", "tests.pace", "tests.server"]

_DATABASE_FIXTURES = {"db", "transactional_db"}


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_in_spite_of_the_laws() -> Iterator[None]:
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: wipe_database()
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _books_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that may have moved money, audit the whole ledger."""
    uses_database = _DATABASE_FIXTURES & set(request.fixturenames)
    if uses_database:
        # Asked for first, and so given back last: the books are still there below.
        for name in uses_database:
            request.getfixturevalue(name)
    elif request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        uses_database = _DATABASE_FIXTURES
    yield
    if uses_database and not request.node.get_closest_marker("books_are_broken"):
        look_at_books()


@pytest.fixture(autouse=True)
def _limits_are_not_remembered() -> None:
    """What a process has read of the limits outlives a test by a second."""
    from transactions.queries.position_limits import forget_limits

    forget_limits()


@pytest.fixture(params=["in groups", "each by itself"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As orders of one process go, and as those of many processes meet each other."""
    from transactions import group_commit

    if request.param == "each by itself":
        monkeypatch.setattr(group_commit, "_along", lambda *_: None)


@pytest.fixture
def alice(db: None) -> User:
    """A customer."""
    return CustomerFactory(name="Alice", external_id="alice")


@pytest.fixture
def bob(db: None) -> User:
    """Another customer."""
    return CustomerFactory(name="Bob", external_id="bob")


@pytest.fixture
def rates(db: None, settings: Any) -> dict[str, Rate]:
    """Round rates of an hour ago, and no spread, so that tests can reckon by hand."""
    settings.FX_MAX_RATE_AGE = timedelta(days=1)
    charge(spread_bps="0")
    return publish_rates()


@pytest.fixture
def platform(db: None) -> ApiClient:
    """A client with the platform's key, which may do everything."""
    return platform_client()


@pytest.fixture
def as_alice(alice: User) -> ApiClient:
    """A client with a key of Alice's."""
    return customer_client(alice)


@pytest.fixture
def as_bob(bob: User) -> ApiClient:
    """A client with a key of Bob's."""
    return customer_client(bob)
