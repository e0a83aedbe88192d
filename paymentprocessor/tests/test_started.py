"""A statement that PostgreSQL carries out while its caller goes on."""

from contextlib import nullcontext

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db import transaction as db_transaction
from django.test.utils import CaptureQueriesContext

from paymentprocessor.database.commit_along import CommitAlong
from paymentprocessor.database.prepared import Statement
from paymentprocessor.tests.words import ADD, KILL, carry_out

pytestmark = pytest.mark.django_db(transaction=True)

LOCK = Statement("SELECT pg_advisory_xact_lock(31)::text")
THERE = Statement("SELECT word FROM said WHERE word <> 'old' ORDER BY word")


@pytest.fixture(autouse=True)
def _an_old_word(words):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO said VALUES ('old', 'old')")


def a_block():
    return CommitAlong(keep=True)


def start(word):
    return lambda: ADD.start({"word": word})


def fail():
    raise LookupError


def there():
    return [word for (word,) in THERE.rows({})]


def by_django():
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM said WHERE word <> 'old'")
        return [word for (word,) in cursor.fetchall()]


class TestRows:
    def test_are_there_when_they_are_asked_for(self):
        with a_block():
            first = ADD.start({"word": "new"})
            assert first() == [("new",)]
            assert first() == [("new",)]

        assert there() == ["new"]

    def test_come_while_the_caller_goes_on(self, other):
        other.execute("SELECT pg_advisory_lock(31)")

        with a_block():
            locked = LOCK.start({})
            # This is reached although the statement waits.
            other.execute("SELECT pg_advisory_unlock(31)")
            assert locked() == [("",)]

    def test_are_of_the_same_transaction_as_what_came_before(self):
        number = Statement("SELECT pg_current_xact_id()::text")

        with a_block():
            assert number.rows({}) == number.start({})()

    def test_come_of_more_than_a_socket_has_room_for(self):
        much = "0123456789" * 1_000_000

        with a_block():
            said = Statement("SELECT %(value)s::text").start({"value": much})
            assert said() == [(much,)]

    def test_are_seen_by_whoever_looks_at_the_queries(self):
        with CaptureQueriesContext(connection) as queries, a_block():
            assert ADD.start({"word": "new"})() == [("new",)]

        assert sum("INSERT" in query["sql"] for query in queries) == 1


class TestAnother:
    """What is asked while a statement is on its way comes after it."""

    @pytest.mark.parametrize(
        "ask",
        [
            there,
            by_django,
            lambda: [word for (word,) in THERE.start({})()],
        ],
    )
    def test_sees_what_it_did(self, ask):
        with a_block():
            first = ADD.start({"word": "new"})
            assert ask() == ["new"]
            assert first() == [("new",)]

        assert there() == ["new"]

    @pytest.mark.parametrize("ask", [there, by_django])
    def test_is_told_that_it_failed(self, ask):
        with pytest.raises(IntegrityError, match="said_pkey"):
            carry_out(a_block(), start("old"), ask)

        assert there() == []


class TestFailure:
    def test_is_told_to_whoever_asks_for_the_rows(self):
        with pytest.raises(IntegrityError, match="said_pkey"):
            carry_out(a_block(), start("new"), lambda: start("old")()())

        assert there() == []

    def test_of_something_else_leaves_nothing_on_its_way(self):
        with pytest.raises(LookupError):
            carry_out(a_block(), start("new"), fail)

        assert not connection.execute_wrappers
        assert there() == []

    @pytest.mark.parametrize("word", ["new", "old"])
    def test_to_ask_for_the_rows_is_a_defect(self, word):
        """Of what may have failed nobody can say that it was committed."""
        with pytest.raises(AssertionError, match="was left"), a_block():
            ADD.start({"word": word})

        assert there() == []

    def test_of_the_connection_is_told_to_whoever_asks(self):
        with pytest.raises(OperationalError), a_block():
            KILL.start({})()

        assert there() == []

    def test_of_the_connection_hides_no_other(self):
        with pytest.raises(LookupError):
            carry_out(a_block(), lambda: KILL.start({}), fail)

        assert there() == []

    def test_is_nobodys_outside_of_such_a_block(self):
        for block in (nullcontext(), db_transaction.atomic()):
            with pytest.raises(AssertionError, match="nobody would wait"), block:
                ADD.start({"word": "new"})

        assert there() == []
