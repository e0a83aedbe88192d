"""How gunicorn's workers deal with more requests than they can answer.

gunicorn's own worker puts every request into a queue without end, which under overload
grows until all clients have given up on what is at its front.
"""

import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf
from typing import Any

from gunicorn.http.parser import _DRAIN_MAX_BYTES
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import _DEFER, ThreadWorker

# Of requests that are answered or wait for that, per thread: as many as are answered
# well before a client loses patience.
_AT_ONCE_PER_THREAD = 8
# How long a thread stays with a connection it has answered, while no other needs it.
# Who makes many requests makes the next one at once, and to give the connection back
# and take it again are two changes of threads.
_STAYS_FOR_MS = 5
# They do next to nothing, and one may meet a client that is slow to send.
_THREADS_THAT_TURN_AWAY = 2
# They read what an answered client goes on to send, for two seconds at most and up to
# twice the largest body, since it might not see its answer otherwise.
_THREADS_THAT_LINGER = 2
_LINGERS_FOR_BYTES = 16 * 1024 * 1024
# More at a time are closed at once: open sockets are not without end.
_MOST_THAT_LINGER = 32
# How long a thread waits for a client that has begun to send, or to receive.
_PATIENCE_S = 15
# As much of what has arrived is looked at as a plain request has, with its body.
_LOOKED_AT_BYTES = 8192


class SheddingWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that accepts so many requests at a time, and no more.

    Those beyond are answered by threads of their own, see `overload.turn_away`; so are
    those who ask whether we live, as soon as all others are busy. All counting is done
    in the main thread, which never waits for a client.
    """

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = os.environ.get("WEB_MAX_AT_ONCE", "")
        self._most = int(most or _AT_ONCE_PER_THREAD * self.cfg.threads)
        self._at_once = 0

    def init_process(self) -> None:
        self._turning_away = ThreadPoolExecutor(
            _THREADS_THAT_TURN_AWAY, initializer=_turn_away
        )
        self._lingering = ThreadPoolExecutor(_THREADS_THAT_LINGER)
        self._may_linger = threading.Semaphore(_MOST_THAT_LINGER)
        patience = struct.pack("ll", _PATIENCE_S, 0)
        for listener in self.sockets:
            # Connections have what the socket has that they come by.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        self.log.error_log.addFilter(_is_news)
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        # gunicorn imports this module before there is an application.
        from paymentprocessor import overload, pool

        self.wsgi = _told_to_end(overload.Shedding(self.wsgi))
        self._watching = overload.WATCHING
        self._turn_away_at_once = overload.turn_away_at_once
        pool.keep_between_requests()
        self._give_back = pool.give_back

    def run(self) -> None:
        super().run()
        self._lingering.shutdown(wait=False, cancel_futures=True)

    def enqueue_req(self, conn: Any) -> None:
        arrived = _arrived(conn)
        is_busy = self._at_once >= self.cfg.threads
        if arrived is None:
            # Nothing has come, which is nothing to keep a thread for.
            self._wait_for_more(conn)
        elif self._at_once < self._most and not (
            is_busy and arrived.startswith(self._watching)
        ):
            self._at_once += 1
            submitted = self.tpool.submit(self._handle_all, conn)
            submitted.add_done_callback(
                lambda done: self.method_queue.defer(self._finish_counted, conn, done)
            )
        elif not self._turns_away_at_once(conn, arrived):
            submitted = self._turning_away.submit(self._handle_one, conn)
            submitted.add_done_callback(
                lambda done: self.method_queue.defer(self.finish_request, conn, done)
            )

    def _wait_for_more(self, conn: Any) -> None:
        waiting: Future[Any] = Future()
        waiting.set_result(_DEFER)
        super().finish_request(conn, waiting)

    def _turns_away_at_once(self, conn: Any, arrived: bytes) -> bool:
        """Turn somebody away without a thread, if that takes no waiting."""
        kept = len(self.keepalived_conns) + len(self.pending_conns)
        may_be_kept = self.alive and self.cfg.keepalive and kept < self.max_keepalived
        if not may_be_kept or self.cfg.accesslog or _read_ahead(conn):
            return False
        try:
            turned_away = self._turn_away_at_once(arrived)
        except Exception:
            # This is the main thread: with it the whole process would end.
            self.log.exception("A request could not be turned away at once.")
            return False
        if turned_away is None:
            return False
        conn.sock.setblocking(False)
        try:
            took = len(conn.sock.recv(turned_away.length))
            sent = conn.sock.send(turned_away.answer)
            if (took, sent) == (turned_away.length, len(turned_away.answer)):
                self._wait_for_more(conn)
                return True
        except OSError:
            pass
        # Who does not read what we said before has no use for this.
        self.nr_conns -= 1
        conn.close()
        return True

    def finish_request(self, conn: Any, done: "Future[Any]") -> None:
        if done.cancelled() or done.exception() or done.result():
            super().finish_request(conn, done)
            return
        self.nr_conns -= 1
        request = getattr(conn.parser, "mesg", None)
        is_sending = _unread(getattr(request, "body", None)) or _arrived(conn)
        if is_sending and self._may_linger.acquire(blocking=False):
            self._lingering.submit(self._close_slowly, conn.sock)
        else:
            conn.close()

    def _close_slowly(self, sock: socket.socket) -> None:
        try:
            sock.setblocking(True)
            close_graceful(sock, max_drain=_LINGERS_FOR_BYTES)
        finally:
            self._may_linger.release()

    def _cap_keepalive(self, deadline: float) -> None:
        """On the way out, wait no longer for those who have not said anything yet."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _handle_one(self, conn: Any) -> Any:
        """Answer a request; the next one may be taken."""
        try:
            return self.handle(conn)
        finally:
            self._give_back()

    def _handle_all(self, conn: Any) -> Any:
        """Answer a request, and those that come on its heels."""
        try:
            done = self.handle(conn)
            while done is True and self._has_threads_left() and _is_asked_more(conn):
                done = self.handle(conn)
            return done
        finally:
            self._give_back()

    def _has_threads_left(self) -> bool:
        return bool(self.alive) and self._at_once <= self.cfg.threads

    def _finish_counted(self, conn: Any, done: "Future[Any]") -> None:
        self._at_once -= 1
        self.finish_request(conn, done)


