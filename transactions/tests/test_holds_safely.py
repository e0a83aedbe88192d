"""Holds: who may see and do what, replays, previews, and lists."""

import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone

from fx.models import PricingPolicy
from tests.domain import (
    capture,
    fund,
    hold,
    holdings,
    house,
    reserved,
    run_out,
    void,
    withdraw,
)
from transactions.models import Entry, Hold, IdempotencyKey, Transaction
from transactions.services import expire_holds
from wallets.models import Wallet
from wallets.services import close_wallet
from webhooks.models import Event

pytestmark = pytest.mark.django_db


def code(answer):
    return answer.status_code, answer.json().get("code")


class TestCustomers:
    def test_place_holds_on_their_own_wallets_only(self, as_alice, as_bob, order):
        assert as_alice.post("/v1/holds", order).status_code == 201
        assert code(as_bob.post("/v1/holds", order)) == (404, "user_not_found")

    def test_neither_capture_nor_void(self, as_alice, as_bob, placed):
        for client in (as_alice, as_bob):
            for act in ("capture", "void"):
                answers = [
                    client.post(f"/v1/holds/{id_}/{act}")
                    for id_ in (placed.hold.id, uuid4())
                ]
                # Of a hold that is there they learn no more than of one that is not.
                assert [code(answer) for answer in answers] == [(403, "forbidden")] * 2

    def test_read_their_own_only(self, as_alice, as_bob, placed):
        path = f"/v1/holds/{placed.hold.id}"

        theirs, nothing = as_bob.get(path), as_bob.get(f"/v1/holds/{uuid4()}")

        assert as_alice.get(path).json()["id"] == str(placed.hold.id)
        mine = ("request_id", "instance")
        assert code(theirs) == (404, "not_found")
        assert {k: v for k, v in theirs.json().items() if k not in mine} == {
            k: v for k, v in nothing.json().items() if k not in mine
        }

    def test_list_their_own_only(self, as_alice, as_bob, placed, funded):
        assert len(as_alice.get("/v1/holds").json()["data"]) == 1
        assert as_bob.get("/v1/holds").json()["data"] == []
        other = as_bob.get("/v1/holds", user_id=str(funded.id))
        assert code(other) == (404, "user_not_found")

    def test_do_not_learn_of_the_hold_behind_a_payment(self, as_bob, placed):
        posted = capture(placed)

        told = as_bob.get(f"/v1/transactions/{posted.transaction.id}").json()

        assert told["entries"][0]["amount"] == "60.00"
        assert told["hold"] is None


class TestReplays:
    def test_of_a_placement_read_as_the_first_time(self, platform, order, placed):
        order = order | {"amount": "10", "expires_in": 60}
        order["metadata"] = {"b": "1", "a": "2"}
        first = platform.post("/v1/holds", order, idempotency_key="k")
        placed = Hold.objects.get(pk=first.json()["id"])
        platform.post(f"/v1/holds/{placed.id}/capture", {"amount": "1"})
        platform.post(f"/v1/holds/{placed.id}/void", {"reason": "x"})

        again = platform.post("/v1/holds", order, idempotency_key="k")

        assert first.content == again.content
        assert again.status_code == 201
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers

    def test_of_a_void_read_as_the_first_time(self, platform, placed):
        path, why = f"/v1/holds/{placed.hold.id}/void", {"reason": "x"}
        capture(placed, "1.00")

        first = platform.post(path, why, idempotency_key="k")
        again = platform.post(path, why, idempotency_key="k")

        assert first.content == again.content
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert Event.objects.filter(type="hold.voided").count() == 1

    def test_of_a_capture_are_its_transaction(self, platform, placed, bob):
        path = f"/v1/holds/{placed.hold.id}/capture"

        first = platform.post(path, {"amount": "25.00"}, idempotency_key="k")
        again = platform.post(path, {"amount": "25.00"}, idempotency_key="k")

        assert first.content == again.content
        assert holdings(bob) == {"USD": "25.00"}

    def test_of_a_refusal_are_refused_for_good(self, platform, order, placed, funded):
        first = platform.post("/v1/holds", order, idempotency_key="k")
        void(placed)

        again = platform.post("/v1/holds", order, idempotency_key="k")

        assert code(first) == code(again) == (422, "insufficient_funds")
        assert platform.post("/v1/holds", order).status_code == 201

    def test_after_the_term_are_still_replays(self, platform, order, funded):
        soon = (timezone.now() + timedelta(seconds=1)).isoformat()
        order = order | {"expires_at": soon}
        first = platform.post("/v1/holds", order, idempotency_key="k")
        run_out_by_waiting(first)

        again = platform.post("/v1/holds", order, idempotency_key="k")

        assert first.content == again.content

    def test_of_other_contents_are_refused(self, platform, placed, order):
        platform.post(f"/v1/holds/{placed.hold.id}/void", idempotency_key="k")

        reused = platform.post("/v1/holds", order, idempotency_key="k")

        assert code(reused) == (422, "idempotency_key_reused")


