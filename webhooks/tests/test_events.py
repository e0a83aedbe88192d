"""Events, through the API."""

import pytest
from django.db import connection
from django.db import transaction as db_transaction

from tests.domain import convert, fund, transfer
from tests.threads import wait_for_older_writers
from tests.wipe import laws_put_aside
from wallets.models import Wallet
from wallets.services import freeze_wallet
from webhooks.models import Event, RecordedEvent

# Events show only when their writers have committed.
pytestmark = pytest.mark.django_db(transaction=True)


class TestEvents:
    def test_tell_what_happened_in_order(self, platform, alice, bob, rates):
        funded = fund(alice, "10.00 USD", reference="order-7")
        transfer(alice, "1.00 USD", to=bob)
        convert(alice, "1.00 USD", to="EUR")
        freeze_wallet(Wallet.objects.get(owner=bob).id)
        wait_for_older_writers()

        page = platform.get("/v1/events", limit=100).json()

        types = [event["type"] for event in page["data"]]
        assert types == [
            *["user.created", "wallet.opened"] * 2,
            "transaction.posted",
            "transaction.posted",
            "wallet.opened",
            "transaction.posted",
            "wallet.frozen",
        ]
        event = page["data"][4]
        assert event["subject_id"] == str(funded.transaction.id)
        assert event["user_id"] == str(alice.id)
        assert event["data"] == {"type": "fund", "reference": "order-7"}

    def test_name_the_request_that_caused_them(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            {"currency": "USD", "amount": "1.00"},
            request_id="my-request",
        )
        wait_for_older_writers()

        [event] = platform.get("/v1/events", type="transaction.posted").json()["data"]
        assert event["request_id"] == answer.headers["Request-Id"] == "my-request"

    def test_go_on_from_the_cursor_of_the_last_page(self, platform, alice):
        seen = []
        cursor = {}
        for number in range(3):
            fund(alice, f"{number + 1}.00 USD")
            wait_for_older_writers()
            page = platform.get("/v1/events", limit=100, **cursor).json()
            seen += [event["id"] for event in page["data"]]
            cursor = {"cursor": page["next_cursor"]}

        nothing = platform.get("/v1/events", **cursor).json()

        assert len(seen) == len(set(seen)) == 2 + 3
        assert nothing == {
            "data": [],
            "has_more": False,
            "next_cursor": cursor["cursor"],
        }

    def test_tell_once_what_has_an_event_of_its_own(self, platform, alice):
        """As transactions have that were there before they were events themselves."""
        funded = fund(alice, "10.00 USD").transaction
        with laws_put_aside() as cursor:
            cursor.execute("UPDATE transactions_transaction SET request_id = NULL")
        recorded = RecordedEvent.objects.create(
            type="transaction.posted", subject_id=funded.id, user_id=alice.id
        )
        wait_for_older_writers()

        posted = platform.get("/v1/events", type="transaction.posted").json()["data"]

        assert [event["id"] for event in posted] == [str(recorded.id)]

    @pytest.mark.parametrize("order", [["xid", "id"], ["-id"]])
    def test_are_read_in_their_order_by_indexes(self, order):
        with db_transaction.atomic(), connection.cursor() as cursor:
            # What would pay for a few rows only.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")

            plan = Event.objects.order_by(*order)[:10].explain()

        assert "Merge Append" in plan
        assert plan.count("Index Scan") == 2
        assert "->  Sort" not in plan

    def test_page_by_the_limit(self, platform, alice):
        wait_for_older_writers()

        first = platform.get("/v1/events", limit=1).json()
        second = platform.get("/v1/events", limit=1, cursor=first["next_cursor"]).json()

        assert (first["has_more"], second["has_more"]) == (True, False)
        assert [p["data"][0]["type"] for p in (first, second)] == [
            "user.created",
            "wallet.opened",
        ]

    @pytest.mark.parametrize(
        "cursor", ["x", "WyIxIl0", "WyJ4IiwieSJd", "WyItMSIsICIwIl0"]
    )
    def test_refuse_a_cursor_that_is_none(self, platform, cursor):
        answer = platform.get("/v1/events", cursor=cursor)

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
