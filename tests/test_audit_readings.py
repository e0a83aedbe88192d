"""How the audit reads: side by side, at one snapshot, in bounded memory; law by law."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from tests.domain import convert, fund, transfer
from tests.factories import CustomerFactory
from tests.test_audit import broken, sabotage
from tests.threads import wait_for_older_writers
from transactions import audit as auditing
from transactions.audit import audit
from transactions.models import Entry
from transactions.services import fold_totals
from wallets.models import Wallet

LAWS = [
    "entries_balance",
    "days_are_the_sum",
    "entries_have_the_time_of_their_transactions",
    "entries_fit_their_wallets",
    "folds_are_the_sum",
    "versions_have_no_gap",
    "wallets_stand_at_their_last_entry",
    "nothing_is_overdrawn",
    "conversions_explain_their_entries",
    "keys_lead_to_their_outcome",
    "lines_are_complete",
    "laws_are_in_force",
    "writers_are_in_the_past",
    "positions_follow_entries",
    "wallets_hold_what_is_promised",
    "captures_add_up_to_their_holds",
    "captures_are_shares_of_their_holds",
    "fees_are_in_their_entries",
    "quotes_are_kept",
    "uses_of_limits_run_on",
    "conversions_recompute",
]


def findings(law):
    """What the audit finds against one law: how much, and the first of it."""
    [check] = [check for check in audit().checks if check.name == law]
    return check.offenders, [(one.offender, one.detail) for one in check.first]


@pytest.mark.django_db
class TestLaws:
    def test_are_all_checked_and_each_is_said(self):
        checks = audit().checks

        assert [check.name for check in checks] == LAWS
        assert [c.law for c in checks if not c.law[0].isupper()] == []

    def test_of_one_reading_are_said_apart(self):
        laws = {check.name: check.law for check in audit().checks}

        assert laws["entries_have_the_time_of_their_transactions"] == (
            "Entries were recorded with their transaction."
        )
        assert "fold" not in laws["entries_fit_their_wallets"]


@pytest.mark.django_db(transaction=True)
class TestReaders:
    @pytest.fixture
    def seen(self, monkeypatch):
        """What each reader saw when it began: both have begun before one goes on."""
        seen, both = {}, threading.Barrier(2, timeout=10)
        read = auditing._read

        def look_first(path):
            if threading.get_ident() not in seen:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_current_snapshot()::text, count(*),"
                        " current_setting('work_mem'),"
                        " current_setting('transaction_read_only'),"
                        " current_setting('transaction_isolation')"
                        " FROM transactions_entry"
                    )
                    seen[threading.get_ident()] = cursor.fetchone()
                both.wait()
            return read(path)

        with monkeypatch.context() as patch:
            patch.setattr(auditing, "_read", look_first)
            yield seen

    def test_are_two_that_see_the_same(self, seen, monkeypatch):
        alice = CustomerFactory(name="Alice")
        fund(alice, "1.00 USD")
        beside = auditing._read_beside

        def late(*of_the_other):
            # The first has taken its snapshot; this is not in it.
            fund(alice, "1.00 USD")
            return beside(*of_the_other)

        with monkeypatch.context() as patch:
            patch.setattr(auditing, "_read_beside", late)
            report = audit()

        assert len(seen) == 2
        assert len(set(seen.values())) == 1
        assert report.entries == 2
        assert Entry.objects.count() == 4
        assert report.is_clean

    def test_may_not_write_and_have_a_bound_while_they_read(self, seen):
        audit()

        assert {row[2:] for row in seen.values()} == {("48MB", "on", "repeatable read")}
        with connection.cursor() as cursor:
            cursor.execute("SHOW work_mem")
            assert cursor.fetchone() != ("48MB",)

    def test_read_each_file_once(self, monkeypatch):
        taken, read = Counter(), auditing._read

        def count(path):
            taken[path] += 1
            return read(path)

        with monkeypatch.context() as patch:
            patch.setattr(auditing, "_read", count)
            audit()

        assert taken == Counter(auditing._READINGS)

    @pytest.mark.parametrize("fails_here", [True, False])
    def test_fail_together(self, monkeypatch, fails_here):
        here, taken, read = threading.get_ident(), [], auditing._read
        both, failed = threading.Barrier(2, timeout=10), threading.Event()

        def fail_in_one(path):
            taken.append(path)
            if len(taken) <= 2:
                both.wait()
            if (threading.get_ident() == here) == fails_here:
                failed.set()
                raise RuntimeError("out of disk")
            failed.wait(10)
            return read(path)

        with monkeypatch.context() as patch:
            patch.setattr(auditing, "_read", fail_in_one)
            with pytest.raises(RuntimeError, match="out of disk"):
                audit()

        assert not connection.in_atomic_block
        assert len(taken) <= 3


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestWalletByWallet:
    @pytest.fixture
    def wallet(self, alice, bob, rates):
        fund(alice, "100.00 USD")
        transfer(alice, "30.00 USD", to=bob)
        convert(alice, "20.00 USD", to="MXN")
        return Wallet.objects.get(owner=alice, currency="USD")

    def test_finds_an_entry_without_its_number(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET wallet_version = NULL"
            " WHERE wallet_id = %s AND wallet_version = 1",
            [wallet.id],
        )
        [entry] = Entry.objects.filter(wallet=wallet, wallet_version=None)

        assert findings("entries_fit_their_wallets") == (
            1,
            [
                (
                    f"{entry.transaction_id} line {entry.line}",
                    f"credit 100.00000000 USD on wallet {wallet.id}",
                )
            ],
        )

    def test_finds_an_entry_without_its_balance(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET balance_after = NULL"
            " WHERE wallet_id = %s AND wallet_version = 1",
            [wallet.id],
        )

        assert findings("entries_fit_their_wallets")[0] == 1

    def test_finds_a_numbered_entry_of_the_house(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET wallet_version = 1, balance_after = amount"
            " WHERE line = 1 AND transaction_id ="
            " (SELECT id FROM transactions_transaction WHERE type = 'fund')"
        )

        assert findings("entries_fit_their_wallets")[0] == 1

    def test_finds_entries_in_another_currency_than_their_wallet(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET currency = 'EUR' WHERE transaction_id ="
            " (SELECT id FROM transactions_transaction WHERE type = 'fund')"
        )

        assert findings("entries_fit_their_wallets")[0] == 2
        assert "entries_balance" not in broken()

    def test_finds_an_entry_of_no_wallet(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET wallet_id = transaction_id"
            " WHERE wallet_id = %s AND wallet_version = 1",
            [wallet.id],
        )

        _, [(_, detail)] = findings("entries_fit_their_wallets")
        assert detail == "credit 100.00000000 USD on wallet missing"

    def test_finds_an_entry_of_no_house_account(self, wallet):
        sabotage(
            "UPDATE transactions_entry SET wallet_id = transaction_id"
            " WHERE wallet_version IS NULL AND transaction_id ="
            " (SELECT id FROM transactions_transaction WHERE type = 'fund')"
        )

        _, [(_, detail)] = findings("entries_fit_their_wallets")
        assert detail == "debit 100.00000000 USD on wallet missing"

    @pytest.mark.parametrize(
        ("constraint", "change"),
        [
            ("transactions_entry_amount_positive", "amount = -amount"),
            ("transactions_entry_side", "side = 'other'"),
        ],
    )
    def test_finds_what_no_entry_may_be(self, wallet, constraint, change):
        sabotage(
            f"ALTER TABLE transactions_entry DROP CONSTRAINT {constraint};"
            f" UPDATE transactions_entry SET {change} WHERE transaction_id ="
            " (SELECT id FROM transactions_transaction WHERE type = 'transfer')"
        )

        assert findings("entries_fit_their_wallets")[0] == 2


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestUnbalanced:
    @pytest.mark.parametrize(
        ("changed_by", "details"),
        [
            (
                "CASE currency WHEN 'MXN' THEN 1 ELSE 0 END",
                {"MXN: debits 320.00000000, credits 321.00000000"},
            ),
            (
                "CASE currency WHEN 'USD' THEN 1 ELSE -1 END",
                {
                    "USD: debits 20.00000000, credits 21.00000000",
                    "MXN: debits 320.00000000, credits 319.00000000",
                },
            ),
        ],
        ids=["one currency", "currencies that make up for each other"],
    )
    def test_is_found_currency_by_currency(self, alice, rates, changed_by, details):
        fund(alice, "100.00 USD")
        posted = convert(alice, "20.00 USD", to="MXN")
        sabotage(
            f"UPDATE transactions_entry SET amount = amount + {changed_by}"
            " WHERE transaction_id = %s AND side = 'credit' AND line IN"
            " (SELECT max(line) FROM transactions_entry WHERE transaction_id = %s"
            "   AND side = 'credit' GROUP BY currency)",
            [posted.transaction.id, posted.transaction.id],
        )

        count, first = findings("entries_balance")
        assert count == len(details)
        assert {offender for offender, _ in first} == {str(posted.transaction.id)}
        assert {detail for _, detail in first} == details

    def test_is_counted_whole_but_ten_are_named(self, alice):
        for _ in range(12):
            fund(alice, "1.00 USD")
        sabotage("UPDATE transactions_entry SET amount = 2 WHERE side = 'debit'")

        count, first = findings("entries_balance")
        assert (count, len(first)) == (12, 10)
        assert {detail for _, detail in first} == {
            "USD: debits 2.00000000, credits 1.00000000"
        }


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestKeys:
    @pytest.mark.parametrize(
        ("outcome", "change"),
        [
            ("transaction", "transaction_id = gen_random_uuid()"),
            ("transaction", "key = 'another'"),
            ("batch", "transaction_id = NULL, batch_id = gen_random_uuid()"),
            ("hold", "transaction_id = NULL, hold_id = gen_random_uuid()"),
        ],
    )
    def test_lead_to_what_is_there(self, alice, outcome, change):
        fund(alice, "1.00 USD", idempotency_key="first", fingerprint=b"f")
        fund(alice, "1.00 USD", idempotency_key="second", fingerprint=b"s")
        sabotage(f"UPDATE transactions_idempotencykey SET {change} WHERE key = 'first'")

        count, [(_, detail)] = findings("keys_lead_to_their_outcome")

        assert count == 1
        assert detail.startswith(f"{outcome} ")


@pytest.mark.django_db(transaction=True)
class TestTails:
    def test_above_the_horizon_are_no_part_of_a_fold(self, alice):
        fund(alice, "100.00 USD")
        wait_for_older_writers()
        fold_totals()

        fund(alice, "10.00 USD")

        assert audit().is_clean

    @pytest.mark.books_are_broken
    def test_are_missed_by_a_fold_whose_horizon_was_moved(self, alice):
        fund(alice, "100.00 USD")
        wait_for_older_writers()
        fold_totals()
        fund(alice, "10.00 USD")
        sabotage("UPDATE transactions_fold SET horizon = '1'::xid8")

        count, first = findings("folds_are_the_sum")

        assert count == 2
        assert (
            "customer USD",
            "folded: debits 0.00000000, credits 100.00000000; entries:"
            " debits 0, credits 0.00000000",
        ) in first


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestTimes:
    def test_name_entry_and_transaction(self, alice):
        fund(alice, "1.00 USD")
        posted = fund(alice, "1.00 USD").transaction
        sabotage(
            "UPDATE transactions_entry SET recorded_at = recorded_at - interval '1 h'"
            " WHERE transaction_id = %s AND line = 2",
            [posted.id],
        )

        count, [(offender, detail)] = findings(
            "entries_have_the_time_of_their_transactions"
        )

        assert count == 1
        assert offender == f"{posted.id} line 2"
        then = posted.recorded_at - timedelta(hours=1)
        assert detail.startswith(f"recorded at {then:%Y-%m-%d %H:%M}")
