"""The audit finds what somebody with power over the database has changed."""

import json
import time

import pytest
from django.core.management import call_command
from django.db import connection

from tests.domain import book, convert, fund, transfer
from transactions.audit import audit
from transactions.models import Fold, FoldTotal
from transactions.services import fold_totals
from wallets.models import Wallet

pytestmark = [pytest.mark.django_db, pytest.mark.books_are_broken]

_TRIGGERED = [
    "transactions_transaction",
    "transactions_entry",
    "transactions_conversion",
    "transactions_idempotencykey",
    "transactions_limitseries",
    "transactions_limituse",
    "transactions_hold",
    "transactions_positionstep",
    "wallets_wallet",
    "fx_quote",
]


def sabotage(sql, parameters=()):
    """Do it with the triggers off, and put them back as they were."""
    with connection.cursor() as cursor:
        # Constraint triggers that wait would keep the tables from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        assert cursor.rowcount, "the sabotage hit nothing"
        for table in _TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
            " WHERE NOT tgisinternal"
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def broken():
    """The names of the laws that the audit finds broken."""
    return {check.name for check in audit().checks if check.offenders}


@pytest.fixture
def books(alice, bob, rates):
    fund(alice, "100.00 USD")
    transfer(alice, "30.00 USD", to=bob)
    convert(alice, "20.00 USD", to="MXN")
    return Wallet.objects.get(owner=alice, currency="USD")


class TestAudit:
    def test_finds_nothing_in_sound_books(self, books):
        assert audit().is_clean

    def test_finds_nothing_in_empty_books(self):
        assert audit().is_clean

    def test_finds_a_balance_changed_by_hand(self, books):
        sabotage(
            "UPDATE wallets_wallet SET balance = balance + 1 WHERE id = %s", [books.id]
        )

        assert broken() == {"wallets_stand_at_their_last_entry"}

    def test_finds_an_entry_changed_with_triggers_off(self, books):
        sabotage(
            "UPDATE transactions_entry SET amount = amount + 1"
            " WHERE wallet_id = %s AND wallet_version = 1",
            [books.id],
        )

        assert broken() == {"entries_balance", "versions_have_no_gap"}

    def test_finds_both_sides_of_a_transaction_changed_alike(self, books):
        sabotage(
            "UPDATE transactions_entry SET amount = amount + 1 WHERE transaction_id ="
            " (SELECT id FROM transactions_transaction WHERE type = 'fund')"
        )

        assert broken() == {"versions_have_no_gap"}

    def test_finds_a_missing_wallet_version(self, books):
        sabotage(
            "DELETE FROM transactions_entry"
            " WHERE wallet_id = %s AND wallet_version = 2",
            [books.id],
        )

        assert {"versions_have_no_gap", "lines_are_complete"} <= broken()

    def test_finds_the_last_version_missing(self, books):
        sabotage(
            "DELETE FROM transactions_entry"
            " WHERE wallet_id = %s AND wallet_version = 3",
            [books.id],
        )

        assert "wallets_stand_at_their_last_entry" in broken()

    def test_finds_a_whole_transaction_missing(self, books):
        fold_totals()
        sabotage(
            "DELETE FROM transactions_entry WHERE transaction_id IN"
            " (SELECT id FROM transactions_transaction WHERE type = 'transfer')"
        )

        assert {"versions_have_no_gap", "lines_are_complete"} <= broken()

    def test_finds_an_entry_moved_to_another_wallet(self, books, bob):
        sabotage(
            "UPDATE transactions_entry SET wallet_id ="
            " (SELECT id FROM wallets_wallet WHERE owner_id = %s)"
            " WHERE wallet_id = %s AND wallet_version = 3",
            [bob.id, books.id],
        )

        assert {"versions_have_no_gap", "wallets_stand_at_their_last_entry"} <= broken()

    def test_finds_a_conversion_with_another_price(self, books):
        sabotage("UPDATE transactions_conversion SET client_rate = client_rate * 2")

        assert broken() == {
            "conversions_explain_their_entries",
            "conversions_recompute",
        }

    def test_finds_a_conversion_that_its_rates_do_not_give(self, books):
        # The figures agree with each other and the entries, but not with the rates.
        sabotage("UPDATE transactions_conversion SET mid_rate = mid_rate + 1")

        assert broken() == {"conversions_recompute"}

    def test_finds_a_conversion_without_its_figures(self, books):
        sabotage("DELETE FROM transactions_conversion")

        assert broken() == {"conversions_explain_their_entries"}

    def test_finds_a_backdated_entry(self, books):
        sabotage(
            "UPDATE transactions_entry SET recorded_at = recorded_at - interval '1 day'"
            " WHERE wallet_id = %s",
            [books.id],
        )

        assert broken() == {"entries_have_the_time_of_their_transactions"}

    def test_finds_a_law_switched_off(self, books):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE transactions_entry"
                " DISABLE TRIGGER transactions_entries_balance"
            )

        assert broken() == {"laws_are_in_force"}

    def test_finds_a_constraint_dropped(self, books):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE wallets_wallet"
                " DROP CONSTRAINT wallets_available_never_negative"
            )

        assert broken() == {"laws_are_in_force"}

    def test_finds_that_a_transaction_could_be_reversed_twice(self, books):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP INDEX transactions_reversed_once")

        assert broken() == {"laws_are_in_force"}