def _told_to_end(application: Callable[..., Iterable[bytes]]) -> Any:
    """The application, whose answer tells where the connection cannot be kept.

    gunicorn closes it over more than it reads of a body that nobody wanted.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        said = application(environ, start_response)
        if _unread(environ["wsgi.input"]) >= _DRAIN_MAX_BYTES:
            start_response.__self__.force_close()
        return said

    return answer


def _unread(body: Any) -> float:
    """How many bytes of a request's body nobody has read; of chunks nobody knows."""
    reader = getattr(body, "reader", None)
    if getattr(reader, "parser", None) is not None:
        return inf
    return int(getattr(reader, "length", 0))


def _turn_away() -> None:
    # gunicorn imports this module before there is an application.
    from paymentprocessor.overload import turn_away

    turn_away()


def _is_news(record: logging.LogRecord) -> bool:
    """That a client was too slow is not; gunicorn shows where we lost patience."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def _arrived(conn: Any) -> bytes | None:
    """The next request, as far as it has come; None where nothing has.

    Empty, if the client is gone.
    """
    if ahead := _read_ahead(conn):
        return ahead
    looks = socket.MSG_PEEK | socket.MSG_DONTWAIT
    try:
        # Past TLS, which takes no flags.
        return socket.socket.recv(conn.sock, _LOOKED_AT_BYTES, looks)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _read_ahead(conn: Any) -> bytes:
    """What of later requests was read along with the last one."""
    return bytes(conn.parser.unreader.buf.getvalue()) if conn.parser else b""


def _is_asked_more(conn: Any) -> bool:
    """Whether the client's next request is there, or comes before long."""
    if _read_ahead(conn):
        return True
    poller = select.poll()
    poller.register(conn.sock, select.POLLIN)
    return bool(poller.poll(_STAYS_FOR_MS))
