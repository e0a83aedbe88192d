"""Clients of a real server who say nothing, stop in the middle, or want too much."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import pytest
import requests

from paymentprocessor.serving import _PATIENCE_S
from tests.server import impatient_gunicorn, serve

# Far less than a client who says nothing is waited for anywhere.
SOON_S = 4
IMPATIENT_S = 5


@pytest.fixture
def one_thread(tmp_path):
    with serve(tmp_path, WEB_CONCURRENCY="1", WEB_THREADS="1") as server:
        yield server


@pytest.fixture
def impatient(tmp_path):
    """The same, waiting less for a client that has begun to send."""
    program = impatient_gunicorn(IMPATIENT_S)
    with serve(tmp_path, program, WEB_CONCURRENCY="1", WEB_THREADS="1") as server:
        yield server


@contextmanager
def sending(server, *texts):
    """Clients that say that, and then nothing more."""
    with ExitStack() as stack:
        for text in texts:
            client = socket.create_connection((server.host, server.port))
            stack.enter_context(client).sendall(text)
        yield


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestClients:
    """What those who are silent, or slow, cost the others."""

    CLOSES = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

    def test_who_do_not_hang_up_hold_nobody_up(self, one_thread):
        with sending(one_thread, *[self.CLOSES] * 20):
            assert asks_whether_it_lives(one_thread) < SOON_S

    def test_who_say_nothing_hold_nobody_up(self, one_thread):
        with sending(one_thread, *[b""] * 20):
            assert asks_whether_it_lives(one_thread) < SOON_S

    @pytest.mark.parametrize(
        ("size", "connection"), [(60_000, "keep-alive"), (9_000_000, "close")]
    )
    def test_who_send_more_than_is_wanted_are_told(self, one_thread, size, connection):
        with closing(
            HTTPConnection(one_thread.host, one_thread.port, timeout=30)
        ) as client:
            # All of it is sent before the answer is looked at.
            client.request("POST", "/v1/users", b"x" * size)
            answer = client.getresponse()

            assert answer.status == 401
            assert answer.getheader("Connection") == connection
            answer.read()
            if connection == "keep-alive":
                ask(client)

    def test_who_say_nothing_hold_no_restart_up(self, tmp_path):
        with (
            serve(tmp_path, WEB_CONCURRENCY="1", GRACEFUL_TIMEOUT="25") as server,
            sending(server, b"", b""),
        ):
            assert asks_whether_it_lives(server) < SOON_S
            began = time.monotonic()
            server.process.terminate()
            server.process.wait(timeout=60)

        assert time.monotonic() - began < 2 * SOON_S

    def test_who_stop_in_the_middle_keep_a_thread_for_so_long(self, impatient):
        began = time.monotonic()
        with sending(impatient, b"GET /v1/users HTTP/1.1\r\nHost"):
            # While all threads are busy, whoever watches is answered by others.
            assert asks_whether_it_lives(impatient) < SOON_S
            answer = requests.get(f"{impatient.url}/v1/users", timeout=60)

        assert answer.status_code == 401
        assert IMPATIENT_S - 1 < time.monotonic() - began < _PATIENCE_S


def asks_whether_it_lives(server):
    began = time.monotonic()
    assert requests.get(f"{server.url}/livez", timeout=60).status_code == 200
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestServer:
    def test_lets_nobody_keep_a_thread_to_themselves(self, tmp_path):
        with (
            serve(tmp_path, WEB_CONCURRENCY="1", WEB_THREADS="1") as server,
            closing(HTTPConnection(server.host, server.port, timeout=30)) as greedy,
            closing(HTTPConnection(server.host, server.port, timeout=30)) as modest,
            ThreadPoolExecutor(1) as asking,
        ):
            stops = time.monotonic() + 3
            ask(greedy)
            asking.submit(lambda: [ask(greedy) for _ in until(stops)])
            ask(modest)
            # Well before the other one had enough.
            assert time.monotonic() < stops - 1


def ask(connection):
    connection.request("GET", "/livez")
    assert connection.getresponse().read()


def until(end):
    while time.monotonic() < end:
        yield
