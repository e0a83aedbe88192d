"""What is done behind the customers' backs goes in small steps."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from types import ModuleType

import pytest
from django.utils import timezone

from tests.domain import fund
from tests.threads import wait_for_older_writers
from transactions.models import DayTotal, Fold, FoldTotal, IdempotencyKey
from transactions.services import fold_totals, prune_keys, roll_up_days

pytestmark = pytest.mark.django_db(transaction=True)


def module(name: str) -> ModuleType:
    # By the attribute of the package one gets the function of the same name.
    return import_module(f"transactions.services.{name}")


def post_together(platform, user, funds: int) -> None:
    """So many transactions of one writer."""
    item = {"type": "fund", "user_id": str(user.id), "currency": "USD", "amount": "1"}
    answer = platform.post("/v1/batches", {"items": [item] * funds, "atomic": True})
    assert answer.status_code == 201


def folded() -> Decimal:
    last = Fold.objects.order_by("made_at").last()
    return FoldTotal.objects.get(fold=last, purpose="customer").credits


def rolled_up() -> Decimal:
    [day] = DayTotal.objects.all()
    assert day.transactions == day.credits
    return day.credits


@pytest.mark.parametrize(
    ("service", "constant", "credited"),
    [
        (fold_totals, "_TRANSACTIONS_PER_FOLD", folded),
        (roll_up_days, "_TRANSACTIONS_AT_ONCE", rolled_up),
    ],
)
class TestAddingUp:
    def test_takes_so_many_transactions_at_a_time(
        self, alice, monkeypatch, service, constant, credited
    ):
        monkeypatch.setattr(module(service.__name__), constant, 2)
        for _ in range(5):
            fund(alice, "1.00 USD")
        wait_for_older_writers()

        assert service() == 3

        assert credited() == 5

    def test_takes_all_of_one_writer(
        self, alice, platform, monkeypatch, service, constant, credited
    ):
        monkeypatch.setattr(module(service.__name__), constant, 2)
        post_together(platform, alice, 5)
        fund(alice, "1.00 USD")
        wait_for_older_writers()

        assert service() == 2

        assert credited() == 6


class TestFoldTotals:
    def test_adds_no_fold_when_nothing_moved(self, alice):
        fund(alice, "1.00 USD")
        wait_for_older_writers()

        for _ in range(3):
            fold_totals()

        assert Fold.objects.count() == 1


class TestPruneKeys:
    def test_takes_so_many_at_a_time_and_all_in_the_end(self, alice, monkeypatch):
        monkeypatch.setattr(module("prune_keys"), "_KEYS_AT_ONCE", 2)
        now = timezone.now()
        for number in range(7):
            IdempotencyKey.objects.create(
                principal_id=alice.id,
                key=str(number),
                fingerprint=b"",
                refusal={},
                created_at=now - timedelta(days=number),
            )

        assert prune_keys(before=now - timedelta(days=1, hours=1)) == 5

        assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"0", "1"}
