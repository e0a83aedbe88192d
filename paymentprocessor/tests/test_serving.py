"""How gunicorn's threads share connections out among them."""

import io
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import pytest

from paymentprocessor.overload import TurnedAway
from paymentprocessor.serving import SheddingWorker, _arrived

# Far less than a client who says nothing is waited for anywhere.
SOON_S = 4


class Connection:
    """As gunicorn has them: a socket, and what is read of it along with a request."""

    def __init__(self, sock, ahead=b""):
        self.sock = sock
        self.ahead = ahead
        self.unreader = SimpleNamespace(buf=io.BytesIO())
        self.is_closed = False
        self.parser = SimpleNamespace(unreader=self.unreader)

    def close(self):
        self.is_closed = True

    def read(self):
        request = self.unreader.buf.getvalue() or self.sock.recv(1)
        self.unreader.buf = io.BytesIO(self.ahead)
        self.ahead = b""
        return request


class Worker(SheddingWorker):
    """A worker whose requests are a byte each; it notes in which order it met them."""

    def __init__(self, *, at_once=1, threads=1, keeps=True):
        self.alive = True
        self.cfg = SimpleNamespace(threads=threads, accesslog=None, keepalive=75)
        self.keepalived_conns, self.pending_conns = [], []
        self.max_keepalived = 2
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


class TestThreadThatTurnsAway:
    def test_does_not_stay(self, ends):
        client, server = ends
        client.send(b"123")
        # As soon as it is turned away, there would be room for it.
        worker = Worker(at_once=1, threads=1)
        worker._most = 1
        worker._watching = (b"GET /livez ",)
        worker._turn_away_at_once = lambda arrived: None
        worker.method_queue = SimpleNamespace(defer=lambda *_: None)

        with ThreadPoolExecutor(1) as worker._turning_away:
            worker.enqueue_req(Connection(server))

        assert worker.met == b"1"
        assert worker.given_back == 1


class TestTurningAwayAtOnce:
    @pytest.fixture
    def worker(self):
        worker = Worker()
        worker.nr_conns = 1
        worker.ahead = b""
        worker.waiting = []
        worker._wait_for_more = worker.waiting.append
        worker._turn_away_at_once = {b"123": TurnedAway(2, b"no")}.get
        return worker

    def test_takes_one_request_and_keeps_the_connection(self, ends, worker):
        client, server = ends
        client.send(b"123")
        conn = Connection(server)

        assert worker._turns_away_at_once(conn, _arrived(conn))

        assert client.recv(9) == b"no"
        assert server.recv(9) == b"3"
        assert worker.waiting == [conn]

    @pytest.mark.parametrize(
        "unlike",
        [
            lambda worker, client: client.send(b"4"),
            lambda worker, client: setattr(worker, "alive", False),
            lambda worker, client: setattr(worker.cfg, "accesslog", "-"),
            lambda worker, client: setattr(worker.cfg, "keepalive", 0),
            lambda worker, client: worker.pending_conns.extend("12"),
            lambda worker, client: setattr(worker, "ahead", b"0"),
        ],
        ids=[
            "no plain request",
            "on the way out",
            "all are written down",
            "none is kept",
            "no more are kept",
            "another came before it",
        ],
    )
    def test_leaves_the_rest_as_it_is(self, ends, worker, unlike):
        client, server = ends
        client.send(b"123")
        unlike(worker, client)

        conn = Connection(server)
        conn.unreader.buf = io.BytesIO(worker.ahead)

        assert not worker._turns_away_at_once(conn, _arrived(conn))

        assert server.recv(9).startswith(b"123")
        assert worker.waiting == []

    def test_leaves_to_a_thread_what_it_fails_at(self, ends, worker):
        client, server = ends
        client.send(b"123")
        told = []
        worker.log = SimpleNamespace(exception=told.append)
        worker._turn_away_at_once = {}.__getitem__

        conn = Connection(server)

        assert not worker._turns_away_at_once(conn, _arrived(conn))

        assert len(told) == 1

    def test_waits_for_nobody_who_does_not_read(self, ends, worker):
        client, server = ends
        server.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                server.send(b"." * 4096)
        client.send(b"123")
        conn = Connection(server)

        assert worker._turns_away_at_once(conn, _arrived(conn))

        assert conn.is_closed
        assert (worker.nr_conns, worker.waiting) == (0, [])


class TestEnd:
    @pytest.fixture
    def worker(self):
        worker = Worker()
        worker.nr_conns = 1
        worker._may_linger = threading.Semaphore(1)
        with ThreadPoolExecutor(1) as worker._lingering:
            yield worker

    def test_waits_for_nobody_who_is_silent(self, ends, worker):
        _, server = ends
        conn = Connection(server)

        worker.finish_request(conn, done_with(False))

        assert conn.is_closed is True
        assert worker.nr_conns == 0

    def test_lets_who_goes_on_sending_see_the_answer(self, ends, worker):
        client, server = ends
        client.settimeout(SOON_S)
        client.send(b"more")

        worker.finish_request(Connection(server), done_with(False))
        client.sendall(b"of it" * 1_000_000)
        client.close()
        worker._lingering.shutdown()

        assert worker.nr_conns == 0

    @pytest.mark.parametrize(
        "reader",
        [SimpleNamespace(length=70_000), SimpleNamespace(parser=iter("a chunk"))],
        ids=["bytes", "chunks"],
    )
    def test_waits_for_what_is_still_to_come(self, ends, worker, reader):
        client, server = ends
        conn = Connection(server)
        conn.parser.mesg = SimpleNamespace(body=SimpleNamespace(reader=reader))

        worker.finish_request(conn, done_with(False))
        client.send(b"late")
        client.close()
        worker._lingering.shutdown()

        assert not conn.is_closed
        assert server.fileno() == -1

    def test_lets_only_so_many_linger(self, ends, worker):
        client, server = ends
        client.send(b"more")
        worker._may_linger.acquire()
        conn = Connection(server)

        worker.finish_request(conn, done_with(False))

        assert conn.is_closed


def done_with(result):
    done = Future()
    done.set_result(result)
    return done
