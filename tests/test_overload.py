"""More requests than a server takes: some are turned away, and none is lost."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from django.db import transaction as db_transaction

from tests.domain import holdings
from tests.server import database_url, serve
from tests.threads import until
from wallets.models import Wallet

pytestmark = pytest.mark.slow

AT_ONCE, SENT = 3, 9
TURNED_AWAY = {
    "Content-Type": "application/problem+json",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Retry-After": "1",
    "Request-Id": "mine",
}
COUNTED = (
    'http_requests_total{method="POST",route="unrouted",status="503"}'
    f" {SENT - AT_ONCE}.0"
)
# Far less than the lock's time, which those wait for that were taken.
SOON_S = 2


@pytest.fixture
def small_server(transactional_db, tmp_path):
    with serve(
        tmp_path,
        DATABASE_URL=database_url(),
        WEB_CONCURRENCY="1",
        WEB_THREADS="2",
        WEB_MAX_AT_ONCE=str(AT_ONCE),
        LOCK_TIMEOUT_MS="20000",
    ) as server:
        yield server


def fund(server, platform, alice):
    started = time.monotonic()
    answer = requests.post(
        f"{server.url}/v1/wallets/{alice.id}/fund",
        json={"currency": "USD", "amount": "1.00"},
        headers={"Authorization": f"Bearer {platform.token}", "Request-Id": "mine"},
        timeout=60,
    )
    return answer, time.monotonic() - started


@contextmanager
def overloaded(server, platform, alice):
    """As many funds as it takes; they wait for the wallet that we hold meanwhile."""
    with ThreadPoolExecutor(SENT) as clients:
        # While the wallet is held, nobody who was taken is done.
        with db_transaction.atomic():
            Wallet.objects.select_for_update().get(owner=alice)
            sent = [clients.submit(fund, server, platform, alice) for _ in range(SENT)]
            until(lambda: sum(one.done() for one in sent) >= SENT - AT_ONCE)
            yield sent
        for one in sent:
            one.result()


class TestOverload:
    def test_turns_away_what_it_cannot_take(self, small_server, platform, alice):
        with overloaded(small_server, platform, alice) as sent:
            lives = requests.get(f"{small_server.url}/livez", timeout=SOON_S)
            page = requests.get(f"{small_server.url}/admin/", timeout=SOON_S)
            numbers = requests.get(f"{small_server.url}/metrics", timeout=SOON_S)
        answers = [one.result() for one in sent]

        away = [(one, took) for one, took in answers if one.status_code == 503]
        assert lives.status_code == 200
        assert len(away) == SENT - AT_ONCE
        for answer, took in away:
            assert TURNED_AWAY.items() <= answer.headers.items()
            assert answer.headers["Content-Length"] == str(len(answer.content))
            assert answer.json()["code"] == "overloaded"
            assert answer.json()["instance"] == f"/v1/wallets/{alice.id}/fund"
            assert answer.json()["request_id"] == "mine"
            assert took < SOON_S
        assert page.status_code == 503
        assert COUNTED in numbers.text
        assert [one.status_code for one, _ in answers].count(201) == AT_ONCE
        assert holdings(alice) == {"USD": f"{AT_ONCE}.00"}

    def test_counts_down_what_is_answered(self, small_server, platform, alice):
        answers = [fund(small_server, platform, alice) for _ in range(3 * AT_ONCE)]

        assert {answer.status_code for answer, _ in answers} == {201}

    def test_keeps_the_connection_of_whoever_is_turned_away(
        self, small_server, platform, alice
    ):
        """A plain request that has come in full costs no thread; see `overload`."""
        address = small_server.host, small_server.port
        with (
            socket.create_connection(address) as client,
            client.makefile("rb") as answers,
        ):
            with overloaded(small_server, platform, alice):
                for _ in range(2):
                    # Who names the server is a thread.
                    assert _asked(client, answers, platform) == (503, False)
            # Soon after those are answered, there is room again.
            until(lambda: _asked(client, answers, platform) == (404, True))


def _asked(client, answers, platform) -> tuple[int, bool]:
    """What a plain request is answered: the status, and whether it names the server."""
    client.sendall(
        b"GET /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + f"Authorization: Bearer {platform.token}\r\n\r\n".encode()
    )
    status = int(answers.readline().split()[1])
    length, names_server = 0, False
    for line in iter(answers.readline, b"\r\n"):
        name, _, value = line.decode().partition(":")
        if name.lower() == "content-length":
            length = int(value)
        names_server |= name.lower() == "server"
    answers.read(length)
    return status, names_server
