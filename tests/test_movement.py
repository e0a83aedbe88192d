"""What surrounds a movement when the database fails it."""

import inspect

import psycopg
import pytest
from django.db import OperationalError, connection

from paymentprocessor.api.errors import OutcomeUnknown
from tests.domain import adjust, fund, holdings
from transactions import group_commit, ledger
from transactions.models import Side
from transactions.services import post_batch
from transactions.tests.test_batches import item, send

pytestmark = pytest.mark.django_db(transaction=True)


def failure(cause):
    """The error of Django's that wraps one of the driver's."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def failing(times, error, then, *, before=lambda: None):
    """A stand-in that fails so many times, and then does what it stands for."""
    left = [error] * times

    def stand_in(*args, **kwargs):
        if left:
            before()
            raise left.pop()
        return then(*args, **kwargs)

    return stand_in


def cut_the_connection():
    """End our session from the server's side, as an administrator would."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(
            "SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid]
        )


@pytest.fixture
def cut_once(monkeypatch):
    """Cut the connection when the ledger is about to write; notes when it writes."""
    attempts = []
    write = ledger.Page.write

    def cut(*args, **kwargs):
        attempts.append(None)
        if len(attempts) == 1:
            cut_the_connection()
        write(*args, **kwargs)

    def begin():
        monkeypatch.setattr(ledger.Page, "write", cut)
        return attempts

    return begin


class TestRetries:
    @pytest.mark.parametrize(
        "cause",
        [psycopg.errors.DeadlockDetected(), psycopg.errors.SerializationFailure()],
    )
    def test_what_the_database_asks_to_repeat(self, alice, monkeypatch, cause):
        write = failing(3, failure(cause), ledger.Page.write)
        monkeypatch.setattr(ledger.Page, "write", write)

        fund(alice, "1.00 USD", idempotency_key="k")

        assert holdings(alice) == {"USD": "1.00"}

    def test_three_times_and_no_more(self, alice, monkeypatch):
        deadlock = failure(psycopg.errors.DeadlockDetected())
        monkeypatch.setattr(
            ledger.Page, "write", failing(4, deadlock, ledger.Page.write)
        )

        with pytest.raises(OperationalError):
            fund(alice, "1.00 USD")

        assert holdings(alice) == {}

    def test_after_a_connection_was_lost_before_the_commit(self, alice, cut_once):
        fund(alice, "1.00 USD")
        attempts = cut_once()

        # After it comes what staff are told, so it has a COMMIT of its own.
        adjust(alice, "1.00 USD", Side.CREDIT)

        assert len(attempts) == 2
        assert holdings(alice) == {"USD": "2.00"}

    def test_of_a_batch_that_lost_its_connection_half_way(
        self, alice, platform, monkeypatch
    ):
        begun = []
        start = ledger.Page.start_writing

        def cut(page):
            begun.append(None)
            if len(begun) == 3:
                cut_the_connection()
            start(page)

        monkeypatch.setattr(ledger.Page, "start_writing", cut)
        monkeypatch.setattr(inspect.getmodule(post_batch), "AT_ONCE", 1)

        answer = send(platform, *[item("fund", alice, "1.00 GBP")] * 4)

        assert answer.status_code == 201
        # The third or the fourth noticed it, and all of it began again.
        assert len(begun) in (3 + 4, 4 + 4)
        assert holdings(alice) == {"GBP": "4.00"}

    def test_nothing_else(self, alice, monkeypatch):
        cancelled = failure(psycopg.errors.QueryCanceled())
        monkeypatch.setattr(
            ledger.Page, "write", failing(1, cancelled, ledger.Page.write)
        )

        with pytest.raises(OperationalError):
            fund(alice, "1.00 USD")

        assert holdings(alice) == {}


class TestCommit:
    """What it is without an answer: `tests/test_lost_words.py`."""

    def test_is_unknown_when_the_connection_ends_with_the_last_statement(
        self, alice, cut_once
    ):
        # Before the first of its kind, its statement is prepared, without COMMIT.
        fund(alice, "1.00 USD", idempotency_key="prepares it")
        attempts = cut_once()

        # Whoever says that it ends may be a pooler, of a server that has committed.
        with pytest.raises(OutcomeUnknown):
            fund(alice, "1.00 USD", idempotency_key="k")
        fund(alice, "1.00 USD", idempotency_key="k")

        assert len(attempts) == 2
        assert holdings(alice) == {"USD": "2.00"}

    def test_is_not_explained_away_when_the_key_cannot_be_looked_up(
        self, alice, monkeypatch
    ):
        def attempted(work, a_block):
            raise OutcomeUnknown("lost")

        monkeypatch.setattr(group_commit, "attempted", attempted)

        with pytest.raises(OutcomeUnknown):
            fund(alice, "1.00 USD", idempotency_key="k")
