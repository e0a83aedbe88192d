"""The laws of holds: by PostgreSQL against anybody connected, and by the audit."""

from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from tests.domain import capture, fund, hold, void
from tests.test_audit import broken, sabotage
from tests.test_laws import refused
from transactions.services import expire_holds
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

CHECK = psycopg.errors.CheckViolation


@pytest.fixture
def placed(alice, bob):
    fund(alice, "100.00 USD")
    return hold(alice, "60.00 USD", to=bob)


class TestHoldRows:
    def insert(self, placed, **changed):
        columns = {
            "id": uuid4(),
            "owner_id": placed.hold.owner_id,
            "wallet_id": placed.hold.wallet_id,
            "currency": "USD",
            "amount": 5,
            "captured": 0,
            "status": "active",
            "expires_at": placed.hold.expires_at,
            "description": "",
            "metadata": "{}",
            "void_reason": "",
        } | changed
        names = ", ".join(columns)
        marks = ", ".join(["%s"] * len(columns))
        return (
            f"INSERT INTO transactions_hold ({names}) VALUES ({marks})",
            list(columns.values()),
        )

    @pytest.mark.books_are_broken
    def test_may_be_added(self, placed):
        sql, parameters = self.insert(placed)

        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)

        # Only that nothing holds the money yet, which the audit finds.
        assert broken() == {"wallets_hold_what_is_promised"}

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"captured": 1}, "active and untouched"),
            ({"status": "voided"}, "active and untouched"),
            ({"currency": "EUR"}, "does not fit its wallet"),
            ({"wallet_id": uuid4()}, "does not fit its wallet"),
            ({"owner_id": uuid4()}, "does not fit its wallet"),
            ({"amount": 0}, "is_not_exceeded"),
            ({"amount": -5}, "is_not_exceeded"),
            ({"fee": -1}, "is_not_exceeded"),
        ],
    )
    def test_are_refused_when_they_do_not_fit(self, placed, changed, says):
        refused(*self.insert(placed, **changed), error=CHECK, says=says)

    @pytest.mark.parametrize(
        "change",
        [
            "amount = amount + 1",
            "fee = 1",
            "to_user_id = NULL",
            "owner_id = to_user_id",
            "expires_at = expires_at + interval '1 day'",
            "created_at = created_at - interval '1 day'",
            "reference = 'x'",
            "metadata = '{\"a\": 1}'",
            "currency = 'EUR'",
        ],
    )
    def test_keep_their_terms(self, placed, change):
        refused(f"UPDATE transactions_hold SET {change}", says="keeps its terms")

    def test_are_never_exceeded(self, placed):
        refused("UPDATE transactions_hold SET captured = 60.01", error=CHECK)

    def test_never_give_back_what_was_captured(self, placed):
        capture(placed, "10.00")

        refused("UPDATE transactions_hold SET captured = 9", says="taken back")

    @pytest.mark.parametrize("end", [capture, void])
    @pytest.mark.parametrize(
        "change", ["status = 'active', ended_at = NULL, captured = 0", "captured = 1"]
    )
    def test_stay_ended(self, placed, end, change):
        end(placed)

        refused(f"UPDATE transactions_hold SET {change}", says="has ended")

    @pytest.mark.parametrize(
        "change",
        [
            "status = 'captured', ended_at = now()",
            "status = 'partially_captured', ended_at = now()",
            "status = 'voided', ended_at = now(), captured = 1",
            "status = 'voided'",
            "ended_at = now()",
            "captured = 60",
            "status = 'lost', ended_at = now()",
        ],
    )
    def test_say_how_they_ended(self, placed, change):
        refused(
            f"UPDATE transactions_hold SET {change}",
            error=CHECK,
            says="status_says_what_was_captured",
        )

    @pytest.mark.parametrize(
        "statement",
        ["DELETE FROM transactions_hold", "TRUNCATE transactions_hold CASCADE"],
    )
    def test_are_never_removed(self, placed, statement):
        refused(statement)
        refused(f"SET LOCAL session_replication_role = replica; {statement}")


class TestOtherRows:
    @pytest.mark.parametrize(
        ("type_", "with_hold"), [("capture", False), ("transfer", True)]
    )
    def test_only_captures_have_holds(self, placed, alice, type_, with_hold):
        refused(
            "INSERT INTO transactions_transaction"
            " (id, type, owner_id, description, metadata, effective_at, hold_id)"
            " VALUES (%s, %s, %s, '', '{}', now(), %s)",
            [uuid4(), type_, alice.id, placed.hold.id if with_hold else None],
            error=CHECK,
            says="captures_have_holds",
        )

    @pytest.mark.parametrize(
        "outcomes", [(), ("hold_id", "refusal"), ("hold_id", "transaction_id")]
    )
    def test_a_key_has_one_outcome(self, outcomes):
        names = ", ".join(["principal_id", "key", "fingerprint", *outcomes])
        values = ["{}" if name == "refusal" else uuid4() for name in outcomes]
        marks = ", ".join(["%s"] * (3 + len(outcomes)))

        refused(
            f"INSERT INTO transactions_idempotencykey ({names}) VALUES ({marks})",
            [uuid4(), "k", b"f", *values],
            error=CHECK,
            says="one_outcome",
        )


@pytest.mark.books_are_broken
class TestAudit:
    def test_finds_nothing_in_sound_books(self, placed, alice):
        capture(placed, "10.00")
        void(hold(alice, "5.00 USD", idempotency_key="k"), idempotency_key="l")
        expire_holds()

        assert broken() == set()

    def test_finds_what_a_wallet_holds_for_nothing(self, placed):
        sabotage("UPDATE wallets_wallet SET held = held + 1 WHERE held > 0")

        assert broken() == {"wallets_hold_what_is_promised"}

    def test_finds_a_hold_that_no_wallet_holds(self, placed):
        sabotage("UPDATE transactions_hold SET amount = amount + 1")

        assert broken() == {"wallets_hold_what_is_promised"}

    def test_finds_a_hold_revived(self, placed):
        void(placed)
        sabotage("UPDATE transactions_hold SET status = 'active', ended_at = NULL")

        assert broken() == {"wallets_hold_what_is_promised"}

    def test_finds_more_captured_than_was_paid(self, placed):
        capture(placed, "10.00", final=True)
        sabotage("UPDATE transactions_hold SET captured = 11")

        assert broken() == {"captures_add_up_to_their_holds"}

    def test_finds_another_paid_than_was_promised(self, placed, alice):
        capture(placed)
        sabotage("UPDATE transactions_hold SET to_user_id = %s", [alice.id])

        assert broken() == {"captures_add_up_to_their_holds"}

    def test_finds_a_key_without_its_hold(self, placed, alice):
        hold(alice, "1.00 USD", idempotency_key="k", fingerprint=b"f")
        sabotage("UPDATE transactions_hold SET idempotency_key = NULL")

        assert broken() == {"keys_lead_to_their_outcome"}

    @pytest.mark.parametrize(
        "trigger",
        [
            "transactions_hold_begins",
            "transactions_hold_goes_forward",
            "transactions_hold_never_removed",
        ],
    )
    def test_finds_a_law_switched_off(self, placed, trigger):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE transactions_hold DISABLE TRIGGER {trigger}")

        assert broken() == {"laws_are_in_force"}

    def test_finds_a_constraint_dropped(self, placed):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE transactions_hold"
                " DROP CONSTRAINT transactions_hold_is_not_exceeded"
            )

        assert broken() == {"laws_are_in_force"}
        assert Wallet.objects.filter(held__gt=0).count() == 1
