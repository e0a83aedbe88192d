"""Statements that pass Django's cursors by, and are to behave as if they did not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db import transaction as db_transaction
from django.db.utils import DataError
from django.test.utils import CaptureQueriesContext

from paymentprocessor.database.prepared import Statement
from tests.threads import at_once

pytestmark = pytest.mark.django_db

WAIT_FOR_A_WAITER = """
DO $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (
            SELECT FROM pg_locks
             WHERE locktype = 'advisory' AND NOT granted
               AND database = (SELECT oid FROM pg_database
                                WHERE datname = current_database()));
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$
"""
AN_ID = UUID("01a205a3-9357-7124-8908-6a8fb3e30fb1")
AN_INSTANT = datetime(2026, 2, 28, 23, 59, 59, 120000, tzinfo=UTC)
OLDEST = datetime(1, 1, 1, tzinfo=UTC)

VALUES = [
    ("boolean", True),
    ("boolean", False),
    ("bytea", b"\x00\\x\xff"),
    ("bytea", b""),
    ("bigint", 1 - 2**63),
    ("smallint", 7),
    ("integer", 0),
    ("text", 'é "quoted" \\ {brace}, $1 %s\n'),
    ("text", ""),
    ("varchar", "NULL"),
    ("timestamptz", AN_INSTANT),
    ("timestamptz", OLDEST),
    ("numeric", Decimal("-0.00000001")),
    ("numeric", Decimal("99999999999999999999.99999999")),
    ("numeric", Decimal("1E+3")),
    ("uuid", AN_ID),
    ("uuid", None),
]


class TestStatement:
    @pytest.mark.parametrize(("type_", "value"), VALUES)
    def test_brings_every_value_back_as_it_was(self, type_, value):
        statement = Statement(f"SELECT %(value)s::{type_}, %(value)s::{type_}")

        assert statement.rows({"value": value}) == [(value, value)]

    @pytest.mark.parametrize(("type_", "value"), VALUES)
    def test_reads_as_djangos_own_cursor_does(self, type_, value):
        statement = Statement(f"SELECT %(value)s::{type_}")
        seen = statement.rows({"value": value})

        with CaptureQueriesContext(connection):
            of_django = statement.rows({"value": value})

        assert [tuple(map(_bytes, row)) for row in of_django] == seen

    @pytest.mark.parametrize(
        ("type_", "values"),
        [
            ("uuid", [AN_ID, None]),
            ("text", ['"', "\\", "{}", ",", "NULL", "", " é ", None]),
            ("numeric", [Decimal("1.50")]),
            ("text", []),
        ],
    )
    def test_sends_lists_as_arrays(self, type_, values):
        statement = Statement(f"SELECT unnest(%(values)s::{type_}[])")

        assert statement.rows({"values": values}) == [(value,) for value in values]

    def test_sends_spans_of_time(self):
        span = timedelta(days=36_500, hours=-5, microseconds=1)
        statement = Statement("SELECT %(at)s::timestamptz - %(span)s::interval")

        [(before,)] = statement.rows({"at": AN_INSTANT, "span": -span / 100})

        assert before == AN_INSTANT + span / 100

    def test_reads_json(self):
        statement = Statement("""SELECT '{"a": [1, null]}'::json, '[]'::json""")

        assert statement.rows({}) == [({"a": [1, None]}, [])]

    def test_keeps_per_cents_of_its_own(self):
        assert Statement("SELECT 7 %% 4, %(n)s::int").rows({"n": 1}) == [(3, 1)]

    @pytest.mark.parametrize("value", ["a\0b", ["a\0b"]])
    def test_refuses_what_libpq_would_cut_off(self, value):
        with pytest.raises(DataError):
            Statement("SELECT %(value)s::text").rows({"value": value})

    def test_is_seen_by_whoever_looks_at_the_queries(self):
        statement = Statement("SELECT 'look at me'")
        statement.rows({})

        with CaptureQueriesContext(connection) as captured:
            statement.rows({})

        assert [query["sql"] for query in captured] == ["SELECT 'look at me'"]

    def test_is_prepared_once_on_a_connection(self):
        statement = Statement("SELECT count(*) FROM pg_prepared_statements")

        [(first,)] = statement.rows({})

        assert statement.rows({}) == [(first,)]

    def test_is_planned_once_whatever_it_is_executed_with(self):
        statement = Statement("SELECT id FROM users_user WHERE id = ANY(%(ids)s)")
        for _ in range(7):
            statement.rows({"ids": [AN_ID]})

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE 'SELECT id FROM users_user%'"
            )

            assert cursor.fetchall() == [(7, 0)]

    @pytest.mark.parametrize(
        ("sql", "error"),
        [
            ("INSERT INTO fx_currency SELECT * FROM fx_currency", IntegrityError),
            ("SELECT 1 / %(value)s::int", DataError),
            ("SELECT %(value)s::uuid", DataError),
        ],
    )
    def test_fails_as_any_query_of_djangos(self, sql, error):
        with pytest.raises(error) as failure, db_transaction.atomic():
            Statement(sql).rows({"value": 0})

        assert failure.value.__cause__.sqlstate
        assert Statement("SELECT 1").rows({}) == [(1,)]

    def test_names_the_constraint_that_was_broken(self):
        copy = "INSERT INTO fx_currency SELECT * FROM fx_currency WHERE code = 'USD'"

        with pytest.raises(IntegrityError) as failure, db_transaction.atomic():
            Statement(copy).rows({})

        assert failure.value.__cause__.diag.constraint_name == "fx_currency_pkey"


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    @pytest.mark.parametrize(("type_", "value"), VALUES)
    def test_begin_with_any_value(self, type_, value):
        statement = Statement(f"SELECT %(value)s::{type_}")

        with db_transaction.atomic():
            seen = [statement.rows({"value": value}) for _ in range(2)]

        assert seen == [[(value,)], [(value,)]]

    def test_begin_with_the_first_statement_and_end_as_any(self):
        add = Statement("INSERT INTO fx_currency VALUES ('QQQ', 'Q', 2, true)")

        with db_transaction.atomic(durable=True):
            add.rows({})
            db_transaction.set_rollback(True)

        assert Statement("SELECT FROM fx_currency WHERE code = 'QQQ'").rows({}) == []

    def test_are_not_begun_outside_of_a_block(self):
        number = Statement("SELECT txid_current()")

        assert number.rows({}) != number.rows({})

    def test_are_told_when_the_connection_is_gone(self):
        kill = Statement("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(OperationalError), db_transaction.atomic(durable=True):
            kill.rows({})
        # Django has noticed it, and opens another one.
        assert Statement("SELECT 1").rows({}) == [(1,)]

    def test_begin_with_more_than_a_socket_has_room_for(self):
        statement = Statement("SELECT %(value)s::text")
        much = "0123456789" * 1_000_000

        with db_transaction.atomic(durable=True):
            assert statement.rows({"value": much}) == [(much,)]

    def test_keep_no_other_thread_waiting(self):
        """While one waits for a lock, the one that holds it goes on and lets it go."""
        lock = Statement("SELECT pg_advisory_xact_lock(7)::text")
        is_locked, others = Event(), Statement("SELECT count(*) FROM pg_locks")

        def hold_it():
            with db_transaction.atomic(durable=True):
                lock.rows({})
                is_locked.set()
                with connection.cursor() as cursor:
                    # Until the other one waits.
                    cursor.execute(WAIT_FOR_A_WAITER)
                others.rows({})

        def wait_for_it():
            is_locked.wait()
            with db_transaction.atomic(durable=True):
                lock.rows({})

        assert at_once([hold_it, wait_for_it]) == [None, None]


def _bytes(value):
    return bytes(value) if isinstance(value, memoryview) else value