class TestWriters:
    def test_of_another_server_are_found(self, books):
        sabotage("UPDATE transactions_transaction SET xid = '123456789012'::xid8")

        assert broken() == {"writers_are_in_the_past"}


class TestFoldAudit:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_finds_a_house_entry_changed_behind_a_fold(self, books):
        while not FoldTotal.objects.filter(fold_id=fold(), currency="MXN").exists():
            # Somebody else's transaction on this server is still at work.
            time.sleep(0.05)
        sabotage("UPDATE transactions_entry SET amount = 1 WHERE currency = 'MXN'")

        assert "folds_are_the_sum" in broken()


class TestPositionAudit:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture(autouse=True)
    def _booked(self, books, alice):
        convert(alice, "10.00 USD", to="MXN")
        book()

    def test_finds_nothing_in_a_sound_book(self):
        assert audit().is_clean

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE transactions_positionstep SET change = change + 1 WHERE number = 1",
            "UPDATE transactions_positionstep SET position = 0 WHERE number = 2",
            "UPDATE transactions_positionstep SET cost = cost + 1 WHERE number = 2",
            "UPDATE transactions_positionstep SET value = 0 WHERE number = 1",
            "UPDATE transactions_positionstep SET number = 7 WHERE number = 2",
            "DELETE FROM transactions_positionstep WHERE number = 2",
            "UPDATE transactions_positionstep SET recorded_at = recorded_at - interval"
            " '1 day' WHERE number = 2",
            # A trade of which the book knows nothing, from before it was written.
            "UPDATE transactions_positionbook SET booked_until = booked_until"
            " + interval '1 day'; SELECT 1",
        ],
    )
    def test_finds_a_book_changed_by_hand(self, sql, alice):
        convert(alice, "1.00 USD", to="MXN")
        sabotage(sql)

        assert broken() == {"positions_follow_entries"}


def fold():
    fold_totals()
    return Fold.objects.order_by("pk").values_list("pk", flat=True).last()


class TestCommand:
    def test_exits_with_zero_and_says_so_when_clean(self, books, capsys):
        call_command("audit_ledger")

        assert "The books add up: 3 transactions" in capsys.readouterr().out

    def test_exits_with_one_and_names_the_offender(self, books, capsys):
        sabotage(
            "UPDATE wallets_wallet SET balance = balance + 1 WHERE id = %s", [books.id]
        )

        with pytest.raises(SystemExit) as exit_:
            call_command("audit_ledger")

        assert exit_.value.code == 1
        printed = capsys.readouterr().out
        assert f"wallet {books.id}: balance 51.00000000 at version 3" in printed
        assert "do NOT add up" in printed

    def test_prints_json(self, books, capsys):
        sabotage(
            "UPDATE wallets_wallet SET balance = balance + 1 WHERE id = %s", [books.id]
        )

        with pytest.raises(SystemExit):
            call_command("audit_ledger", json=True)

        report = json.loads(capsys.readouterr().out)
        assert report["clean"] is False
        [check] = [check for check in report["checks"] if check["offenders"]]
        assert check["first"][0]["offender"] == f"wallet {books.id}"
