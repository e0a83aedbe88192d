"""What becomes of orders of one moment when the database fails them, or we do."""

import threading
from functools import partial

import psycopg
import pytest
from django.db import OperationalError, connection

from paymentprocessor.api.errors import OutcomeUnknown
from paymentprocessor.combining import Combiner
from paymentprocessor.database.commit_along import CommitAlong
from tests.domain import fund, holdings, transfer
from tests.threads import at_once, deadlocks
from tests.together import database_transactions, is_posted, together
from transactions import group_commit, ledger
from transactions.models import Transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customers(alice, bob):
    """Two with a hundred dollars each."""
    fund(alice, "100.00 USD")
    fund(bob, "100.00 USD")
    return alice, bob


class TestDatabaseThatFails:
    def test_leaves_the_outcome_open_for_each(self, customers, monkeypatch):
        alice, bob = customers
        commit = CommitAlong.commit

        def cut(block):
            monkeypatch.undo()
            commit(block)
            with psycopg.connect(**connection.get_connection_params()) as other:
                pid = connection.connection.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s)", [pid])

        monkeypatch.setattr(CommitAlong, "commit", cut)
        outcomes = together(
            partial(fund, alice, "1.00 USD", idempotency_key="k"),
            partial(fund, bob, "1.00 USD", idempotency_key="l"),
        )

        assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown] * 2
        assert outcomes[0] is not outcomes[1]
        fund(alice, "1.00 USD", idempotency_key="k")
        fund(bob, "1.00 USD", idempotency_key="l")
        assert holdings(alice) == holdings(bob) == {"USD": "101.00"}

    def test_is_told_to_each_without_another_attempt(self, customers, monkeypatch):
        tried = []

        def away(*_args, **_kwargs):
            tried.append(None)
            raise OperationalError("nobody there")

        monkeypatch.setattr(CommitAlong, "__enter__", away)

        outcomes = together(*(partial(fund, user, "1.00 USD") for user in customers))

        assert [type(outcome) for outcome in outcomes] == [OperationalError] * 2
        assert outcomes[0] is not outcomes[1]
        assert len(tried) == 1


class TestWhatFailsInUs:
    """An exception that is none of the database's."""

    def failing(self, monkeypatch, then):
        rows = ledger.Statement.rows
        left = [True]

        def fail(statement, parameters, **options):
            if not options.get("last") or not left:
                return rows(statement, parameters, **options)
            left.clear()
            return then(lambda: rows(statement, parameters, **options))

        monkeypatch.setattr(ledger.Statement, "rows", fail)

    def test_before_commit_lets_each_try_it_by_itself(self, customers, monkeypatch):
        def instead(write):
            raise MemoryError

        self.failing(monkeypatch, instead)

        outcomes = together(*(partial(fund, user, "1.00 USD") for user in customers))

        assert list(map(is_posted, outcomes)) == [True, True]
        assert len(database_transactions(outcomes)) == 2

    def test_after_commit_leaves_the_outcome_open(self, customers, monkeypatch):
        def after(write):
            write()
            raise MemoryError

        alice, bob = customers
        for user in customers:
            fund(user, "1.00 USD")
        self.failing(monkeypatch, after)

        outcomes = together(*(partial(fund, user, "1.00 USD") for user in customers))

        assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown] * 2
        assert holdings(alice) == holdings(bob) == {"USD": "102.00"}


class Processes:
    """Groups that meet each other, as those of several processes do."""

    def __init__(self, number):
        self.mine = threading.local()
        self._groups = [
            Combiner(group_commit._carry_out_all, most=64, patience_ms=1)
            for _ in range(number)
        ]

    def ask(self, member):
        return self._groups[self.mine.number % len(self._groups)].ask(member)


@pytest.mark.slow
class TestManyMoments:
    @pytest.mark.parametrize("processes", [1, 2, 4])
    def test_book_each_order_once(self, customers, monkeypatch, processes):
        """Whatever the groups come to be."""
        alice, bob = customers
        groups, broken = Processes(processes), deadlocks()
        monkeypatch.setattr(group_commit, "_groups", groups)

        def much(number):
            groups.mine.number = number
            for each in range(10):
                key = f"{number}-{each}"
                transfer(alice, "1.00 USD", to=bob, idempotency_key=key)
                transfer(bob, "1.00 USD", to=alice, idempotency_key=f"{key}-back")

        outcomes = at_once([partial(much, number) for number in range(8)])

        assert outcomes == [None] * 8
        assert holdings(alice) == holdings(bob) == {"USD": "100.00"}
        booked = Transaction.objects.filter(type="transfer")
        assert booked.count() == 160
        assert booked.values("xid").distinct().count() < 160
        assert deadlocks() == broken
