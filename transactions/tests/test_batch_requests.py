"""Requests for batches: what is read, what is refused, and what a repetition gets."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import fund, holdings, withdraw
from tests.factories import CustomerFactory
from transactions.models import Batch, IdempotencyKey
from transactions.tests.test_batches import (
    codes,
    item,
    paying,
    send,
    written,
)

pytestmark = pytest.mark.django_db


class TestRequest:
    @pytest.mark.parametrize(
        ("items", "pointer", "code"),
        [
            ([], "/items", "empty"),
            ("all", "/items", "not_a_list"),
            ([{}] * 10_001, "/items", "too_many"),
            ([{"type": "fund"}], "/items/0/amount", "required"),
            ([{"type": "capture"}], "/items/0/type", "invalid_choice"),
            ([{"type": ["fund"]}], "/items/0/type", "invalid_choice"),
            ([{}], "/items/0/type", "invalid_choice"),
            ([None], "/items/0", "not_a_dict"),
            ([{"type": "conversion", "quote_id": "x"}], "/items/0/quote_id",
             "unknown_field"),
            ([{"type": "fund", "preview": True}], "/items/0/preview", "unknown_field"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("atomic", [True, False])
    def test_that_cannot_be_read(self, platform, items, pointer, code, atomic):
        before = written()

        answer = platform.post("/v1/batches", {"items": items, "atomic": atomic})

        assert answer.status_code == 422
        errors = [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
        assert (pointer, code) in errors
        assert written() == before

    @pytest.mark.parametrize("atomic", [True, False])
    def test_with_a_bad_row_in_the_middle(self, platform, alice, atomic):
        funds = [item("fund", alice, "1.00 USD") for _ in range(9)]
        funds[4]["amount"] = "1e2"

        answer = send(platform, *funds, atomic=atomic)

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (
            "/items/4/amount",
            "invalid_amount",
        )
        assert holdings(alice) == {}

    def test_says_whether_it_is_atomic(self, platform, alice):
        body = {"items": [item("fund", alice, "1.00 USD")]}

        answer = platform.post("/v1/batches", body)

        assert [e["pointer"] for e in answer.json()["errors"]] == ["/atomic"]

    def test_tells_a_hundred_errors_at_most(self, platform):
        answer = platform.post("/v1/batches", {"items": [{}] * 10_000, "atomic": True})

        assert len(answer.json()["errors"]) == 100

    def test_may_have_a_longer_body_than_others(self, platform, alice):
        # 10,000 of these would be 8 MiB; the books take as long as they take.
        long = item("fund", alice, "1.00 USD", description="x" * 500)
        assert len(json.dumps(long)) * 10_000 < 8 * 1024 * 1024

        answer = send(platform, *[long] * 200)
        too_long = platform.post("/v1/batches", b" " * (8 * 1024 * 1024 + 1))

        assert answer.status_code == 201
        assert too_long.status_code == 413
        assert too_long.json()["limit"] == 8 * 1024 * 1024

    def test_is_the_platforms(self, as_alice, alice):
        answer = send(as_alice, item("withdrawal", alice, "1.00 USD"))

        assert answer.status_code == 403

    def test_has_no_version(self, platform, alice):
        body = {"items": [item("fund", alice, "1.00 USD")], "atomic": True}

        answer = platform.post("/v1/batches", body, if_match='"0"')

        assert answer.status_code == 400
        assert holdings(alice) == {}


class TestPreview:
    @pytest.mark.parametrize("atomic", [True, False])
    def test_shows_what_then_happens_and_writes_nothing(
        self, platform, alice, bob, atomic
    ):
        items = [
            item("fund", alice, "5.00 GBP"),
            paying(alice, "1.00 GBP", bob),
        ]
        before = written()

        shown = send(platform, *items, atomic=atomic, preview=True, key="k").json()

        assert written() == before
        assert shown["preview"] is True
        assert shown["batch_id"] is None
        done = send(platform, *items, atomic=atomic, key="k").json()
        own = {"transaction_id", "preview", "entries", "effective_at", "recorded_at"}
        for seen, one in zip(shown["results"], done["results"], strict=True):
            assert seen["transaction"]["transaction_id"] is None
            assert {k: v for k, v in seen["transaction"].items() if k not in own} == {
                k: v for k, v in one["transaction"].items() if k not in own
            }


class TestRepetition:
    def test_is_told_the_same_and_moves_nothing(self, platform, alice, bob, rates):
        items = [
            item("withdrawal", alice, "1.00 USD"),
            item("fund", alice, "5.00 USD", metadata={"bb": "1", "a": "2"}),
            paying(alice, "2.00 USD", bob, reference="r"),
            item("fund", alice, "1.23456 USD"),
        ]
        first = send(platform, *items, atomic=False, key="k")
        withdraw(alice, "3.00 USD")
        before = written()

        again = send(platform, *items, atomic=False, key="k")
        read = platform.get(f"/v1/batches/{first.json()['batch_id']}")

        assert codes(first) == [
            "insufficient_funds", "posted", "posted", "validation_error",
        ]  # fmt: skip
        assert again.content == first.content == read.content
        assert again.headers["Idempotent-Replayed"] == "true"
        assert written() == before

    def test_of_a_refused_batch_is_refused_for_ever(self, platform, alice):
        items = [item("fund", alice, "1.00 USD"), item("withdrawal", alice, "2.00 USD")]
        first = send(platform, *items, key="k")
        fund(alice, "5.00 USD")

        again = send(platform, *items, key="k")

        assert again.json()["code"] == "insufficient_funds"
        assert again.json()["index"] == first.json()["index"] == 1
        assert again.headers["Idempotent-Replayed"] == "true"
        assert holdings(alice) == {"USD": "5.00"}

    def test_of_what_can_never_succeed_may_be_put_right(self, platform, alice):
        items = [item("fund", alice, "1.5 JPY")]
        send(platform, *items, key="k")

        assert not IdempotencyKey.objects.exists()
        items[0]["amount"] = "1"
        assert send(platform, *items, key="k").status_code == 201

    def test_with_other_items_is_refused(self, platform, alice):
        send(platform, item("fund", alice, "1.00 USD"), key="k")

        answer = send(platform, item("fund", alice, "2.00 USD"), key="k")

        assert answer.json()["code"] == "idempotency_key_reused"
        assert Batch.objects.count() == 1


class TestStatements:
    def test_do_not_grow_with_the_items(self, platform, alice):
        platform.get(f"/v1/wallets/{alice.id}")
        counted = []
        # Two items each, and one statement writes a hundred.
        for number in (5, 50):
            users = [CustomerFactory() for _ in range(number)]
            items = [
                one
                for user in users
                for one in (
                    item("fund", user, "5.00 GBP", reference=f"{number}"),
                    paying(user, "1.00 GBP", alice),
                )
            ]
            with CaptureQueriesContext(connection) as statements:
                assert send(platform, *items, key=f"{number}").status_code == 201
            counted.append(len(statements))

        assert counted[0] == counted[1]
        assert counted[1] <= 20


class TestBatch:
    def test_that_is_not_there(self, platform, alice):
        answer = platform.get(f"/v1/batches/{alice.id}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_is_not_for_customers(self, as_alice, alice):
        assert as_alice.get(f"/v1/batches/{alice.id}").status_code == 403
