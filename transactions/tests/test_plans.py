"""Which rows a movement reads: those it is about, however many others there are."""

from collections import Counter

import pytest
from django.db import connection
from django.db import transaction as db_transaction

from tests.counts import counted
from tests.domain import fund, reverse
from tests.factories import CustomerFactory
from wallets.models import house_account_id

pytestmark = pytest.mark.django_db(transaction=True)

MOVEMENTS = 7
# The wallet is found, locked, written, and looked at by two laws.
OF_A_FUND = 5
# The owner is looked at along with the locks, and by a foreign key.
OF_ITS_OWNER = 2


@pytest.fixture
def crowd(alice):
    """So many that to look all wallets through is cheaper than many look-ups."""
    everybody = [alice, *CustomerFactory.create_batch(30)]
    count()
    return everybody


def count():
    """Let PostgreSQL count them, by which it plans."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE wallets_wallet, users_user")


def rows_read(*tables):
    """How many rows of these tables this database read, by an index or without."""
    read = Counter(counted("seq_tup_read")) + Counter(counted("idx_tup_fetch"))
    return sum(read[table] for table in tables)


class TestMovements:
    def test_look_up_what_they_are_about(self, crowd, alice):
        before = rows_read("wallets_wallet", "users_user")

        for _ in range(MOVEMENTS):
            fund(alice, "1.00 USD")

        read = rows_read("wallets_wallet", "users_user") - before
        assert read == MOVEMENTS * (OF_A_FUND + OF_ITS_OWNER)

    def test_do_so_whatever_came_first_on_the_connection(self, crowd, alice):
        wrong = fund(alice, "1.00 USD")
        connection.close()
        # It reads what it is to reverse by the ORM, which begins its transaction.
        reverse(wrong)
        before = rows_read("wallets_wallet", "users_user")

        for _ in range(MOVEMENTS):
            fund(alice, "1.00 USD")

        read = rows_read("wallets_wallet", "users_user") - before
        assert read == MOVEMENTS * (OF_A_FUND + OF_ITS_OWNER)

    def test_do_so_although_there_were_few_when_they_were_counted(self, alice):
        count()
        CustomerFactory.create_batch(30)
        connection.close()
        before = rows_read("wallets_wallet")

        for _ in range(MOVEMENTS):
            fund(alice, "1.00 USD")

        # It may be found twice.
        assert rows_read("wallets_wallet") - before <= MOVEMENTS * (OF_A_FUND + 1)

    def test_do_so_after_a_batch_too(self, crowd, alice, platform):
        batch = [
            {"type": "fund", "user_id": str(one.id), "amount": "1", "currency": "USD"}
            for one in crowd
        ]
        connection.close()
        before = rows_read("wallets_wallet")

        answer = platform.post("/v1/batches", {"items": batch * 10, "atomic": True})
        for _ in range(MOVEMENTS):
            fund(alice, "1.00 USD")

        assert answer.status_code == 201
        read = rows_read("wallets_wallet") - before
        assert read <= (len(batch) * 10 + MOVEMENTS) * OF_A_FUND


class TestLaws:
    def test_look_up_what_they_are_about_whoever_writes(self, crowd):
        before = rows_read("wallets_wallet")

        with db_transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "WITH moved AS (INSERT INTO transactions_transaction"
                " (id, type, description, metadata, effective_at)"
                " VALUES (gen_random_uuid(), 'adjustment', '', '{}', now())"
                " RETURNING id, recorded_at)"
                "INSERT INTO transactions_entry"
                " (transaction_id, line, wallet_id, side, amount, currency,"
                " recorded_at)"
                " SELECT moved.id, line, wallet_id, side, 1, 'USD', moved.recorded_at"
                " FROM moved, (VALUES (1, %s::uuid, 'debit'), (2, %s::uuid, 'credit'))"
                " AS row (line, wallet_id, side)",
                [house_account_id(purpose, "USD") for purpose in ("cash", "suspense")],
            )

        # Each of the two: they are no customers', whose versions would be compared.
        assert rows_read("wallets_wallet") == before + 2
