"""Holds in real threads on real PostgreSQL: of several ends, exactly one."""

from collections import Counter
from queue import SimpleQueue
from threading import Barrier, Thread

import pytest
from django.db import connection

from tests.domain import capture, fund, hold, holdings, reserved, run_out, void
from tests.test_concurrency import _patient, kinds  # noqa: F401 - a fixture
from tests.threads import at_once, deadlocks
from transactions.errors import HoldNotActive
from transactions.models import Hold, Transaction
from transactions.postings import Held, Posted
from transactions.services import expire_holds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 1000


class Racers:
    """Threads that keep their connections, and start each round together."""

    def __init__(self, *acts):
        self.acts = acts
        self.start = Barrier(len(acts) + 1)
        self.outcomes = SimpleQueue()
        self.prize = None

    def __enter__(self):
        self.threads = [Thread(target=self._run, args=[act]) for act in self.acts]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.prize = None
        self.start.wait()
        for thread in self.threads:
            thread.join()

    def round(self, prize):
        """What each made of the prize, in no order."""
        self.prize = prize
        self.start.wait()
        return [self.outcomes.get() for _ in self.acts]

    def _run(self, act):
        try:
            while self.start.wait() is not None and self.prize is not None:
                try:
                    self.outcomes.put(act(self.prize))
                except Exception as error:
                    self.outcomes.put(error)
        finally:
            connection.close()


# Of a thousand rounds the first would have been enough to measure.
@pytest.mark.no_cover
class TestEnds:
    def test_one_wins_of_capture_and_void(self, alice):
        fund(alice, f"{ROUNDS}.00 USD")
        winners = Counter()

        with Racers(capture, void) as racers:
            for _ in range(ROUNDS):
                outcomes = racers.round(hold(alice, "1.00 USD"))

                won = [o for o in outcomes if isinstance(o, Posted | Held)]
                lost = [o for o in outcomes if isinstance(o, HoldNotActive)]
                assert (len(won), len(lost)) == (1, 1), outcomes
                winners[type(won[0]).__name__] += 1

        captured = Transaction.objects.filter(type="capture").count()
        assert winners["Posted"] == captured
        assert min(winners["Posted"], winners["Held"]) > 0, winners
        left = f"{ROUNDS - captured}.00"
        assert reserved(alice) == {"USD": ("0.00", left)}

    def test_one_wins_of_capture_void_and_the_sweep(self, alice, bob):
        """The term comes while they race: whoever is first, all agree on the end."""
        fund(alice, f"{ROUNDS}.00 USD")
        ends = Counter()
        lasts_s = 0.01

        def sweep(_):
            return expire_holds()

        with Racers(capture, void, sweep) as racers:
            for _ in range(ROUNDS):
                placed = hold(alice, "1.00 USD", to=bob, days=lasts_s / 86_400)
                outcomes = racers.round(placed)
                expire_holds()

                won = [o for o in outcomes if isinstance(o, Posted | Held)]
                lost = [o for o in outcomes if isinstance(o, HoldNotActive)]
                assert len(won) + len(lost) == 2, outcomes
                status = Hold.objects.get(pk=placed.hold.id).status
                ends[status] += 1
                assert len(won) == (status in ("captured", "voided")), outcomes
                # However fast the machine is, the term comes just as they do.
                lasts_s *= 0.8 if won else 1.25

        assert set(ends) == {"captured", "voided", "expired"}, ends
        assert reserved(alice)["USD"][0] == "0.00"

    def test_two_captures_never_take_more_than_was_promised(self, alice, bob):
        fund(alice, "100.00 USD")

        for _ in range(10):
            placed = hold(alice, "10.00 USD", to=bob)
            outcomes = at_once([lambda p=placed: capture(p, "4.00")] * 5)
            assert kinds(outcomes) == {"Posted": 2, "CaptureTooLarge": 3}
            capture(placed, final=True)

        assert holdings(bob) == {"USD": "100.00"}


class TestPlacing:
    def test_never_holds_more_than_there_is(self, alice):
        fund(alice, "100.00 USD")
        wallet = hold(alice, "10.00 USD").hold.wallet
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE wallets_wallet SET overdraft_limit = 5 WHERE id = %s",
                [wallet.id],
            )

        outcomes = at_once([lambda: hold(alice, "10.00 USD")] * 50)

        # 90 are left of the balance and 5 of the overdraft.
        assert kinds(outcomes) == {"Held": 9, "InsufficientFunds": 41}
        assert reserved(alice) == {"USD": ("100.00", "5.00")}

    def test_of_twins_happens_once(self, alice):
        fund(alice, "100.00 USD")
        words = {"idempotency_key": "k", "fingerprint": b"f"}

        outcomes = at_once([lambda: hold(alice, "10.00 USD", **words)] * 8)

        assert kinds(outcomes) == {"Held": 8}
        assert sorted(one.replayed for one in outcomes) == [False] + [True] * 7
        assert reserved(alice) == {"USD": ("10.00", "90.00")}

    def test_and_captures_there_and_back_do_not_deadlock(self, alice, bob):
        fund(alice, "50.00 USD")
        fund(bob, "50.00 USD")
        before = deadlocks()

        def pay(payer, payee):
            for _ in range(15):
                capture(hold(payer, "1.00 USD", to=payee))

        outcomes = at_once(
            [lambda: pay(alice, bob)] * 3
            + [lambda: pay(bob, alice)] * 3
            + [lambda: [expire_holds() for _ in range(15)] and None]
        )

        assert outcomes == [None] * 7
        assert deadlocks() == before
        assert holdings(alice) == holdings(bob) == {"USD": "50.00"}


class TestSweep:
    def test_leaves_what_is_in_use_and_ends_all_else_in_batches(self, alice, bob):
        fund(alice, "100.00 USD")
        fund(bob, "100.00 USD")
        late = [hold(alice, "1.00 USD") for _ in range(7)]
        busy = hold(bob, "1.00 USD")
        for placed in (*late, busy):
            run_out(placed)
        taken, done = Barrier(2), Barrier(2)

        def sit_on_it():
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(
                    "SELECT FROM wallets_wallet WHERE id = %s FOR UPDATE",
                    [busy.hold.wallet_id],
                )
                taken.wait()
                done.wait()
                cursor.execute("ROLLBACK")
            connection.close()

        thread = Thread(target=sit_on_it)
        thread.start()
        taken.wait()
        try:
            first = expire_holds(batch=3)
        finally:
            done.wait()
            thread.join()

        assert first == (7, 1)
        assert expire_holds(batch=3) == (1, 0)
        assert expire_holds() == (0, 0)
        assert reserved(alice) == reserved(bob) == {"USD": ("0.00", "100.00")}
