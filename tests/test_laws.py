"""The laws of the ledger, as PostgreSQL keeps them against anybody connected."""

import json
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.db import transaction as db_transaction

from tests.domain import convert, fund, holdings
from transactions.models import Entry, Transaction
from wallets.models import Purpose, Wallet, house_account_id

pytestmark = pytest.mark.django_db

_TABLES = {
    "transactions_transaction": "description = 'forged'",
    "transactions_entry": "amount = amount + 1",
    "transactions_conversion": "client_rate = client_rate + 1",
    "transactions_batch": "refusals = '{}'",
    "fx_rate": "bid = bid + 1, ask = ask + 1",
}


def refused(sql, parameters=(), *, error=psycopg.errors.RestrictViolation, says="."):
    """Run the SQL, which PostgreSQL must refuse with that error and those words."""
    with pytest.raises(DatabaseError, match=says) as caught:
        _execute(sql, parameters)
    assert isinstance(caught.value.__cause__, error), caught.value.__cause__


def _execute(sql, parameters):
    with db_transaction.atomic(), connection.cursor() as cursor:
        # What waits for the end of the transaction would be in the way of TRUNCATE.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, parameters)


@pytest.fixture
def moved(alice, rates):
    fund(alice, "100.00 USD")
    return convert(alice, "40.00 USD", to="MXN")


class TestAppendOnly:
    @pytest.mark.parametrize(("table", "change"), _TABLES.items())
    def test_refuses_to_update(self, moved, table, change):
        refused(f"UPDATE {table} SET {change}")

    @pytest.mark.parametrize("table", _TABLES)
    def test_refuses_to_delete(self, moved, table):
        refused(f"DELETE FROM {table}")

    @pytest.mark.parametrize(
        "table",
        [*_TABLES, "wallets_wallet", "users_user", "users_apikey"],
    )
    def test_refuses_to_truncate(self, moved, table):
        refused(f"TRUNCATE {table} CASCADE")

    @pytest.mark.parametrize("table", ["wallets_wallet", "users_user", "users_apikey"])
    def test_refuses_to_remove_who_and_what_the_books_name(self, moved, table):
        refused(f"DELETE FROM {table}")

    def test_refuses_also_where_ordinary_triggers_are_off(self, moved):
        refused(
            "SET LOCAL session_replication_role = replica;"
            " DELETE FROM transactions_entry"
        )

    def test_refuses_to_change_what_was_told_under_a_key(self, alice):
        fund(alice, "1.00 USD", idempotency_key="k", fingerprint=b"f")

        refused("UPDATE transactions_idempotencykey SET fingerprint = 'x'")