def run_out_by_waiting(first):
    while Hold.objects.get(pk=first.json()["id"]).expires_at > timezone.now():
        time.sleep(0.05)


def rows():
    """Everything that a movement could write."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Transaction, Entry, IdempotencyKey, Event, Hold)
    ] + [list(Wallet.all_objects.order_by("pk").values_list())]


class TestPreview:
    def test_of_a_placement_shows_it_and_writes_nothing(self, platform, order):
        before = rows()

        answer = platform.post(
            "/v1/holds", order | {"preview": True}, idempotency_key="k"
        )

        assert rows() == before
        assert answer.status_code == 200
        shown = answer.json()
        assert (shown["preview"], shown["id"]) == (True, None)
        assert shown["wallet"] == {
            "balance": "100.00",
            "held": "60.00",
            "available": "40.00",
        }
        real = platform.post("/v1/holds", order, idempotency_key="k").json()
        own = {"id", "preview", "wallet", "created_at", "expires_at"}
        own |= {"idempotency_key"}
        assert {k: v for k, v in shown.items() if k not in own} == {
            k: v for k, v in real.items() if k not in own
        }

    @pytest.mark.parametrize("act", ["capture", "void"])
    def test_of_an_end_shows_it_and_writes_nothing(self, platform, placed, act):
        before = rows()
        path = f"/v1/holds/{placed.hold.id}/{act}"

        shown = platform.post(path, {"preview": True}, idempotency_key="k")

        assert rows() == before
        assert shown.status_code == 200
        assert shown.json()["preview"] is True
        real = platform.post(path, {}, idempotency_key="k").json()
        own = {"transaction_id", "entries", "effective_at", "recorded_at"}
        own |= {"preview", "wallet", "ended_at"}
        assert {k: v for k, v in shown.json().items() if k not in own} == {
            k: v for k, v in real.items() if k not in own
        }

    def test_is_refused_like_the_real_thing(self, platform, order, placed):
        preview = {"preview": True}
        asked = platform.post("/v1/holds", order | preview, idempotency_key="k")
        over = platform.post(
            f"/v1/holds/{placed.hold.id}/capture", {"amount": "61"} | preview
        )

        assert code(asked) == (422, "insufficient_funds")
        assert code(over) == (422, "capture_too_large")
        assert IdempotencyKey.objects.count() == 0


class TestList:
    @pytest.fixture
    def several(self, funded, bob):
        fund(funded, "9.00 EUR")
        active = hold(funded, "1.00 USD", to=bob)
        taken, part = hold(funded, "2.00 USD"), hold(funded, "3.00 USD")
        given_up, late = hold(funded, "4.00 USD"), hold(funded, "5.00 EUR")
        begun_late = hold(funded, "6.00 USD")
        capture(taken)
        capture(part, "1.00", final=True)
        void(given_up)
        capture(begun_late, "1.00")
        run_out(late)
        run_out(begun_late)
        return [active, taken, part, given_up, late, begun_late]

    def amounts(self, client, **parameters):
        answer = client.get("/v1/holds", **parameters)
        assert answer.status_code == 200, answer.content
        return [one["amount"] for one in answer.json()["data"]]

    def test_goes_on_page_by_page(self, platform, several):
        seen, cursor = [], {}
        while True:
            page = platform.get("/v1/holds", limit="4", **cursor).json()
            seen += [one["amount"] for one in page["data"]]
            if not page["has_more"]:
                break
            cursor = {"cursor": page["next_cursor"]}

        assert seen == ["6.00", "5.00", "4.00", "3.00", "2.00", "1.00"]

    @pytest.mark.parametrize("swept", [False, True])
    def test_knows_the_states_swept_or_not(self, platform, several, swept):
        if swept:
            expire_holds()

        assert self.amounts(platform, status="active") == ["1.00"]
        assert self.amounts(platform, status="captured") == ["2.00"]
        assert self.amounts(platform, status="voided") == ["4.00"]
        assert self.amounts(platform, status="expired") == ["5.00"]
        assert self.amounts(platform, status="partially_captured") == ["6.00", "3.00"]

    def test_is_narrowed_by_user_and_currency(self, platform, several, funded, bob):
        assert self.amounts(platform, currency="EUR") == ["5.00"]
        assert self.amounts(platform, user_id=str(bob.id)) == []
        assert len(self.amounts(platform, user_id=str(funded.id))) == 6

    @pytest.mark.parametrize(
        ("name", "value"),
        [("status", "open"), ("user_id", "x"), ("limit", "0"), ("statuss", "x")],
    )
    def test_refuses_what_it_does_not_know(self, platform, name, value):
        answer = platform.get("/v1/holds", **{name: value})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{name}"

    def test_shows_a_holds_captures_page_by_page(self, platform, placed):
        for amount in ("1.00", "2.00", "3.00"):
            capture(placed, amount)
        path = f"/v1/holds/{placed.hold.id}"

        first = platform.get(path, limit="2").json()["captures"]
        rest = platform.get(path, cursor=first["next_cursor"]).json()["captures"]

        shown = [one["entries"][0]["amount"] for one in first["data"] + rest["data"]]
        assert shown == ["3.00", "2.00", "1.00"]
        assert (first["has_more"], rest["has_more"]) == (True, False)
        assert code(platform.get(path, cursor="x")) == (400, "bad_cursor")


class TestFees:
    @pytest.fixture
    def charged(self):
        """One percent, and at least ten cents, of what a hold may come to."""
        PricingPolicy.objects.create(
            version=2,
            document={
                "spreads": [{"bps": "0"}],
                "locks": {},
                "fees": [
                    {"operation": "capture", "currency": "USD", "bps": "100",
                     "minimum": "0.10"}
                ],
            },
            effective_at=timezone.now(),
            reason="a test",
        )  # fmt: skip

    def test_are_held_along_and_paid_share_by_share(self, charged, funded, bob):
        #    Alice USD             Bob USD          fee_income USD
        #   10.10 |  100.00             | 10.00            |  0.10
        #   20.20 |                     | 20.00            |  0.20
        placed = hold(funded, "60.00 USD", to=bob)
        assert reserved(funded) == {"USD": ("60.60", "39.40")}

        capture(placed, "10.00")
        assert reserved(funded) == {"USD": ("50.50", "39.40")}
        capture(placed, "20.00", final=True)

        assert reserved(funded) == {"USD": ("0.00", "69.70")}
        assert holdings(bob) == {"USD": "30.00"}
        assert house()["fee_income USD"] == "0.30"

    def test_add_up_whatever_the_parts(self, charged, funded, bob):
        placed = hold(funded, "0.07 USD", to=bob)
        assert reserved(funded) == {"USD": ("0.17", "99.83")}

        for _ in range(7):
            capture(placed, "0.01")

        assert house()["fee_income USD"] == "0.10"
        assert reserved(funded) == {"USD": ("0.00", "99.83")}

    def test_are_no_part_of_what_can_be_refunded(self, charged, platform, funded, bob):
        posted = capture(hold(funded, "60.00 USD", to=bob))
        path = f"/v1/transactions/{posted.transaction.id}"
        assert platform.get(path).json()["refundable"] == "60.00"

        over = platform.post(f"{path}/refund", {"amount": "60.01", "reason": "x"})

        assert code(over) == (422, "refund_too_large")

    def test_take_a_wallet_exactly_to_zero(self, charged, funded, bob):
        fund(funded, "1.00 USD")

        capture(hold(funded, "100.00 USD", to=bob))

        assert reserved(funded) == {"USD": ("0.00", "0.00")}


class TestEndedHold:
    @pytest.fixture
    def captured(self, platform, funded, placed):
        """Alice's hold is captured, its wallet closed, and another one opened since."""
        answer = platform.post(
            f"/v1/holds/{placed.hold.id}/capture", idempotency_key="k"
        )
        withdraw(funded, "40.00 USD")
        close_wallet(placed.hold.wallet_id, now=timezone.now())
        return answer

    def test_is_captured_once_more_as_it_was(self, platform, funded, placed, captured):
        path = f"/v1/holds/{placed.hold.id}/capture"

        without_wallet = platform.post(path, idempotency_key="k")
        fund(funded, "1.00 USD")
        again = platform.post(path, idempotency_key="k")

        assert captured.status_code == 201
        assert without_wallet.json() == again.json() == captured.json()

    @pytest.mark.parametrize("other_wallet", [True, False])
    def test_is_not_active(self, platform, funded, placed, captured, other_wallet):
        if other_wallet:
            fund(funded, "1.00 USD")

        answer = platform.post(f"/v1/holds/{placed.hold.id}/capture")

        assert code(answer) == (409, "hold_not_active")


class TestTerm:
    def test_that_was_too_long_stays_so_under_its_key(
        self, platform, order, monkeypatch
    ):
        """A copy that comes late may not do what the client was told is not done."""
        now = timezone.now()
        at = now + timedelta(days=30, hours=1)
        late = order | {"expires_at": at.isoformat()}

        refused = platform.post("/v1/holds", late, idempotency_key="k")
        in_two_hours = SimpleNamespace(now=lambda: now + timedelta(hours=2))
        monkeypatch.setattr("transactions.views.holds.timezone", in_two_hours)
        copy = platform.post("/v1/holds", late, idempotency_key="k")
        fresh = platform.post("/v1/holds", late, idempotency_key="other")

        told = [answer.json()["errors"][0]["code"] for answer in (refused, copy)]
        assert told == ["too_far_away"] * 2
        assert (copy.status_code, fresh.status_code) == (422, 201)
