"""How gunicorn's threads share connections out among them."""

import io
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest

from paymentprocessor.serving import SheddingWorker
from tests.server import serve


class Connection:
    """As gunicorn has them: a socket, and what is read of it along with a request."""

    def __init__(self, sock, ahead=b""):
        self.sock = sock
        self.ahead = ahead
        self.unreader = SimpleNamespace(buf=io.BytesIO())
        self.parser = SimpleNamespace(unreader=self.unreader)

    def read(self):
        request = self.unreader.buf.getvalue() or self.sock.recv(1)
        self.unreader.buf = io.BytesIO(self.ahead)
        self.ahead = b""
        return request


class Worker(SheddingWorker):
    """A worker whose requests are a byte each; it notes in which order it met them."""

    def __init__(self, *, at_once=1, threads=1, keeps=True):
        self.alive = True
        self.cfg = SimpleNamespace(threads=threads)
        self._at_once = at_once
        self._keeps = keeps
        self.met = b""
        self.given_back = 0

    def _give_back(self):
        self.given_back += 1

    def handle(self, conn):
        self.met += conn.read()
        return self._keeps


@pytest.fixture
def ends():
    client, server = socket.socketpair()
    with client, server:
        yield client, server


class TestThread:
    def test_stays_while_there_is_more_to_answer(self, ends):
        client, server = ends
        client.send(b"123")
        worker = Worker()

        assert worker._handle_all(Connection(server)) is True
        assert worker.met == b"123"
        assert worker.given_back == 1

    def test_answers_what_was_read_ahead(self, ends):
        client, server = ends
        client.send(b"1")
        worker = Worker()

        worker._handle_all(Connection(server, ahead=b"2"))

        assert worker.met == b"12"

    @pytest.mark.parametrize(
        "worker",
        [Worker(at_once=2), Worker(keeps=False), Worker(keeps=object())],
        ids=["others wait", "the connection ends", "nothing has come yet"],
    )
    def test_leaves_after_one(self, ends, worker):
        client, server = ends
        client.send(b"123")

        worker._handle_all(Connection(server))

        assert worker.met == b"1"

    def test_gives_its_database_connection_back_whatever_happens(self, ends):
        _, server = ends
        worker = Worker()
        server.close()

        with pytest.raises(OSError, match="Bad file descriptor"):
            worker._handle_all(Connection(server))

        assert worker.given_back == 1

    def test_leaves_when_the_worker_stops(self, ends):
        client, server = ends
        client.send(b"123")
        worker = Worker()
        worker.alive = False

        worker._handle_all(Connection(server))

        assert worker.met == b"1"


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
