"""Processes that die without a word while money moves."""

import logging
import os
import signal
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection

from tests.domain import fund
from tests.factories import CustomerFactory
from tests.load import CURRENCIES, Answered, Load
from transactions.models import Hold, IdempotencyKey, Transaction
from transactions.queries import balances

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

logger = logging.getLogger(__name__)
CLIENTS = 8
SEED = {currency: f"200.00 {currency}" for currency in CURRENCIES}


@pytest.fixture
def load(server, platform, rates):
    """Four customers with some money, so that some orders are refused."""
    users = [CustomerFactory() for _ in range(4)]
    for user in users:
        for money in SEED.values():
            fund(user, money)
    return Load(server, platform.token, [user.id for user in users])


def assert_nothing_was_lost_or_doubled(load):
    """The books say what the clients were told, no more and no less."""
    seeded = len(load.users) * len(SEED)
    booked = Transaction.objects.exclude(idempotency_key=None)
    told = {
        one.order.key: one.answer["transaction_id"]
        for one in load.accepted
        if "transaction_id" in one.answer
    }
    kept = IdempotencyKey.objects.filter(refusal__isnull=False)
    refused = {one.order.key for one in load.answered if one.status >= 300}

    assert {t.idempotency_key: str(t.id) for t in booked} == told
    assert Transaction.objects.count() == seeded + len(told)
    assert set(kept.values_list("key", flat=True)) == refused
    for user_id in load.users:
        assert held_by(user_id) == told_of(user_id, load.accepted)
    promised = {str(hold.id): hold.left for hold in Hold.objects.all()}
    assert promised == promised_to(load.accepted)


def held_by(user_id):
    return {m.currency.code: m.amount for m in balances(user_id)}


def told_of(user_id, accepted: list[Answered]):
    """What a user has who adds up all answers."""
    held = Counter({currency: Decimal(200) for currency in CURRENCIES})
    for one in accepted:
        answer, payer = one.answer, one.order.user_id
        match one.order.action:
            case "fund" if payer == user_id:
                held[answer["currency"]] += Decimal(answer["amount"])
            case "withdraw" | "transfer" | "capture" if payer == user_id:
                held[answer["currency"]] -= Decimal(answer["amount"])
            case "transfer" | "capture" if answer["to_user_id"] == str(user_id):
                held[answer["currency"]] += Decimal(answer["amount"])
            case "convert" if payer == user_id:
                held[answer["from_currency"]] -= Decimal(answer["from_amount"])
                held[answer["to_currency"]] += Decimal(answer["to_amount"])
    return dict(held)


def promised_to(accepted: list[Answered]):
    """What is left of each hold, to whoever adds up all answers."""
    left = {
        one.answer["id"]: Decimal(one.answer["amount"])
        for one in accepted
        if one.order.action == "hold"
    }
    for one in accepted:
        if one.order.action == "capture":
            left[one.order.hold_id] -= Decimal(one.answer["amount"])
    voided = {one.order.hold_id for one in accepted if one.order.action == "void"}
    return {id_: Decimal(0) if id_ in voided else rest for id_, rest in left.items()}


class TestKilledWorkers:
    def test_lose_nothing_and_double_nothing(self, load):
        killed = []

        def kill_workers():
            while len(killed) < 6:
                # So many answers are those of a worker that lives.
                load.wait_for_answers(30)
                pids = load.server.worker_pids()
                victim = next(pid for pid in pids if pid not in killed)
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            load.wait_for_answers(30)

        load.run(CLIENTS, meanwhile=kill_workers)

        logger.info("%d answered, %s", len(load.answered), load.statuses)
        assert load.repeated, "no kill met a request"
        assert_nothing_was_lost_or_doubled(load)


class TestKilledDatabaseConnections:
    def test_lose_nothing_and_double_nothing(self, load):
        killed = []

        def kill_connections():
            for _ in range(25):
                load.wait_for_answers(20)
                killed.append(terminate_other_connections())
            load.wait_for_answers(40)

        load.run(CLIENTS, meanwhile=kill_connections)

        logger.info("%d answered, %s", len(load.answered), load.statuses)
        assert sum(killed) > 25
        assert load.repeated, "no kill met a request"
        codes = {status.partition(" ")[0] for status in load.statuses}
        assert codes <= {"200", "201", "404", "409", "422", "503"}
        assert_nothing_was_lost_or_doubled(load)


def terminate_other_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]
