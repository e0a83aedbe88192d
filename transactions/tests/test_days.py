"""What moved each day is added up once, whoever adds, and however often."""

import time
from datetime import UTC
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection
from django.db import transaction as db_transaction
from django.utils import timezone

from tests.domain import convert, fund, transfer, withdraw
from tests.factories import CustomerFactory
from tests.threads import at_once, wait_for_older_writers
from transactions.audit import audit
from transactions.models import DayTotal
from transactions.services import roll_up_days
from transactions.services.roll_up_days import _add_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(transactional_db):
    return CustomerFactory(name="Alice", external_id="alice")


@pytest.fixture
def bob(transactional_db):
    return CustomerFactory(name="Bob", external_id="bob")


def days() -> dict[tuple[str, str], tuple[int, Decimal, Decimal]]:
    return {
        (row.type, row.currency): (row.transactions, row.debits, row.credits)
        for row in DayTotal.objects.all()
    }


class TestRollUpDays:
    def test_tells_what_customers_got_and_gave(self, alice, bob):
        fund(alice, "100.00 USD")
        fund(alice, "20.00 USD")
        transfer(alice, "5.00 USD", to=bob)
        withdraw(alice, "1.00 USD")

        wait_for_older_writers()
        roll_up_days()

        assert days() == {
            ("fund", "USD"): (2, 0, 120),
            ("transfer", "USD"): (1, 5, 5),
            ("withdrawal", "USD"): (1, 1, 0),
        }
        assert {row.day for row in DayTotal.objects.all()} == {
            timezone.now().astimezone(UTC).date()
        }

    def test_counts_a_conversion_once_and_leaves_out_the_house(self, alice, rates):
        fund(alice, "100.00 EUR")
        convert(alice, "10.00 EUR", to="MXN")

        wait_for_older_writers()
        roll_up_days()

        found = days()
        assert found["conversion", "EUR"] == (1, 10, 0)
        assert found["conversion", "MXN"] == (0, 0, 200)

    def test_adds_nothing_twice(self, alice):
        fund(alice, "100.00 USD")
        roll_up_days()
        roll_up_days()
        fund(alice, "1.00 USD")
        wait_for_older_writers()
        roll_up_days()

        assert days() == {("fund", "USD"): (2, 0, 101)}

    def test_adds_nothing_twice_when_two_add_at_once(self, alice):
        for _ in range(5):
            fund(alice, "1.00 USD")
        wait_for_older_writers()
        first_is_adding, second_has_begun = Event(), Event()

        def first():
            with db_transaction.atomic():
                _add_up()
                first_is_adding.set()
                second_has_begun.wait(5)
                # Long enough for the second to come as far as it can.
                time.sleep(0.3)

        def second():
            first_is_adding.wait(5)
            second_has_begun.set()
            roll_up_days()

        outcomes = at_once([first, second])

        assert outcomes == [None, None]
        assert days() == {("fund", "USD"): (5, 0, 5)}

    def test_is_looked_after_by_the_audit(self, alice):
        fund(alice, "100.00 USD")
        wait_for_older_writers()
        roll_up_days()
        clean = audit().is_clean
        with connection.cursor() as cursor:
            cursor.execute("UPDATE transactions_daytotal SET credits = credits + 1")

        [broken] = [check for check in audit().checks if check.offenders]

        with connection.cursor() as cursor:
            cursor.execute("UPDATE transactions_daytotal SET credits = credits - 1")
        assert clean
        assert broken.name == "days_are_the_sum"
