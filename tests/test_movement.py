"""What surrounds a movement when the database fails it."""

import psycopg
import pytest
from django.db import OperationalError, connection

from paymentprocessor.api.errors import OutcomeUnknown
from tests.domain import fund, holdings
from transactions import ledger, movement

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


class TestRetries:
    @pytest.mark.parametrize(
        "cause",
        [psycopg.errors.DeadlockDetected(), psycopg.errors.SerializationFailure()],
    )
    def test_what_the_database_asks_to_repeat(self, alice, monkeypatch, cause):
        write = failing(3, failure(cause), ledger._write)
        monkeypatch.setattr(ledger, "_write", write)

        fund(alice, "1.00 USD", idempotency_key="k")

        assert holdings(alice) == {"USD": "1.00"}

    def test_three_times_and_no_more(self, alice, monkeypatch):
        deadlock = failure(psycopg.errors.DeadlockDetected())
        monkeypatch.setattr(ledger, "_write", failing(4, deadlock, ledger._write))

        with pytest.raises(OperationalError):
            fund(alice, "1.00 USD")

        assert holdings(alice) == {}

    def test_after_a_connection_was_lost_before_the_commit(self, alice, monkeypatch):
        fund(alice, "1.00 USD")
        write = ledger._write
        calls = []

        def cut_once(*args, **kwargs):
            calls.append(None)
            if len(calls) == 1:
                cut_the_connection()
            write(*args, **kwargs)

        monkeypatch.setattr(ledger, "_write", cut_once)

        fund(alice, "1.00 USD")

        assert len(calls) == 2
        assert holdings(alice) == {"USD": "2.00"}

    def test_nothing_else(self, alice, monkeypatch):
        cancelled = failure(psycopg.errors.QueryCanceled())
        monkeypatch.setattr(ledger, "_write", failing(1, cancelled, ledger._write))

        with pytest.raises(OperationalError):
            fund(alice, "1.00 USD")

        assert holdings(alice) == {}


class TestCommit:
    """What it is without an answer: `tests/test_lost_words.py`."""

    def test_is_not_explained_away_when_the_key_cannot_be_looked_up(
        self, alice, monkeypatch
    ):
        def attempt(work, *, keep):
            raise OutcomeUnknown("lost")

        monkeypatch.setattr(movement, "_attempt", attempt)

        with pytest.raises(OutcomeUnknown):
            fund(alice, "1.00 USD", idempotency_key="k")
