"""How many rows a request writes, which is most of what it costs PostgreSQL."""

import pytest

from tests.counts import counted
from tests.domain import charge, convert, fund
from transactions import ledger
from transactions.models import Conversion, Entry, Transaction

pytestmark = pytest.mark.django_db(transaction=True)

# Two entries, and no row for the event: the transaction is that.
MOVEMENT = {
    "transactions_transaction": 1,
    "transactions_entry": 2,
    "transactions_idempotencykey": 1,
}
CONVERSION = MOVEMENT | {"transactions_entry": 5, "transactions_conversion": 1}
# By the database.
WRITTEN_ITSELF = {"effective_at", "recorded_at", "xid"}
USD = {"currency": "USD", "amount": "10.00"}
ITEMS = 20


def difference(before, after):
    return {
        table: count - before.get(table, 0)
        for table, count in after.items()
        if count != before.get(table, 0)
    }


class TestRowsWritten:
    @pytest.fixture(autouse=True)
    def _wallets_are_open(self, platform, alice, bob, rates):
        # The key's first use is written down.
        platform.get(f"/v1/wallets/{alice.id}")
        fund(alice, "1000.00 USD")
        fund(alice, "1.00 MXN")
        fund(bob, "1.00 USD")
        # What the house takes in is a line of its own.
        charge(spread_bps="50")

    def written(self, platform, path, body):
        """By table: rows inserted, rows updated, and rows deleted."""
        figures = ("n_tup_ins", "n_tup_upd", "n_tup_del")
        before = [counted(figure) for figure in figures]
        answer = platform.post(path, body, idempotency_key="once")
        assert answer.status_code == 201, answer.content
        after = [counted(figure) for figure in figures]
        return tuple(map(difference, before, after))

    @pytest.mark.parametrize("action", ["fund", "withdraw"])
    def test_by_money_in_and_out(self, platform, alice, action):
        written = self.written(platform, f"/v1/wallets/{alice.id}/{action}", USD)

        assert written == (MOVEMENT, {"wallets_wallet": 1}, {})

    def test_by_a_transfer(self, platform, alice, bob):
        body = USD | {"to_user_id": str(bob.id)}

        written = self.written(platform, f"/v1/wallets/{alice.id}/transfer", body)

        assert written == (MOVEMENT, {"wallets_wallet": 2}, {})

    def test_by_a_conversion(self, platform, alice):
        body = {"from_currency": "USD", "to_currency": "MXN", "amount": "10.00"}

        written = self.written(platform, f"/v1/wallets/{alice.id}/convert", body)

        assert written == (CONVERSION, {"wallets_wallet": 2}, {})

    def test_have_every_column(self, alice, monkeypatch):
        """They are not made by their models, who would not forget one."""
        seen = {}
        make = ledger.rows_of
        monkeypatch.setattr(
            ledger, "rows_of", lambda pairs: seen.update(rows := make(pairs)) or rows
        )

        convert(alice, "10.00 USD", to="MXN")

        for name, model in [
            ("transactions", Transaction),
            ("conversions", Conversion),
            ("entries", Entry),
        ]:
            columns = {field.attname for field in model._meta.concrete_fields}
            assert all(row.keys() == columns - WRITTEN_ITSELF for row in seen[name])

    def test_by_a_batch(self, platform, alice):
        item = {"type": "fund", "user_id": str(alice.id)} | USD

        written = self.written(
            platform, "/v1/batches", {"items": [item] * ITEMS, "atomic": True}
        )

        # One key and one row of its own for all items, and the wallet once.
        inserted = {
            "transactions_transaction": ITEMS,
            "transactions_entry": 2 * ITEMS,
            "transactions_idempotencykey": 1,
            "transactions_batch": 1,
        }
        assert written == (inserted, {"wallets_wallet": 1}, {})
