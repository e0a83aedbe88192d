"""Many at once, in real threads on real PostgreSQL."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event as Signal
from threading import Thread
from uuid import UUID

import pytest
from django.db import connection
from django.db import transaction as db_transaction
from django.utils import timezone

from paymentprocessor.api.errors import Refusal, RequestInProgress
from tests.domain import (
    convert,
    fund,
    holdings,
    house,
    pay,
    refund,
    reverse,
    transfer,
    withdraw,
)
from tests.threads import (
    at_once,
    deadlocks,
    outcome_of,
    patient_locks,
    wait_for_older_writers,
    wait_for_somebody_who_waits_for_us,
)
from transactions.models import Transaction
from transactions.postings import Posted
from transactions.services import fold_totals
from users.errors import UserDeleted
from users.models import User
from wallets.models import Wallet
from wallets.services import delete_user, open_wallet, restore_user
from webhooks.models import Event, RecordedEvent
from webhooks.queries import events_after

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("either_way"),
]


@pytest.fixture(autouse=True)
def _patient(settings):
    with patient_locks():
        yield


def repeatedly(times, action):
    def run():
        for _ in range(times):
            action()

    return run


def kinds(outcomes):
    """How many of which class came out."""
    return Counter(type(outcome).__name__ for outcome in outcomes)


class TestConversions:
    def test_opposite_ones_end_where_they_began(self, alice, rates):
        # One euro is 1.25 dollars, and there is no spread: there and back is exact.
        fund(alice, "1000.00 USD")
        fund(alice, "1000.00 EUR")
        before = deadlocks()

        outcomes = at_once(
            [repeatedly(20, lambda: convert(alice, "12.50 USD", to="EUR"))] * 4
            + [repeatedly(20, lambda: convert(alice, "10.00 EUR", to="USD"))] * 4
        )

        assert outcomes == [None] * 8
        assert holdings(alice) == {"EUR": "1000.00", "USD": "1000.00"}
        assert house() == {
            "cash EUR": "1000.00",
            "cash USD": "1000.00",
            "fx_position EUR": "0.00",
            "fx_position USD": "0.00",
        }
        assert deadlocks() == before

    def test_first_ones_into_a_new_currency_open_one_wallet(self, alice, rates):
        fund(alice, "100.00 USD")

        outcomes = at_once([lambda: convert(alice, "1.25 USD", to="KWD")] * 8)

        assert kinds(outcomes) == {"Posted": 8}
        assert Wallet.objects.filter(owner=alice, currency="KWD").count() == 1
        assert holdings(alice)["KWD"] == "3.200"


class TestWithdrawals:
    def test_of_the_full_balance_exactly_one_succeeds(self, alice):
        fund(alice, "100.00 USD")

        outcomes = at_once([lambda: withdraw(alice, "100.00 USD")] * 50)

        assert kinds(outcomes) == {"Posted": 1, "InsufficientFunds": 49}
        assert holdings(alice) == {}


class TestTransfers:
    def test_there_and_back_do_not_deadlock(self, alice, bob):
        fund(alice, "100.00 USD")
        fund(bob, "100.00 USD")
        before = deadlocks()

        outcomes = at_once(
            [repeatedly(25, lambda: transfer(alice, "1.00 USD", to=bob))] * 4
            + [repeatedly(25, lambda: transfer(bob, "1.00 USD", to=alice))] * 4
        )

        assert outcomes == [None] * 8
        assert deadlocks() == before
        assert holdings(alice) == holdings(bob) == {"USD": "100.00"}


class TestPayments:
    CODES = ("AED", "GBP", "EUR", "MXN", "BRL", "PLN", "CHF", "SEK")

    def test_to_each_other_open_the_same_wallets_without_a_deadlock(
        self, alice, bob, rates
    ):
        sides = [(alice, bob), (bob, alice)]
        for user in (alice, bob):
            fund(user, "10.00 USD")
        before = deadlocks()

        # Each takes money in the other's direction, and neither has the currency.
        for code in self.CODES:
            at_once(
                partial(pay, payer, f"0.10 {code}", ["USD"], to=payee)
                for payer, payee in sides
            )

        assert deadlocks() == before


class TestUndoing:
    def test_happens_once_and_never_gives_back_more_than_was_paid(self, alice, bob):
        fund(alice, "100.00 USD")
        fund(bob, "100.00 USD")

        for _ in range(10):
            paid = transfer(alice, "10.00 USD", to=bob)
            outcomes = at_once(
                [lambda p=paid: reverse(p)] * 2 + [lambda p=paid: refund(p, "4.00")] * 4
            )

            won = [o for o in outcomes if isinstance(o, Posted)]
            kinds_won = Counter(str(posted.transaction.type) for posted in won)
            # Either one reversal alone, or as many refunds as fit.
            assert kinds_won in ({"reversal": 1}, {"refund": 2})

        reversed_ = Transaction.objects.filter(type="reversal").count()
        refunded = Transaction.objects.filter(type="refund").count()
        back = 10 * reversed_ + 4 * refunded
        assert holdings(alice) == {"USD": f"{100 - 10 * 10 + back}.00"}


class TestTwins:
    """Requests of one idempotency key, at the same time."""

    def test_have_one_effect_and_one_answer(self, alice):
        outcomes = at_once(
            [lambda: fund(alice, "5.00 USD", idempotency_key="k", fingerprint=b"f")]
            * 16
        )

        assert kinds(outcomes) == {"Posted": 16}
        assert len({posted.transaction.id for posted in outcomes}) == 1
        assert sorted(posted.replayed for posted in outcomes) == [False] + [True] * 15
        assert holdings(alice) == {"USD": "5.00"}

    def test_of_other_contents_are_refused(self, alice, bob):
        outcomes = at_once(
            [lambda: fund(alice, "5.00 USD", idempotency_key="k", fingerprint=b"a")] * 4
            + [lambda: fund(bob, "5.00 USD", idempotency_key="k", fingerprint=b"b")] * 4
        )

        assert kinds(outcomes) == {"Posted": 4, "IdempotencyKeyReused": 4}
        assert Transaction.objects.count() == 1

    def test_are_all_refused_or_all_accepted(self, alice):
        """Twins that race with the money they need: one answer, whichever it is."""
        for number in range(20):
            words = {"idempotency_key": f"k{number}", "fingerprint": b"f"}
            outcomes = at_once(
                [lambda w=words: withdraw(alice, "5.00 USD", **w)] * 4
                + [lambda: fund(alice, "5.00 USD")]
            )
            twins = outcomes[:4]

            answers = {
                posted.transaction.id if isinstance(posted, Posted) else posted.code
                for posted in twins
            }

            assert len(answers) == 1, twins
            if not isinstance(twins[0], Posted):
                withdraw(alice, "5.00 USD")

    def test_wait_for_a_twin_and_are_told_when_it_takes_too_long(self, alice):
        options = connection.settings_dict["OPTIONS"]
        options["options"] = options["options"].replace("=60000 ", "=300 ", 1)
        connection.close()

        with db_transaction.atomic():
            list(Wallet.objects.select_for_update().filter(owner=alice))
            [outcome] = at_once([lambda: fund(alice, "5.00 USD", idempotency_key="k")])

        assert isinstance(outcome, RequestInProgress)
        assert not fund(alice, "5.00 USD", idempotency_key="k").replayed


class TestReferences:
    def test_name_one_transaction(self, alice):
        outcomes = at_once([lambda: fund(alice, "5.00 USD", reference="order-7")] * 8)

        assert kinds(outcomes) == {"Posted": 1, "DuplicateReference": 7}


class TestHouseAccounts:
    def test_are_neither_locked_nor_updated_by_customers(self, alice, bob, rates):
        fund(alice, "100.00 USD")
        fund(alice, "100.00 MXN")
        fund(bob, "1.00 USD")

        with db_transaction.atomic():
            # The strongest row lock there is: it even keeps foreign keys away.
            assert list(Wallet.objects.select_for_update().filter(owner=None))
            outcomes = at_once(
                [
                    lambda: fund(alice, "1.00 USD"),
                    lambda: withdraw(alice, "1.00 USD"),
                    lambda: transfer(alice, "1.00 USD", to=bob),
                    lambda: convert(alice, "1.00 USD", to="MXN"),
                ]
            )

        assert kinds(outcomes) == {"Posted": 4}


class TestDeletion:
    def test_that_was_waited_for_lets_no_money_in(self, alice):
        """The wallet was found when it was alive, and is dead when it can be locked."""
        deleted = {"deleted_at": timezone.now()}

        with ThreadPoolExecutor(1) as other, db_transaction.atomic():
            Wallet.objects.filter(owner=alice).update(**deleted)
            User.objects.filter(pk=alice.pk).update(**deleted)
            funded = other.submit(outcome_of, partial(fund, alice, "1.00 USD"))
            wait_for_somebody_who_waits_for_us()

        assert isinstance(funded.result(), UserDeleted)
        assert not Transaction.objects.exists()

    def test_lets_money_in_before_or_not_at_all(self, alice):
        fund(alice, "100.00 USD")

        outcomes = at_once(
            [lambda: delete_user(alice.id, now=timezone.now())]
            + [repeatedly(20, lambda: fund(alice, "1.00 USD"))] * 3
            + [lambda: open_wallet(alice.id, "EUR")]
        )

        assert not isinstance(outcomes[0], Exception)
        for outcome in outcomes[1:4]:
            assert isinstance(outcome, UserDeleted)
        restore_user(alice.id)
        funded = Transaction.objects.filter(type="fund").count() - 1
        assert holdings(alice) == {"USD": f"{100 + funded}.00"}


class TestEvents:
    def test_are_never_missed_however_commits_interleave(self, alice, bob, platform):
        """Writers who commit late and out of order, and a reader who never waits."""
        finished = Signal()
        seen: list[UUID] = []

        def read():
            position = None
            try:
                while True:
                    last_round = finished.is_set()
                    while page := events_after(position, limit=7):
                        seen.extend(event.id for event in page)
                        position = (page[-1].xid, page[-1].id)
                    if last_round:
                        return
            finally:
                connection.close()

        def write_slowly():
            for _ in range(15):
                with db_transaction.atomic():
                    RecordedEvent.objects.create(type="test", subject_id=alice.id)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(random() * 0.05)")

        reader = Thread(target=read)
        reader.start()
        outcomes = at_once(
            [write_slowly] * 6
            + [repeatedly(20, lambda: fund(alice, "1.00 USD"))]
            + [repeatedly(20, lambda: fund(bob, "1.00 USD"))]
        )
        wait_for_older_writers()
        finished.set()
        reader.join()

        assert outcomes == [None] * 8
        assert sorted(seen) == sorted(Event.objects.values_list("id", flat=True))
        assert len(seen) == len(set(seen)) >= 6 * 15 + 40


class TestFolds:
    def test_never_count_twice_or_miss_while_money_moves(self, alice, bob):
        outcomes = at_once(
            [repeatedly(30, lambda: fund(alice, "1.00 USD"))] * 2
            + [repeatedly(30, lambda: fund(bob, "1.00 USD"))] * 2
            + [repeatedly(20, fold_totals)] * 2
        )

        assert outcomes == [None] * 6
        # The audit after the test compares the last fold with all entries.
        fold_totals()
        assert house() == {"cash USD": "120.00"}


class TestRefusals:
    def test_write_nothing(self, alice):
        before = Transaction.objects.count(), Event.objects.count()

        outcomes = at_once([lambda: withdraw(alice, "1.00 USD")] * 10)

        assert all(isinstance(outcome, Refusal) for outcome in outcomes)
        assert (Transaction.objects.count(), Event.objects.count()) == before
