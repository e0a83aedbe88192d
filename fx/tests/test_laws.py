"""What PostgreSQL itself refuses about rates, whoever asks."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.db import transaction as db_transaction

from fx.models import Rate

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)


def observe(**differences: object) -> Rate:
    observation = {
        "provider": "ecb",
        "base": "EUR",
        "quote": "USD",
        "bid": Decimal("1.1"),
        "ask": Decimal("1.1"),
        "as_of": FRIDAY,
        "fetched_at": FRIDAY,
    }
    return Rate.objects.create(**(observation | differences))


class TestRateIsAppendOnly:
    @pytest.mark.parametrize("role", ["origin", "replica"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE fx_rate SET bid = 1",
            "UPDATE fx_rate SET bid = 1 WHERE false",
            "DELETE FROM fx_rate",
            "TRUNCATE fx_rate",
        ],
    )
    def test_refuses(self, statement, role):
        observe()

        with connection.cursor() as cursor, db_transaction.atomic():
            # As a replication client would, for whom ordinary triggers do not fire.
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
            refused = pytest.raises(IntegrityError, match="append-only")
            with refused, db_transaction.atomic():
                cursor.execute(statement)

        assert Rate.objects.get().bid == Decimal("1.1")

    def test_refuses_the_orm_as_well(self):
        rate = observe()

        for change in (rate.delete, lambda: rate.save(update_fields=["bid"])):
            with pytest.raises(IntegrityError), db_transaction.atomic():
                change()


class TestRate:
    @pytest.mark.parametrize(
        "differences",
        [
            {"bid": Decimal(0), "ask": Decimal(0)},
            {"bid": Decimal(-1)},
            {"bid": Decimal("1.2")},
            {"quote": "EUR"},
        ],
    )
    def test_that_makes_no_sense_is_refused(self, differences):
        with pytest.raises(IntegrityError):
            observe(**differences)

    def test_is_observed_once(self):
        observe()

        with pytest.raises(IntegrityError):
            observe(fetched_at=datetime(2026, 11, 1, tzinfo=UTC))

    def test_may_have_two_sides(self):
        rate = observe(ask=Decimal("1.2"))

        assert float(rate.mid) == 1.15
        assert (rate.source.bid, rate.source.ask) == (rate.bid, rate.ask)
