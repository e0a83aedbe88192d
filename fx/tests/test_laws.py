"""What PostgreSQL itself refuses about rates, whoever asks."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.db import transaction as db_transaction

from fx.models import Feed, Rate, Verdict

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


def decide(**differences: object) -> Verdict:
    decision = {
        "base": "EUR",
        "quote": "USD",
        "kind": "accepted",
        "at": FRIDAY,
        "bid": Decimal("1.1"),
        "ask": Decimal("1.1"),
    }
    return Verdict.objects.create(**(decision | differences))


class TestWhatWasSaidAndDecided:
    @pytest.mark.parametrize("role", ["origin", "replica"])
    @pytest.mark.parametrize("table", ["fx_rate", "fx_verdict", "fx_feederror"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {} SET id = id",
            "UPDATE {} SET id = id WHERE false",
            "DELETE FROM {}",
            "TRUNCATE {}",
        ],
    )
    def test_is_append_only(self, statement, table, role):
        with connection.cursor() as cursor, db_transaction.atomic():
            # As a replication client would, for whom ordinary triggers do not fire.
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
            refused = pytest.raises(IntegrityError, match="append-only")
            with refused, db_transaction.atomic():
                cursor.execute(statement.format(table))

    def test_is_append_only_for_the_orm_as_well(self):
        rate = observe()

        for change in (rate.delete, lambda: rate.save(update_fields=["bid"])):
            with pytest.raises(IntegrityError), db_transaction.atomic():
                change()

        assert Rate.objects.get().bid == Decimal("1.1")


class TestVerdict:
    @pytest.mark.parametrize(
        "differences",
        [
            {"bid": Decimal(0)},
            {"bid": Decimal("1.2")},
            {"kind": "closed", "reason": "Looked."},
            {"kind": "closed", "staff_id": UUID(int=1)},
        ],
    )
    def test_that_makes_no_sense_is_refused(self, differences):
        with pytest.raises(IntegrityError):
            decide(**differences)

    def test_is_one_at_a_time(self):
        decide()

        with pytest.raises(IntegrityError):
            decide(kind="opened")


class TestFeed:
    @pytest.mark.parametrize(
        "differences",
        [
            {"name": "ecb"},
            {"header_name": "Authorization"},
            {"header_name": "Authorization", "header_variable": "SECRET_KEY"},
        ],
    )
    def test_that_would_be_dangerous_is_refused(self, differences):
        feed = {"name": "desk", "url": "https://rates.example", "as_of_path": "t"}

        with pytest.raises(IntegrityError):
            Feed.objects.create(**(feed | differences))


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

    def test_is_one_word_at_a_time(self):
        observe()

        with pytest.raises(IntegrityError):
            observe(bid=Decimal("1.05"))

    def test_may_have_two_sides(self):
        rate = observe(ask=Decimal("1.2"))

        assert float(rate.mid) == 1.15
        assert (rate.source.bid, rate.source.ask) == (rate.bid, rate.ask)
