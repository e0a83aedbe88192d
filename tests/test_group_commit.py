"""Orders of the same moment, in real threads on real PostgreSQL."""

from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from django.db import transaction as db_transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from paymentprocessor.api.middleware import _request_id
from tests.domain import (
    at_most,
    convert,
    fund,
    holdings,
    limit,
    transfer,
    withdraw,
)
from tests.factories import CustomerFactory
from tests.passing import let_pass
from tests.threads import PATIENCE_S, patient_locks, until
from tests.together import database_transactions, is_posted, together
from transactions import group_commit, ledger, series
from transactions.errors import (
    IdempotencyKeyReused,
    InsufficientFunds,
    LimitExceeded,
    RememberedRefusal,
    VersionMismatch,
)
from transactions.models import Entry, IdempotencyKey, Transaction
from users.services import create_api_key, revoke_api_key
from wallets.errors import WalletNotFound
from wallets.models import Wallet
from webhooks.models import RecordedEvent

pytestmark = pytest.mark.django_db(transaction=True)

# As long as it takes until nobody may have begun before a limit was there.
A_WHILE = timedelta(minutes=2)


def a_key():
    key, _ = create_api_key(name="Platform", scopes=["*"])
    return key


@pytest.fixture
def customers(alice, bob):
    """Two with a hundred dollars each."""
    for user in (alice, bob):
        fund(user, "100.00 USD")
    return alice, bob


class TestOrdersOfOneMoment:
    def test_are_booked_in_one_transaction_of_the_database(self, customers, rates):
        alice, bob = customers
        fund(bob, "1.00 EUR")

        outcomes = together(
            partial(fund, alice, "10.00 USD", idempotency_key="1"),
            partial(withdraw, bob, "20.00 USD", idempotency_key="2"),
            partial(transfer, alice, "30.00 USD", to=bob, idempotency_key="3"),
            partial(convert, bob, "12.50 USD", to="EUR", idempotency_key="4"),
        )

        assert all(map(is_posted, outcomes)), outcomes
        assert len(database_transactions(outcomes)) == 1
        assert holdings(alice) == {"USD": "80.00"}
        assert holdings(bob) == {"EUR": "11.00", "USD": "97.50"}
        kept = IdempotencyKey.objects.order_by("key").values_list("transaction_id")
        booked = [(outcome.transaction.id,) for outcome in outcomes]
        assert list(kept) == booked

    def test_take_effect_one_after_the_other(self, alice):
        fund(alice, "1.00 USD")

        outcomes = together(
            partial(withdraw, alice, "5.00 USD"),
            partial(fund, alice, "9.00 USD"),
            partial(withdraw, alice, "8.00 USD", expected_version=2),
            partial(withdraw, alice, "1.00 USD", expected_version=2),
        )

        assert isinstance(outcomes[0], InsufficientFunds)
        assert list(map(is_posted, outcomes)) == [False, True, True, False]
        assert isinstance(outcomes[3], VersionMismatch)
        after = Entry.objects.filter(wallet__owner=alice).order_by("wallet_version")
        assert [entry.balance_after for entry in after] == [1, 10, 2]

    def test_tell_whose_request_each_was(self, customers):
        alice, bob = customers
        keys = [a_key(), a_key()]

        def fund_as(user, number):
            _request_id.set(f"request-{number}")
            return fund(user, "1.00 USD", api_key_id=keys[number].id)

        outcomes = together(partial(fund_as, alice, 0), partial(fund_as, bob, 1))

        assert len(database_transactions(outcomes)) == 1
        booked = [
            Transaction.objects.get(pk=outcome.transaction.id) for outcome in outcomes
        ]
        assert [one.request_id for one in booked] == ["request-0", "request-1"]
        assert [one.api_key_id for one in booked] == [key.id for key in keys]

    def test_share_limits(self, customers):
        alice, bob = customers
        at_most("15.00 USD", per="day", type="transfer")
        let_pass(A_WHILE)
        for user, other in (alice, bob), (bob, alice):
            transfer(user, "1.00 USD", to=other)
        send = partial(transfer, alice, "10.00 USD", to=bob)

        outcomes = together(send, send, partial(transfer, bob, "5.00 USD", to=alice))

        assert list(map(is_posted, outcomes)) == [True, False, True]
        assert isinstance(outcomes[1], LimitExceeded)
        assert len(database_transactions(outcomes)) == 1

    def test_share_the_limits_of_positions(self, customers, rates):
        for user in customers:
            fund(user, "1.00 EUR")
        limit("USD", hard="15.00")

        outcomes = together(
            *(partial(convert, user, "10.00 USD", to="EUR") for user in customers)
        )

        assert list(map(is_posted, outcomes)) == [True, False]
        assert isinstance(outcomes[1], LimitExceeded)

    def test_tell_who_took_a_position_past_its_soft_limit(self, customers, rates):
        for user in customers:
            fund(user, "10.00 EUR")
        limit("USD", soft="15.00")

        def converting(user, number, money, to):
            _request_id.set(f"request-{number}")
            return convert(user, money, to=to)

        alice, bob = customers
        outcomes = together(
            partial(converting, alice, 0, "10.00 USD", "EUR"),
            partial(converting, bob, 1, "10.00 USD", "EUR"),
            partial(converting, alice, 2, "10.00 EUR", "USD"),
        )

        assert len(database_transactions(outcomes)) == 1
        told = RecordedEvent.objects.get(type="position.soft_limit_passed")
        assert told.request_id == "request-1"
        assert told.data["position"] == "20.00"

    def test_that_are_all_refused_are_asked_once(self, customers, monkeypatch):
        alice, bob = customers
        monkeypatch.delattr(group_commit, "_by_itself")

        outcomes = together(
            *(partial(withdraw, user, "900.00 USD") for user in (alice, bob))
        )

        assert [type(outcome) for outcome in outcomes] == [InsufficientFunds] * 2

    def test_go_to_the_database_twice(self, customers, monkeypatch):
        fund(customers[0], "1.00 USD")
        sent = []
        rows = ledger.Statement.rows

        def counted(statement, parameters, **options):
            sent.append(statement)
            return rows(statement, parameters, **options)

        monkeypatch.setattr(ledger.Statement, "rows", counted)

        outcomes = together(
            *(partial(fund, user, "1.00 USD") for user in customers * 4)
        )

        assert all(map(is_posted, outcomes))
        # The locks, and everything written.
        assert len(sent) == 2


