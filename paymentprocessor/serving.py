"""How gunicorn's workers deal with more requests than they can answer.

gunicorn's own worker puts every request into a queue without end, which under overload
grows until all clients have given up on what is at its front.
"""

import os
import select
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Of requests that are answered or wait for that, per thread: as many as are answered
# well before a client loses patience.
_AT_ONCE_PER_THREAD = 8
# How long a thread stays with a connection it has answered, while no other needs it.
# Who makes many requests makes the next one at once, and to give the connection back
# and take it again are two changes of threads.
_STAYS_FOR_MS = 5
# They do next to nothing, and one may meet a client that is slow to send.
_THREADS_THAT_TURN_AWAY = 2


class SheddingWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that accepts so many requests at a time, and no more.

    Those beyond are answered by threads of their own, see `overload.turn_away`. All
    counting is done in the main thread.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = os.environ.get("WEB_MAX_AT_ONCE", "")
        self._most = int(most or _AT_ONCE_PER_THREAD * self.cfg.threads)
        self._at_once = 0

    def init_process(self) -> None:
        self._turning_away = ThreadPoolExecutor(
            _THREADS_THAT_TURN_AWAY, initializer=_turn_away
        )
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        # gunicorn imports this module before there is an application.
        from paymentprocessor import pool

        pool.keep_between_requests()
        self._give_back = pool.give_back

    def enqueue_req(self, conn: Any) -> None:
        if self._at_once < self._most:
            self._at_once += 1
            submitted = self.tpool.submit(self._handle_all, conn)
            submitted.add_done_callback(
                lambda done: self.method_queue.defer(self._finish_counted, conn, done)
            )
        else:
            submitted = self._turning_away.submit(self._handle_all, conn)
            submitted.add_done_callback(
                lambda done: self.method_queue.defer(self.finish_request, conn, done)
            )

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


def _turn_away() -> None:
    # gunicorn imports this module before there is an application.
    from paymentprocessor.overload import turn_away

    turn_away()


def _is_asked_more(conn: Any) -> bool:
    """Whether the client's next request is there, or comes before long."""
    if conn.parser.unreader.buf.getvalue():
        # It was read along with the last one's body.
        return True
    poller = select.poll()
    poller.register(conn.sock, select.POLLIN)
    return bool(poller.poll(_STAYS_FOR_MS))