class TestEntries:
    """Statements that insert entries by hand, each wrong in one way."""

    def insert(self, *entries, transaction_id=None, wallet=None):
        """SQL and parameters of one statement that writes a transaction whole."""
        new = transaction_id is None
        transaction_id = transaction_id or str(uuid4())
        rows = [
            {"transaction_id": transaction_id, "line": number} | entry
            for number, entry in enumerate(entries, start=1)
        ]
        return (
            """
            WITH t AS (
                INSERT INTO transactions_transaction
                    (id, type, description, metadata, effective_at)
                SELECT %s::uuid, 'adjustment', '', '{}', now() WHERE %s
            ), w AS (
                UPDATE wallets_wallet SET balance = new.balance, version = new.version
                  FROM json_to_recordset(%s) AS new
                       (id uuid, balance numeric, version bigint)
                 WHERE wallets_wallet.id = new.id
            )
            INSERT INTO transactions_entry
                (transaction_id, line, wallet_id, side, amount, currency,
                 balance_after, wallet_version, recorded_at)
            SELECT transaction_id, line, wallet_id, side, amount, currency,
                   balance_after, wallet_version, now()
              FROM json_to_recordset(%s) AS row
                   (transaction_id uuid, line smallint, wallet_id uuid, side text,
                    amount numeric, currency text, balance_after numeric,
                    wallet_version bigint)
            """,
            [
                transaction_id,
                new,
                json.dumps([wallet] if wallet else []),
                json.dumps(rows),
            ],
        )

    @pytest.fixture
    def wallet(self, alice):
        fund(alice, "10.00 USD")
        return Wallet.objects.get(owner=alice)

    def house(self, side, amount="5", purpose=Purpose.CASH, currency="USD"):
        return {
            "wallet_id": str(house_account_id(purpose, currency)),
            "side": side,
            "amount": amount,
            "currency": currency,
        }

    def customer(self, wallet, side="credit", amount="5", **more):
        entry = {
            "wallet_id": str(wallet.id),
            "side": side,
            "amount": amount,
            "currency": "USD",
            "balance_after": "15",
            "wallet_version": 2,
        }
        return entry | more

    def grown(self, wallet, balance="15", version=2):
        return {"id": str(wallet.id), "balance": balance, "version": version}

    def check(self, sql_and_parameters, error=psycopg.errors.CheckViolation, says="."):
        refused(*sql_and_parameters, error=error, says=says)

    @pytest.mark.books_are_broken
    def test_accepts_both_sides_that_fit(self, wallet, alice):
        sql, parameters = self.insert(
            self.house("debit"), self.customer(wallet), wallet=self.grown(wallet)
        )

        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)

        assert holdings(alice) == {"USD": "15.00"}

    def test_refuses_one_side_alone(self, wallet):
        self.check(self.insert(self.house("debit")), says="debits and credits differ")

    def test_refuses_sides_that_differ(self, wallet):
        self.check(
            self.insert(self.house("debit"), self.house("credit", amount="4.99")),
            says="debits and credits differ",
        )

    def test_refuses_balance_across_currencies(self, wallet, rates, alice):
        fund(alice, "1 JPY")

        self.check(
            self.insert(self.house("debit"), self.house("credit", currency="JPY")),
            says="debits and credits differ",
        )

    def test_refuses_more_entries_for_a_transaction_of_the_past(self, wallet):
        past = str(Transaction.objects.get().pk)

        self.check(
            self.insert(self.house("debit"), self.house("credit"), transaction_id=past),
            error=psycopg.errors.UniqueViolation,
        )

    def test_refuses_lines_that_start_later(self, wallet):
        past = str(Transaction.objects.get().pk)

        self.check(
            self.insert(
                self.house("debit") | {"line": 3},
                self.house("credit") | {"line": 4},
                transaction_id=past,
            ),
            says="not the lines of one transaction",
        )

    def test_refuses_entries_of_no_transaction(self, wallet):
        self.check(
            self.insert(
                self.house("debit"), self.house("credit"), transaction_id=str(uuid4())
            ),
            says="not the lines of one transaction",
        )

    def test_refuses_a_wallet_that_is_not_there(self, wallet):
        nowhere = self.house("debit") | {"wallet_id": str(uuid4())}

        self.check(
            self.insert(nowhere, self.house("credit")), says="does not fit its wallet"
        )

    def test_refuses_another_currency_than_the_wallets(self, wallet):
        yen = {"currency": "JPY"}

        self.check(
            self.insert(self.house("debit") | yen, self.house("credit") | yen),
            says="does not fit its wallet",
        )

    def test_refuses_a_customers_entry_without_a_version(self, wallet):
        self.check(
            self.insert(
                self.house("debit"), self.customer(wallet, wallet_version=None)
            ),
            says="does not fit its wallet",
        )

    def test_refuses_a_version_that_leaves_a_gap(self, wallet):
        self.check(
            self.insert(
                self.house("debit"),
                self.customer(wallet, wallet_version=3),
                wallet=self.grown(wallet, version=3),
            ),
            says="does not continue its wallet",
        )

    def test_refuses_a_version_twice(self, wallet):
        self.check(
            self.insert(
                self.house("debit"),
                self.customer(wallet, wallet_version=1, balance_after="5"),
            ),
            error=psycopg.errors.UniqueViolation,
        )

    def test_refuses_a_balance_after_that_is_not_the_sum(self, wallet):
        self.check(
            self.insert(
                self.house("debit"),
                self.customer(wallet, balance_after="16"),
                wallet=self.grown(wallet, balance="16"),
            ),
            says="does not continue its wallet",
        )

    def test_refuses_a_wallet_that_did_not_move_with_its_entry(self, wallet):
        self.check(
            self.insert(self.house("debit"), self.customer(wallet)),
            says="does not continue its wallet",
        )

    @pytest.mark.parametrize("amount", ["0", "-5"])
    def test_refuses_amounts_that_are_not_positive(self, wallet, amount):
        self.check(
            self.insert(
                self.house("debit", amount=amount), self.house("credit", amount=amount)
            )
        )

    def test_refuses_a_third_side(self, wallet):
        self.check(self.insert(self.house("debit"), self.house("third")))