class TestOneAmongThem:
    """What one order has in it is no matter of the others."""

    def others(self, customers):
        return [partial(fund, user, "1.00 USD") for user in customers]

    def assert_others_are_booked(self, outcomes):
        assert list(map(is_posted, outcomes)) == [True, True]

    def test_that_is_refused_is_told_once_and_for_all(self, customers):
        alice, _ = customers
        too_much = partial(withdraw, alice, "900.00 USD", idempotency_key="k")

        refused, *others = together(too_much, *self.others(customers))

        assert isinstance(refused, InsufficientFunds)
        self.assert_others_are_booked(others)
        assert len(database_transactions(others)) == 1
        fund(alice, "900.00 USD")
        with pytest.raises(RememberedRefusal):
            too_much()

    def test_that_wants_a_new_wallet_has_it_opened(self, customers):
        alice, _ = customers

        opened, *others = together(
            partial(fund, alice, "5.00 GBP"), *self.others(customers)
        )

        assert is_posted(opened)
        self.assert_others_are_booked(others)
        assert len(database_transactions(others)) == 1
        assert holdings(alice) == {"GBP": "5.00", "USD": "101.00"}

    def test_that_wants_a_wallet_that_is_not_there_is_refused(self, customers):
        alice, _ = customers

        refused, *others = together(
            partial(withdraw, alice, "5.00 GBP"), *self.others(customers)
        )

        assert isinstance(refused, WalletNotFound)
        self.assert_others_are_booked(others)

    def test_that_was_done_before_is_answered_again(self, customers):
        alice, bob = customers
        before = fund(bob, "7.00 USD", idempotency_key="k")

        again, *others = together(
            partial(fund, bob, "7.00 USD", idempotency_key="k"),
            *self.others(customers),
        )

        assert again.transaction.id == before.transaction.id
        assert again.replayed
        self.assert_others_are_booked(others)
        assert (holdings(alice), holdings(bob)) == (
            {"USD": "101.00"},
            {"USD": "108.00"},
        )

    def test_that_has_a_twin_happens_once(self, customers):
        alice, _ = customers
        twin = partial(fund, alice, "7.00 USD", idempotency_key="k", fingerprint=b"1")
        other = partial(fund, alice, "8.00 USD", idempotency_key="k", fingerprint=b"2")

        *twins, third = together(twin, twin, twin)
        against = together(other, *self.others(customers))

        ids = {outcome.transaction.id for outcome in (*twins, third)}
        assert len(ids) == 1
        assert isinstance(against[0], IdempotencyKeyReused)
        assert holdings(alice) == {"USD": "108.00"}

    def test_by_a_key_that_has_ended_moves_nothing(self, customers):
        alice, _ = customers
        key = a_key()
        revoke_api_key(key, now=timezone.now())

        turned_down, *others = together(
            partial(fund, alice, "5.00 USD", api_key_id=key.id, idempotency_key="k"),
            *self.others(customers),
        )

        assert isinstance(turned_down, AuthenticationFailed)
        self.assert_others_are_booked(others)
        assert holdings(alice) == {"USD": "101.00"}
        assert not IdempotencyKey.objects.filter(key="k").exists()

    def test_that_is_a_defect_of_ours_fails_alone(self, customers, monkeypatch):
        alice, _ = customers
        check = ledger._check

        def defective(lines):
            if any(line.money.text == "66.00" for line in lines):
                raise ZeroDivisionError
            check(lines)

        monkeypatch.setattr(ledger, "_check", defective)

        failed, *others = together(
            partial(fund, alice, "66.00 USD"), *self.others(customers)
        )

        assert isinstance(failed, ZeroDivisionError)
        self.assert_others_are_booked(others)

    def test_that_the_database_refuses_fails_alone(self, customers, monkeypatch):
        """As if a check of ours had missed it."""
        alice, _ = customers
        monkeypatch.setattr(ledger, "_check", lambda lines: None)

        failed, *others = together(
            partial(withdraw, alice, "500.00 USD"), *self.others(customers)
        )

        assert type(failed).__name__ == "IntegrityError"
        self.assert_others_are_booked(others)
        assert holdings(alice) == {"USD": "101.00"}

    def test_whose_limits_have_a_past_catches_up_alone(self, customers, monkeypatch):
        alice, _ = customers
        at_most("5.00 USD", per="day", type="withdrawal")
        let_pass(A_WHILE)
        catching_up = []
        catch_up = series._catch_up

        def noted(tallies, *more):
            catching_up.append(len(tallies))
            catch_up(tallies, *more)

        monkeypatch.setattr(series, "_catch_up", noted)
        limited = partial(withdraw, alice, "2.00 USD")

        first = together(limited, *self.others(customers))
        again = together(limited, *self.others(customers))

        assert all(map(is_posted, first + again)), (first, again)
        assert len(database_transactions(first)) == 2
        assert len(database_transactions(again)) == 1
        assert catching_up == [1]

    def test_whose_wallet_is_locked_waits_alone(self, customers):
        alice, bob = customers
        carol = CustomerFactory()
        fund(carol, "1.00 USD")
        outcomes = []

        with db_transaction.atomic():
            Wallet.objects.select_for_update().get(owner=alice)
            actions = [partial(fund, user, "1.00 USD") for user in (alice, bob, carol)]
            group = Thread(target=lambda: outcomes.extend(together(*actions)))
            group.start()
            until(lambda: holdings(carol) == {"USD": "2.00"})
            assert holdings(bob) == {"USD": "101.00"}
            assert holdings(alice) == {"USD": "100.00"}
        group.join(PATIENCE_S)

        assert all(map(is_posted, outcomes)), outcomes
        assert len(database_transactions(outcomes[1:])) == 1
        assert holdings(alice) == {"USD": "101.00"}

    def test_whose_key_is_being_used_elsewhere_holds_the_others_up_for_a_moment(
        self, customers
    ):
        alice, bob = customers
        outcomes = []

        with patient_locks(), db_transaction.atomic():
            IdempotencyKey.objects.create(
                principal_id=group_commit.Instruction().principal_id,
                key="k",
                fingerprint=b"",
                transaction_id=Transaction.objects.values_list("id").first()[0],
            )
            actions = [
                partial(fund, alice, "1.00 USD", idempotency_key="k"),
                partial(fund, bob, "1.00 USD"),
            ]
            group = Thread(target=lambda: outcomes.extend(together(*actions)))
            group.start()
            # Who waits by itself would do so for a minute.
            until(lambda: holdings(bob) == {"USD": "101.00"}, patience_s=30)
            assert group.is_alive()
            db_transaction.set_rollback(True)
        group.join(PATIENCE_S)

        assert all(map(is_posted, outcomes)), outcomes
