"""The laws of quotes, as PostgreSQL keeps them, and how the audit finds breaches."""

from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from fx.quotes import give_up
from tests.domain import charge, convert, convert_at, fund, promise
from tests.test_audit import broken, sabotage
from tests.test_laws import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich(alice, rates):
    fund(alice, "1000.00 USD")
    fees = [{"operation": "conversion", "currency": "USD", "fixed": "1.00"}]
    charge("45", locks={"5m": "2.5"}, fees=fees)
    return alice


@pytest.fixture
def used(rich):
    quote = promise(rich, "100.00 USD", to="MXN")
    convert_at(rich, quote)
    return quote


class TestQuotes:
    @pytest.mark.books_are_broken
    @pytest.mark.parametrize("ended", ["used", "cancelled", "expired"])
    @pytest.mark.parametrize(
        "change",
        [
            "status = 'open', ended_at = NULL",
            "status = 'expired'",
            "ended_at = now()",
            "status = status",
        ],
    )
    def test_stay_ended(self, rich, ended, change):
        quote = promise(rich, "1.00 USD", to="MXN")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE fx_quote SET status = %s, ended_at = now()", [ended])

        refused(
            f"UPDATE fx_quote SET {change} WHERE id = %s",
            [quote.id],
            says="a quote ends once",
        )

    @pytest.mark.parametrize(
        "change",
        [
            "target_amount = target_amount + 1",
            "client_rate = client_rate + 1",
            "fee = 0",
            "expires_at = expires_at + interval '1 day'",
            "user_id = gen_random_uuid()",
            "status = 'used', ended_at = now(), target_amount = target_amount + 1",
        ],
    )
    def test_keep_what_they_promise(self, rich, change):
        promise(rich, "1.00 USD", to="MXN")

        refused(f"UPDATE fx_quote SET {change}", says="otherwise never changed")

    def test_end_at_an_instant(self, rich):
        promise(rich, "1.00 USD", to="MXN")

        for change in ("status = 'used'", "ended_at = now()"):
            refused(
                f"UPDATE fx_quote SET {change}", error=psycopg.errors.CheckViolation
            )

    @pytest.mark.parametrize("statement", ["DELETE FROM fx_quote", "TRUNCATE fx_quote"])
    @pytest.mark.parametrize("role", ["origin", "replica"])
    def test_are_never_removed(self, used, statement, role):
        refused(
            f"SET LOCAL session_replication_role = {role}; {statement}",
            says="never removed",
        )

    def test_are_used_by_one_conversion(self, rich, used):
        refused(
            "INSERT INTO transactions_conversion"
            " SELECT (jsonb_populate_record(one, jsonb_build_object("
            "     'transaction_id', %s::text))).*"
            "   FROM transactions_conversion AS one WHERE quote_id = %s",
            [uuid4(), used.id],
            error=psycopg.errors.UniqueViolation,
            says="transactions_quote_used_once",
        )


@pytest.mark.books_are_broken
class TestAudit:
    def test_finds_nothing_in_quotes_that_were_kept(self, rich, used):
        promise(rich, "1.00 USD", to="MXN")
        give_up(promise(rich, "1.00 USD", to="MXN").id, rich.id)
        convert(rich, "1.00 USD", to="MXN")

        assert broken() == set()

    @pytest.mark.parametrize(
        "change",
        [
            "status = 'open', ended_at = NULL",
            "status = 'cancelled'",
            "target_amount = target_amount + 1",
            "source_amount = source_amount + 1",
            "fee = fee + 1",
            "user_id = gen_random_uuid()",
            "client_rate = client_rate + 1",
            "source_currency = 'EUR'",
        ],
    )
    def test_finds_a_quote_changed_after_its_use(self, used, change):
        sabotage(f"UPDATE fx_quote SET {change}")

        assert broken() == {"quotes_are_kept"}

    def test_finds_a_use_without_a_conversion(self, used):
        sabotage("UPDATE transactions_conversion SET quote_id = NULL")

        assert broken() == {"quotes_are_kept"}

    def test_finds_a_conversion_at_a_quote_that_there_is_not(self, rich):
        convert(rich, "1.00 USD", to="MXN")
        sabotage("UPDATE transactions_conversion SET quote_id = gen_random_uuid()")

        assert broken() == {"quotes_are_kept"}

    def test_finds_a_quote_used_twice(self, rich, used):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP INDEX transactions_quote_used_once")
        convert(rich, "100.00 USD", to="MXN")
        sabotage("UPDATE transactions_conversion SET quote_id = %s", [used.id])

        assert broken() == {"laws_are_in_force", "quotes_are_kept"}

    def test_finds_a_fee_that_is_not_in_the_entries(self, rich):
        sabotage("UPDATE transactions_transaction SET fee = 1 WHERE type = 'fund'")

        assert broken() == {"fees_are_in_their_entries"}

    def test_finds_a_fee_that_was_booked_and_not_told(self, used):
        sabotage(
            "UPDATE transactions_transaction SET fee = 0 WHERE type = 'conversion'"
        )

        assert broken() == {
            "fees_are_in_their_entries",
            "conversions_explain_their_entries",
            "conversions_recompute",
            "quotes_are_kept",
        }

    @pytest.mark.parametrize(
        ("table", "trigger"),
        [
            ("fx_pricingpolicy", "fx_policy_append_only"),
            ("fx_quote", "fx_quote_never_removed"),
            ("fx_quote", "fx_quote_ends_once"),
        ],
    )
    def test_finds_a_law_switched_off(self, used, table, trigger):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")

        assert broken() == {"laws_are_in_force"}

    def test_finds_the_constraint_gone(self, used):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE fx_quote DROP CONSTRAINT fx_quote_ended_when_not_open"
            )

        assert broken() == {"laws_are_in_force"}
