"""The laws of limits, kept by PostgreSQL and looked after by the audit."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from tests.domain import at_most, convert, fund, transfer, withdraw
from tests.passing import let_pass
from tests.test_audit import broken, sabotage
from tests.test_laws import refused
from transactions.audit import audit
from transactions.services import prune_limit_uses
from wallets.models import Limit, Wallet
from wallets.services import end_limit

pytestmark = pytest.mark.django_db

_CHECKED = psycopg.errors.CheckViolation
_RULE = {
    "id": "gen_random_uuid()", "window": "'day'", "max_amount": "1", "unit_id": "'USD'",
    "currency": "'USD'", "tier": "''", "type": "''", "reason": "''", "end_reason": "''",
}  # fmt: skip


def insert(**columns):
    said = {f'"{name}"': value for name, value in (_RULE | columns).items()}
    return (
        f"INSERT INTO wallets_limit ({', '.join(said)})"
        f" VALUES ({', '.join(said.values())})"
    )


class TestRules:
    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"window": "'year'"}, "wallets_limit_window"),
            ({"type": "'refund'"}, "wallets_limit_type"),
            ({"tier": "'VIP'"}, "wallets_limit_tier_is_a_word"),
            ({"max_amount": "0"}, "wallets_limit_amount_positive"),
            ({"max_amount": "NULL"}, "wallets_limit_limits_something"),
            ({"max_count": "-1"}, "wallets_limit_count_not_negative"),
            (
                {"max_count": "1", "window": "'operation'"},
                "wallets_limit_of_operation_has_no_count",
            ),
            ({"unit_id": "'EUR'"}, "wallets_limit_is_in_its_currency"),
            ({"unit_id": "NULL"}, "wallets_limit_"),
            ({"unit_id": "NULL", "currency": "''"}, "wallets_limit_amount_positive"),
        ],
    )
    def test_make_sense(self, columns, constraint):
        refused(insert(**columns), error=_CHECKED, says=constraint)

    def test_are_about_one_subject(self, alice):
        wallet = Wallet.objects.get(owner=alice)
        ids = {"user_id": f"'{alice.id}'", "wallet_id": f"'{wallet.id}'"}
        one = "wallets_limit_has_one_subject"

        refused(insert(**ids), error=_CHECKED, says=one)
        for name, id_ in ids.items():
            refused(insert(tier="'vip'", **{name: id_}), error=_CHECKED, says=one)

    def test_of_a_wallet_are_in_its_currency(self, alice):
        wallet = Wallet.objects.get(owner=alice)
        columns = {"wallet_id": f"'{wallet.id}'", "currency": "''"}

        refused(
            insert(**columns),
            error=_CHECKED,
            says="wallets_limit_of_wallet_has_its_currency",
        )

    def test_are_one_per_scope(self):
        at_most("1.00 USD", per="day")

        refused(
            insert(),
            error=psycopg.errors.UniqueViolation,
            says="wallets_one_limit_per_scope",
        )

    @pytest.mark.parametrize(
        "change",
        ["max_amount = 2", "tier = 'vip'", "reason = 'another'", "ended_at = NULL"],
    )
    def test_are_never_edited(self, change):
        at_most("1.00 USD", per="day")

        refused(f"UPDATE wallets_limit SET {change}", says="ends once")

    def test_end_once(self):
        end_limit(at_most("1.00 USD", per="day").id, reason="Over")

        refused("UPDATE wallets_limit SET ended_at = now()", says="ends once")

    def test_are_never_removed(self):
        at_most("1.00 USD", per="day")

        refused("DELETE FROM wallets_limit", says="never removed")
        refused("TRUNCATE wallets_limit", says="never removed")
        assert Limit.objects.exists()


@pytest.fixture
def used(alice, bob, rates):
    """Some use of all there is: with a gap, and with some of it out of sight."""
    fund(alice, "100.00 USD")
    at_most("900.00", per="month")
    rule = at_most("900.00 USD", per="month", type="transfer")
    transfer(alice, "10.00 USD", to=bob)
    let_pass(timedelta(days=40))
    transfer(alice, "10.00 USD", to=bob)
    end_limit(rule.id, reason="For a while")
    transfer(alice, "10.00 USD", to=bob)
    convert(alice, "10.00 USD", to="EUR")
    withdraw(alice, "5.00 EUR")
    let_pass(timedelta(hours=1))
    at_most("900.00 USD", per="month", type="transfer")
    transfer(alice, "10.00 USD", to=bob)


class TestUses:
    def test_are_never_changed(self, used):
        refused("UPDATE transactions_limituse SET total_amount = 0")
        refused("TRUNCATE transactions_limituse CASCADE")
        refused("DELETE FROM transactions_limituse")

    def test_are_kept_as_long_as_a_window_looks_back(self, used):
        refused(
            "DELETE FROM transactions_limituse"
            " WHERE at > now() - interval '29 days 23 hours'"
        )

    def test_run_on(self, used):
        refused("UPDATE transactions_limitseries SET total_amount = total_amount - 1")
        refused("UPDATE transactions_limitseries SET total_count = 0")
        refused("UPDATE transactions_limitseries SET type = 'fund'")
        refused("DELETE FROM transactions_limitseries")


@pytest.mark.books_are_broken
class TestAudit:
    def test_finds_nothing_in_sound_limits(self, used):
        assert audit().is_clean

    @pytest.mark.parametrize(
        "sabotaged",
        [
            "UPDATE transactions_limituse SET total_amount = total_amount + 1"
            " WHERE number = 2",
            "UPDATE transactions_limituse SET total_amount = 0 WHERE number = 3",
            "UPDATE transactions_limituse SET at = at - interval '1 hour'"
            " WHERE number = 3",
            "UPDATE transactions_limituse SET transaction_id = gen_random_uuid()"
            " WHERE number = 1",
            "DELETE FROM transactions_limituse WHERE number = 2",
            "DELETE FROM transactions_limituse WHERE number = 1",
            "DELETE FROM transactions_limituse WHERE number <= 2",
            "DELETE FROM transactions_limituse WHERE number >= 3",
            "DELETE FROM transactions_limituse",
            "UPDATE transactions_limitseries SET total_amount = total_amount + 1",
            "UPDATE transactions_limitseries SET total_count = total_count + 1",
            "UPDATE transactions_limitseries SET counted_at = now() + interval '1 h'",
            "UPDATE transactions_limitseries SET type = 'withdrawal'"
            " WHERE type = 'transfer'",
            "UPDATE transactions_limitseries SET user_id = gen_random_uuid()",
        ],
    )
    def test_finds_uses_that_were_tampered_with(self, used, sabotaged):
        sabotage(sabotaged)

        assert broken() == {"uses_of_limits_run_on"}

    def test_does_not_miss_what_no_window_reaches_back_to(self, used):
        assert prune_limit_uses() == 1

        assert audit().is_clean

    def test_finds_an_operation_that_was_not_counted(self, used, bob):
        """As if it had been posted past the limits."""
        sabotage("DELETE FROM transactions_limituse WHERE number = 4")
        sabotage(
            "UPDATE transactions_limitseries SET total_amount = 30, total_count = 3"
            " WHERE type = 'transfer'"
        )

        [check] = [c for c in audit().checks if c.name == "uses_of_limits_run_on"]

        assert any("does not count" in found.detail for found in check.first)

    def test_finds_a_law_switched_off(self, used):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE transactions_limituse"
                " DISABLE TRIGGER transactions_limituse_unchanged"
            )

        assert broken() == {"laws_are_in_force"}
