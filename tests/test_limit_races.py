"""Limits while many move money at once: never exceeded, and no deadlock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction as db_transaction

from tests.domain import at_most, charge, fund, publish_rates, transfer, withdraw
from tests.factories import CustomerFactory
from tests.passing import let_pass
from tests.test_concurrency import _patient  # noqa: F401 - a fixture
from tests.threads import (
    at_once,
    deadlocks,
    outcome_of,
    wait_for_somebody_who_waits_for_us,
)
from transactions.drafts import WithdrawOrder
from transactions.errors import LimitExceeded
from transactions.ledger import post
from transactions.limits import LimitBook, Ordered
from transactions.models import LimitSeries, LimitUse
from transactions.postings import Instruction, Posted
from wallets.locking import lock_wallets
from wallets.services import end_limit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("either_way"),
]

RACERS = 50


@pytest.fixture
def rich(settings):
    """Alice with much of two currencies; a euro is 1.25 dollars."""
    settings.FX_MAX_RATE_AGE = timedelta(days=1)
    charge(spread_bps="0")
    publish_rates()
    alice = CustomerFactory(name="Alice")
    fund(alice, "10000.00 USD")
    fund(alice, "10000.00 EUR")
    return alice


def outcomes(actions):
    done = at_once(actions)
    moved = [one for one in done if isinstance(one, Posted)]
    refused = [one for one in done if isinstance(one, LimitExceeded)]
    assert len(moved) + len(refused) == len(done), set(map(repr, done))
    return len(moved), len(refused)


def forty_euros(user):
    return lambda: withdraw(user, "40.00 EUR")


class TestRacingTransfers:
    def test_never_exceed_an_amount(self, rich):
        bob = CustomerFactory(name="Bob")
        at_most("100.00 USD", per="day", type="transfer")

        moved, _ = outcomes([lambda: transfer(rich, "7.00 USD", to=bob)] * RACERS)

        assert moved == 14
        assert LimitSeries.objects.get().total_amount == 98

    def test_never_exceed_a_number(self, rich):
        bob = CustomerFactory(name="Bob")
        at_most(per="day", count=9, type="transfer")

        moved, _ = outcomes([lambda: transfer(rich, "1.00 USD", to=bob)] * RACERS)

        assert moved == 9

    def test_out_of_two_wallets_never_exceed_one_amount_for_both(self, rich):
        bob = CustomerFactory(name="Bob")
        at_most("100.00", per="day", type="transfer")
        broken = deadlocks()

        moved, _ = outcomes(
            [
                lambda: transfer(rich, "8.00 EUR", to=bob),
                lambda: transfer(rich, "10.00 USD", to=bob),
            ]
            * (RACERS // 2)
        )

        assert moved == 10
        assert LimitSeries.objects.get().total_amount == 100
        assert deadlocks() == broken

    def test_of_a_series_just_begun_count_each_other(self, rich):
        """All see that there is none, and one of them begins it."""
        at_most("22503.00", per="month")
        at_most("15.00 USD", per="month", type="withdrawal")

        moved, _ = outcomes([lambda: withdraw(rich, "1.00 USD")] * 8)

        # What was put in before counts, too: 22,500 dollars in all.
        assert moved == 3
        assert LimitUse.objects.count() == (2 + 3) + 3

    def test_sees_all_that_the_one_before_it_caught_up_with(self, rich):
        rule = at_most("100.00", per="day", type="withdrawal")
        withdraw(rich, "1.00 USD")
        end_limit(rule.id, reason="For a while")
        withdraw(rich, "500.00 USD")
        let_pass(timedelta(days=2))
        publish_rates()
        at_most("100.00", per="day", type="withdrawal")
        order = WithdrawOrder(rich.id, "USD", Decimal(10))

        with ThreadPoolExecutor(1) as other, db_transaction.atomic():
            [wallet] = lock_wallets(*order.claims())
            LimitBook([Ordered(wallet, "withdrawal")])
            withdrawn = other.submit(outcome_of, forty_euros(rich))
            wait_for_somebody_who_waits_for_us()
            post(order.draft(Instruction(), wallet))

        # Of today there are 10 dollars and 40 euros; the 500 are of the day before.
        assert isinstance(withdrawn.result(), Posted), withdrawn.result()
        assert LimitSeries.objects.get().total_amount == 561

    def test_there_and_back_wait_for_each_other_and_no_more(self, rich):
        bob = CustomerFactory(name="Bob")
        fund(bob, "1000.00 USD")
        at_most("5000.00", per="day", type="transfer")
        at_most("5000.00 USD", per="day")
        at_most("9000000.00", per="month")
        broken = deadlocks()

        moved, _ = outcomes(
            [
                lambda: transfer(rich, "1.00 USD", to=bob),
                lambda: transfer(bob, "1.00 USD", to=rich),
            ]
            * 10
        )

        assert moved == 10  # Alice has put in more than the second one allows.
        assert deadlocks() == broken