class TestWallets:
    def test_refuses_to_overdraw(self, alice):
        fund(alice, "10.00 USD")

        refused(
            "UPDATE wallets_wallet SET balance = -0.01, version = version + 1"
            " WHERE owner_id IS NOT NULL",
            error=psycopg.errors.CheckViolation,
        )

    def test_refuses_to_hold_more_than_there_is(self, alice):
        fund(alice, "10.00 USD")

        refused(
            "UPDATE wallets_wallet SET held = 10.01 WHERE owner_id IS NOT NULL",
            error=psycopg.errors.CheckViolation,
        )

    def test_refuses_a_balance_that_moves_without_its_version(self, alice):
        fund(alice, "10.00 USD")

        refused("UPDATE wallets_wallet SET balance = 11 WHERE owner_id IS NOT NULL")

    def test_refuses_a_version_that_goes_back(self, alice):
        fund(alice, "10.00 USD")

        refused("UPDATE wallets_wallet SET version = 0 WHERE owner_id IS NOT NULL")

    @pytest.mark.parametrize(
        "change", ["owner_id = %(bob)s", "currency_id = 'EUR'", "id = %(id)s"]
    )
    def test_refuses_to_become_another(self, alice, bob, change):
        refused(
            f"UPDATE wallets_wallet SET {change} WHERE owner_id = %(alice)s",
            {"bob": bob.id, "alice": alice.id, "id": uuid4()},
        )

    def test_refuses_a_second_live_wallet_in_a_currency(self, alice):
        refused(
            "INSERT INTO wallets_wallet (id, owner_id, currency_id, purpose, balance,"
            " held, overdraft_limit, version, status)"
            " VALUES (%s, %s, 'USD', 'customer', 0, 0, 0, 0, 'active')",
            [uuid4(), alice.id],
            error=psycopg.errors.UniqueViolation,
        )

    def test_refuses_a_balance_on_the_row_of_a_house_account(self, alice):
        refused(
            "UPDATE wallets_wallet SET balance = 1, version = 1 WHERE owner_id IS NULL",
            error=psycopg.errors.CheckViolation,
        )


class TestReference:
    def test_names_one_transaction_of_a_user_for_ever(self, alice):
        fund(alice, "1.00 USD", reference="order-7")

        refused(
            "INSERT INTO transactions_transaction"
            " (id, type, owner_id, reference, description, metadata, effective_at)"
            " VALUES (%s, 'fund', %s, 'order-7', '', '{}', now())",
            [uuid4(), alice.id],
            error=psycopg.errors.UniqueViolation,
        )


class TestNothingWasWritten:
    def test_by_any_refused_statement(self, moved):
        before = list(Entry.objects.values_list())

        for table in _TABLES:
            refused(f"DELETE FROM {table}")

        assert list(Entry.objects.values_list()) == before
