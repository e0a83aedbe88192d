"""Running totals: right for any history, at a cost that does not grow with it."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.db import transaction as db_transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fx.money import Denomination
from tests.domain import at_most, fund, withdraw
from transactions.models import LimitSeries, LimitUse
from transactions.reckoning import Reckoner
from transactions.series import _LOCK, NOTHING, Scope, Use, read_series
from transactions.tests.test_round_trips import RoundTrips
from wallets.limits import WINDOWS

USD = Denomination("USD", 2)
_PARTS = timedelta(hours=1)


def uses(history):
    """A series with these uses: so long ago, so much."""
    user_id = uuid4()
    scope = Scope(user_id, "", "USD", USD)
    series = LimitSeries.objects.create(user_id=user_id, currency="USD", unit="USD")
    total, now = Decimal(0), timezone.now()
    rows = []
    for number, (age, amount) in enumerate(sorted(history, reverse=True), start=1):
        total += amount
        rows.append(
            LimitUse(
                series=series,
                number=number,
                at=now - age,
                total_amount=total,
                transaction_id=uuid4(),
            )
        )
    LimitUse.objects.bulk_create(rows, batch_size=5000)
    LimitSeries.objects.filter(pk=series.pk).update(
        total_amount=total, total_count=len(rows), counted_at=now
    )
    return scope


amounts = st.decimals("0.01", "1000", places=2)
# Off the edges of the windows, which move while the test runs.
ages = st.integers(0, 24 * 40).map(lambda hours: hours * _PARTS + _PARTS / 2)


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestWindows:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(history=st.lists(st.tuples(ages, amounts), max_size=30))
    def test_are_what_a_scan_adds_up(self, db, history):
        with db_transaction.atomic():
            scope = uses(history)

            tally = read_series(
                {scope: timezone.now() - timedelta(days=99)}, Reckoner()
            )[scope]

            for name, length in WINDOWS.items():
                inside = [amount for age, amount in history if age < length]
                assert tally.used(name) == Use(sum(inside, Decimal(0)), len(inside))
            db_transaction.set_rollback(True)

    def test_of_a_series_not_begun_are_empty(self):
        scope = Scope(uuid4(), "", "USD", USD)

        tally = read_series({scope: timezone.now()}, Reckoner())[scope]

        assert [tally.used(name) for name in WINDOWS] == [NOTHING] * 3


@pytest.mark.django_db
@pytest.mark.books_are_broken
class TestCost:
    def pages(self, count):
        """How many pages the statement that locks a series looks at."""
        scope = uses(
            [(i * timedelta(days=40) / count, Decimal(1)) for i in range(count)]
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE transactions_limituse, transactions_limitseries")
            user_id, type_, currency, unit = scope.key
            cursor.execute(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_LOCK}",
                {
                    "users": [user_id],
                    "types": [type_],
                    "currencies": [currency],
                    "units": [unit],
                    "windows": list(WINDOWS.values()),
                },
            )
            [[plan]] = cursor.fetchall()
        [told] = plan if isinstance(plan, list) else json.loads(plan)
        return told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]

    def test_does_not_grow_with_the_history(self):
        few = self.pages(50)
        many = self.pages(50_000)

        assert few > 0
        assert many <= 2 * few


@pytest.mark.django_db(transaction=True)
class TestRoundTripsOfLimits:
    """What limits add to the round trips that `test_round_trips` counts."""

    @pytest.fixture(autouse=True)
    def _alice_is_known(self, platform, alice, rates):
        fund(alice, "1000.00 USD")
        fund(alice, "1000.00 EUR")

    def count(self, tmp_path, platform, alice, currency):
        # Series begin once, and catch up once; then they are as old as their rules.
        # What is asked a second time is prepared.
        for _ in range(2):
            withdraw(alice, f"1.00 {currency}")
            platform.get(f"/v1/wallets/{alice.id}")
        LimitSeries.objects.update(counted_at=timezone.now() + timedelta(hours=1))
        body = {"currency": currency, "amount": "10.00"}
        path = f"/v1/wallets/{alice.id}/withdraw"
        with RoundTrips(tmp_path / "trace") as round_trips:
            answer = platform.post(path, body, idempotency_key="once")
        assert answer.status_code == 201, answer.content
        return round_trips.made

    @pytest.mark.books_are_broken
    @pytest.mark.parametrize(
        ("rule", "currency", "more"),
        [
            # For others: nothing.
            ({"most": "100.00 USD", "type": "transfer"}, "USD", 0),
            ({"most": "100.00 EUR"}, "USD", 0),
            # The series.
            ({"most": "100.00 USD", "type": "withdrawal"}, "USD", 1),
            ({"most": "9000.00", "type": "withdrawal"}, "USD", 1),
            # And the rate.
            ({"most": "9000.00", "type": "withdrawal"}, "EUR", 2),
            # And what the other wallets hold.
            ({"most": "9000.00"}, "USD", 2),
            ({"most": "9000.00"}, "EUR", 3),
        ],
    )
    def test_are_few(self, tmp_path, platform, alice, rule, currency, more):
        at_most(per="week", **rule)

        assert self.count(tmp_path, platform, alice, currency) == 2 + more

    @pytest.mark.books_are_broken
    def test_are_no_more_for_many_rules(self, tmp_path, platform, alice):
        for window in WINDOWS:
            at_most("5000.00 USD", per=window)
            at_most("5000.00 USD", per=window, type="withdrawal", user=alice)
        at_most("500.00 USD", per="operation")

        assert self.count(tmp_path, platform, alice, "USD") == 3
