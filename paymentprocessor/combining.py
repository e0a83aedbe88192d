"""Threads that ask for the same kind of work at the same moment, and get it done by one
of them: what costs as much for many as for one is then paid once.

The field knows it as flat combining, and databases do it with their commits.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class Combiner(Generic[_Asked, _Answer]):
    """Does `work` for one round of those who ask, then for all who came meanwhile.

    `work` is given what was asked for in the order of coming, at most `most` at a time,
    and gives the answers in the same order. It runs in the thread of whoever came
    first. One round begins when the one before is over; where others took part in that,
    it waits `patience_ms` at most until as many have come again, since they are on
    their way. Who asks alone waits for nobody.
    """

    def __init__(
        self,
        work: Callable[[Sequence[_Asked]], Sequence[_Answer]],
        *,
        most: int,
        patience_ms: int,
    ) -> None:
        self._work = work
        self._most = most
        self._patience_s = patience_ms / 1000
        self._lock = threading.Lock()
        self._is_busy = False
        self._waiting: list[_Request[_Asked, _Answer]] = []
        # How many others the next round waits for, and what tells it that they came.
        self._expected = 0
        self._enough = threading.Event()

    def ask(self, asked: _Asked) -> _Answer:
        """The answer to what is asked.

        :raises Exception: what the work raised in this thread.
        :raises Abandoned: it raised something in another one.
        """
        request = _Request[_Asked, _Answer](asked)
        if not self._comes_first(request):
            request.turn.acquire()
        if not request.is_done:
            self._do_round(request)
        if request.failure is not None:
            raise Abandoned from request.failure
        [answer] = request.answers
        return answer

    def _comes_first(self, request: "_Request[_Asked, _Answer]") -> bool:
        with self._lock:
            if not self._is_busy:
                self._is_busy = True
                return True
            self._waiting.append(request)
            if len(self._waiting) >= self._expected:
                self._enough.set()
            return False

    def _do_round(self, first: "_Request[_Asked, _Answer]") -> None:
        others: list[_Request[_Asked, _Answer]] = []
        try:
            others = self._others()
            answers = self._work([first.asked, *(other.asked for other in others)])
            for request, answer in zip([first, *others], answers, strict=True):
                request.answers.append(answer)
        except BaseException as failure:
            for other in others:
                other.failure = failure
            raise
        finally:
            self._pass_on()
            for other in others:
                other.turn.release()

    def _others(self) -> "list[_Request[_Asked, _Answer]]":
        """Who takes part in the round that begins, besides the first."""
        with self._lock:
            self._enough.clear()
            is_early = len(self._waiting) < self._expected
        if is_early:
            self._enough.wait(self._patience_s)
        with self._lock:
            others = self._waiting[: self._most - 1]
            del self._waiting[: self._most - 1]
            self._expected = len(others)
        return others

    def _pass_on(self) -> None:
        """Let the first of those who wait do the next round."""
        with self._lock:
            following = self._waiting.pop(0) if self._waiting else None
            self._is_busy = following is not None
        if following is not None:
            following.turn.release()


class Abandoned(Exception):
    """What was asked for came to an end in the thread that did it."""


class _Request(Generic[_Asked, _Answer]):
    """What one thread asked for, and what came of it."""

    def __init__(self, asked: _Asked) -> None:
        self.asked = asked
        # Held until there is an answer, or it is this thread's turn to work.
        self.turn = threading.Lock()
        self.turn.acquire()
        self.answers: list[_Answer] = []
        self.failure: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.answers) or self.failure is not None
