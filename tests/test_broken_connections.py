"""A database that was started anew: all connections of the pools are broken at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection

from tests.domain import holdings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 2
AT_ONCE, ASKED = 16, 40


@pytest.fixture
def ask(server, platform):
    """Ask the server, and give the status."""

    def ask(method, path, body=None):
        headers = {"Authorization": f"Bearer {platform.token}"}
        url = f"{server.url}/v1{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
        return answer.status_code

    return ask


@pytest.fixture
def _broken_pools(ask):
    """Connections for many requests at once, none of which still works."""
    with ThreadPoolExecutor(AT_ONCE) as clients:
        for _ in range(10 * AT_ONCE):
            clients.submit(ask, "GET", "/users")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        [broken] = cursor.fetchone()
    assert broken > 2 * WORKERS


@pytest.mark.usefixtures("_broken_pools")
class TestBrokenConnections:
    def test_fail_no_movement(self, ask, alice):
        order = {"currency": "USD", "amount": "1.00"}

        statuses = {
            ask("POST", f"/wallets/{alice.id}/fund", order) for _ in range(ASKED)
        }

        assert statuses == {201}
        assert holdings(alice) == {"USD": f"{ASKED}.00"}

    def test_fail_one_other_request_of_each_process(self, ask):
        statuses = [ask("GET", "/users") for _ in range(ASKED)]

        assert statuses.count(503) <= WORKERS
        assert statuses.count(200) == ASKED - statuses.count(503)
