"""Work that threads ask for at the same moment, done by one of them."""

import time
from threading import Event, Thread

import pytest

from paymentprocessor.combining import Abandoned, Combiner

PATIENCE_S = 30


class Workshop:
    """A combiner whose first round waits until we let it go on."""

    def __init__(self, *, most=10, patience_ms=1, work=None):
        self.rounds = []
        self.may_go_on = Event()
        self.has_begun = Event()
        self.outcomes = {}
        self._work = work or (lambda asked: [2 * one for one in asked])
        self._threads = []
        self.combiner = Combiner(self._round, most=most, patience_ms=patience_ms)

    def _round(self, asked):
        self.rounds.append(list(asked))
        self.has_begun.set()
        assert self.may_go_on.wait(PATIENCE_S)
        return self._work(asked)

    def ask(self, *asked):
        """Ask one after another, each in a thread of its own."""
        for one in asked:
            waiting = len(self.combiner._waiting)
            thread = Thread(target=self._ask, args=[one])
            thread.start()
            self._threads.append(thread)
            if len(self._threads) == 1:
                assert self.has_begun.wait(PATIENCE_S)
                continue
            deadline = time.monotonic() + PATIENCE_S
            while len(self.combiner._waiting) == waiting:
                assert time.monotonic() < deadline
                time.sleep(0.001)

    def _ask(self, one):
        try:
            self.outcomes[one] = self.combiner.ask(one)
        except BaseException as failure:
            self.outcomes[one] = failure

    def go_on(self):
        self.may_go_on.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


class TestCombiner:
    def test_does_what_is_asked_alone_at_once(self):
        shop = Workshop(patience_ms=60_000)
        shop.may_go_on.set()

        assert [shop.combiner.ask(number) for number in (1, 2)] == [2, 4]

        assert shop.rounds == [[1], [2]]

    def test_does_together_what_was_asked_meanwhile(self):
        shop = Workshop()

        shop.ask(1, 2, 3, 4)
        shop.go_on()

        assert shop.rounds == [[1], [2, 3, 4]]
        assert shop.outcomes == {1: 2, 2: 4, 3: 6, 4: 8}

    def test_does_so_many_at_a_time_and_no_more(self):
        shop = Workshop(most=2)

        shop.ask(1, 2, 3, 4, 5, 6)
        shop.go_on()

        assert shop.rounds == [[1], [2, 3], [4, 5], [6]]
        assert shop.outcomes == {one: 2 * one for one in range(1, 7)}

    def test_begins_at_once_when_those_have_come_who_did_before(self):
        shop = Workshop(patience_ms=60_000)
        shop.ask(1, 2, 3)
        shop.go_on()

        # Without the other, either would wait for a minute.
        pair = [Thread(target=shop._ask, args=[number]) for number in (4, 5)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join(PATIENCE_S)

        assert sorted(shop.rounds[-1]) == [4, 5]
        assert (shop.outcomes[4], shop.outcomes[5]) == (8, 10)

    def test_waits_for_those_no_longer_than_it_should(self):
        shop = Workshop(patience_ms=50)
        shop.ask(1, 2, 3)
        shop.go_on()

        began = time.monotonic()
        assert shop.combiner.ask(4) == 8
        assert time.monotonic() - began >= 0.05
        # Nobody came, so nobody is expected.
        shop.combiner._patience_s = PATIENCE_S * 10
        assert shop.combiner.ask(5) == 10


class TestWorkThatFails:
    @pytest.mark.parametrize("failure", [ValueError("no"), SystemExit()])
    def test_is_told_in_its_own_thread_and_abandoned_for_others(self, failure):
        def work(asked):
            if len(asked) > 1:
                raise failure
            return asked

        shop = Workshop(work=work)

        shop.ask(1, 2, 3)
        shop.go_on()

        assert shop.outcomes[1] == 1
        assert shop.outcomes[2] is failure
        assert isinstance(shop.outcomes[3], Abandoned)
        assert shop.outcomes[3].__cause__ is failure

    def test_holds_nobody_up_who_comes_later(self):
        def work(asked):
            if asked == [1]:
                raise ValueError
            return asked

        shop = Workshop(work=work)

        shop.ask(1, 2)
        shop.go_on()

        assert isinstance(shop.outcomes[1], ValueError)
        assert shop.outcomes[2] == 2
        assert shop.combiner.ask(3) == 3

    def test_is_a_defect_without_an_answer_for_each(self):
        shop = Workshop(work=lambda asked: asked[:1])

        shop.ask(1, 2, 3)
        shop.go_on()

        assert isinstance(shop.outcomes[2], ValueError)
        assert isinstance(shop.outcomes[3], Abandoned)
