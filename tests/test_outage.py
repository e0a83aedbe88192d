"""A server whose database is away: it says so, soon, and in the shape of a problem."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
import requests
from django.conf import settings
from django.db import connection

from tests.relay import relayed
from tests.server import serve

pytestmark = pytest.mark.slow

USER = uuid4()
OPERATIONS = [
    ("GET", "/v1/users"),
    ("POST", "/v1/users"),
    ("GET", f"/v1/users/{USER}"),
    ("PATCH", f"/v1/users/{USER}"),
    ("DELETE", f"/v1/users/{USER}"),
    ("GET", f"/v1/wallets/{USER}"),
    ("POST", f"/v1/wallets/{USER}"),
    ("GET", f"/v1/wallets/{USER}/USD"),
    ("POST", f"/v1/wallets/{USER}/fund"),
    ("POST", f"/v1/wallets/{USER}/convert"),
    ("GET", f"/v1/wallets/{USER}/balances"),
    ("GET", f"/v1/wallets/{USER}/transactions"),
    ("GET", "/v1/trial-balance"),
    ("GET", "/v1/events"),
]
# The pool's patience is five seconds; the rest is for a busy machine.
SOON_S = 10


@pytest.fixture(scope="module", params=["refuses", "hangs"])
def outage(request, tmp_path_factory):
    """A server with a database that refuses connections, or that never answers."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        if request.param == "hangs":
            nobody.listen(100)
        port = nobody.getsockname()[1]
        url = f"postgres://fx@127.0.0.1:{port}/fx"
        environment = {
            "DATABASE_URL": url,
            # Whichever process they come to, nobody waits for a thread.
            "WEB_THREADS": str(len(OPERATIONS)),
            # A process whose database hangs does not end before it is made to.
            "GRACEFUL_TIMEOUT": "1",
        }
        with serve(tmp_path_factory.mktemp("server"), **environment) as server:
            yield server


def ask(server, method, path):
    started = time.monotonic()
    answer = requests.request(
        method,
        f"{server.url}{path}",
        json={} if method in {"POST", "PATCH"} else None,
        headers={"Authorization": "Bearer fxk_unknown"},
        timeout=60,
    )
    return answer, time.monotonic() - started


class TestWithoutADatabase:
    def test_every_operation_says_so_soon(self, outage):
        with ThreadPoolExecutor(max_workers=len(OPERATIONS)) as clients:
            asked = list(clients.map(lambda o: ask(outage, *o), OPERATIONS))

        for answer, seconds in asked:
            assert answer.status_code == 503, answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["code"] == "database_unavailable"
            assert answer.headers["Retry-After"] == "1"
            assert answer.headers["Request-Id"] == answer.json()["request_id"]
            assert seconds < SOON_S

    def test_it_lives_and_is_not_ready(self, outage):
        assert ask(outage, "GET", "/livez")[0].status_code == 200
        assert ask(outage, "GET", "/readyz")[0].status_code == 503


class TestSilence:
    def test_is_given_up_when_a_statement_would_be(self, db):
        with relayed() as relay:
            params = connection.get_connection_params() | relay.address
            with psycopg.connect(**params) as far_away:
                options = of_tcp(far_away.fileno())

        assert options == {
            "TCP_USER_TIMEOUT": settings.STATEMENT_TIMEOUT_MS,
            "TCP_KEEPIDLE": 10,
            "TCP_KEEPINTVL": 5,
        }


def of_tcp(fileno):
    names = "TCP_USER_TIMEOUT", "TCP_KEEPIDLE", "TCP_KEEPINTVL"
    with socket.socket(fileno=os.dup(fileno)) as there:
        return {
            name: there.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in names
        }
