"""Limits over HTTP: set, looked at, ended, and run into."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.client import customer_client
from tests.domain import at_most, fund, hold, publish_rates, transfer, withdraw
from tests.passing import let_pass
from wallets.models import Limit, Wallet
from wallets.services import update_user
from webhooks.models import Event

pytestmark = pytest.mark.django_db

DAILY = {"window": "day", "max_amount": "100.00", "currency": "USD", "reason": "Rules"}


def errors(answer):
    assert answer.status_code == 422, answer.content
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


class TestSet:
    def test_limits_everybody_from_now_on(self, platform, alice):
        fund(alice, "500.00 USD")

        answer = platform.post("/v1/limits", DAILY | {"type": "withdrawal"})

        assert answer.status_code == 201
        said = answer.json()
        assert said.pop("id") == str(Limit.objects.get().id)
        assert said.pop("created_at")
        assert said == {
            "subject": "everybody",
            "user_id": None,
            "wallet_id": None,
            "tier": None,
            "type": "withdrawal",
            "currency": "USD",
            "unit": "USD",
            "window": "day",
            "max_amount": "100.00",
            "max_count": None,
            "reason": "Rules",
            "ended_at": None,
        }
        refused = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "USD", "amount": "100.01"}
        )
        assert refused.status_code == 422
        assert refused.json()["code"] == "limit_exceeded"
        assert refused.json()["headroom"] == "100.00"

    def test_limits_a_wallet_in_its_currency(self, platform, alice):
        wallet = Wallet.objects.get(owner=alice)
        body = {"wallet_id": str(wallet.id), "window": "week", "max_amount": "5"}

        answer = platform.post("/v1/limits", body | {"reason": "Rules"})

        assert answer.json()["subject"] == "wallet"
        assert answer.json()["currency"] == "USD"

    def test_tells_in_an_event_and_ends_the_one_before(self, platform, alice):
        platform.post("/v1/limits", DAILY | {"user_id": str(alice.id)})
        platform.post("/v1/limits", DAILY | {"user_id": str(alice.id)})

        told = Event.objects.filter(type__startswith="limit.").order_by("id")
        assert [(event.type, event.user_id) for event in told] == [
            ("limit.set", alice.id),
            ("limit.ended", alice.id),
            ("limit.set", alice.id),
        ]

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"window": "year"}, ("/window", "invalid_choice")),
            ({"window": None}, ("/window", "null")),
            ({"type": "refund"}, ("/type", "invalid_choice")),
            ({"type": ""}, ("/type", "invalid_choice")),
            ({"currency": "usd"}, ("/currency", "invalid_currency")),
            ({"max_amount": "0"}, ("/max_amount", "not_positive")),
            ({"max_amount": "-1"}, ("/max_amount", "invalid_amount")),
            ({"max_amount": "1.001"}, ("/max_amount", "too_precise")),
            ({"max_count": "3"}, ("/max_count", "invalid")),
            ({"max_count": True}, ("/max_count", "invalid")),
            ({"max_count": -1}, ("/max_count", "min_value")),
            ({"max_count": 2**31}, ("/max_count", "max_value")),
            ({"max_count": 1, "window": "operation"}, ("/max_count", "invalid")),
            ({"tier": "VIP"}, ("/tier", "invalid")),
            ({"tier": ""}, ("/tier", "blank")),
            ({"user_id": "alice"}, ("/user_id", "invalid")),
            ({"wallet_id": 7}, ("/wallet_id", "invalid")),
            ({"reason": ""}, ("/reason", "blank")),
            ({"reason": "x" * 501}, ("/reason", "max_length")),
            ({"staff_id": str(uuid4())}, ("/staff_id", "unknown_field")),
        ],
    )
    def test_refuses_what_makes_no_limit(self, platform, wrong, error):
        assert errors(platform.post("/v1/limits", DAILY | wrong)) == [error]
        assert not Limit.objects.exists()

    @pytest.mark.parametrize("missing", ["window", "reason", "max_amount"])
    def test_refuses_to_guess(self, platform, missing):
        body = {name: DAILY[name] for name in DAILY if name != missing}

        assert errors(platform.post("/v1/limits", body)) == [
            (f"/{missing}", "required")
        ]

    def test_refuses_two_subjects(self, platform, alice):
        body = DAILY | {"user_id": str(alice.id), "tier": "vip"}

        assert errors(platform.post("/v1/limits", body)) == [("/tier", "one_of")]

    def test_refuses_another_currency_than_the_wallets(self, platform, alice):
        wallet = Wallet.objects.get(owner=alice)
        body = DAILY | {"wallet_id": str(wallet.id), "currency": "EUR"}

        assert errors(platform.post("/v1/limits", body)) == [("/currency", "invalid")]

    @pytest.mark.parametrize(
        ("subject", "code"),
        [
            ({"user_id": str(uuid4())}, "user_not_found"),
            ({"wallet_id": str(uuid4())}, "wallet_not_found"),
            ({"currency": "XYZ"}, "unsupported_currency"),
        ],
    )
    def test_refuses_what_is_not_there(self, platform, subject, code):
        assert platform.post("/v1/limits", DAILY | subject).json()["code"] == code

    def test_is_not_for_the_house_s_wallets(self, platform, alice):
        house = Wallet.objects.filter(owner=None).first()

        answer = platform.post("/v1/limits", DAILY | {"wallet_id": str(house.id)})

        assert answer.json()["code"] == "wallet_not_found"

    def test_is_not_for_customers(self, as_alice, alice):
        answer = as_alice.post("/v1/limits", DAILY | {"user_id": str(alice.id)})

        assert answer.status_code == 403


class TestEnd:
    def test_takes_a_limit_away(self, platform, alice):
        fund(alice, "10.00 USD")
        rule = at_most("1.00 USD", per="day")

        answer = platform.post(f"/v1/limits/{rule.id}/end", {"reason": "Asked for"})

        assert answer.status_code == 200
        assert answer.json()["ended_at"]
        withdraw(alice, "10.00 USD")

    def test_a_second_time_changes_nothing(self, platform):
        rule = at_most("1.00 USD", per="day")
        path = f"/v1/limits/{rule.id}/end"

        first = platform.post(path, {"reason": "Asked for"})
        second = platform.post(path, {"reason": "Again"})

        assert second.json() == first.json()
        rule.refresh_from_db()
        assert rule.end_reason == "Asked for"

    def test_refuses_an_unknown_limit_and_no_reason(self, platform):
        rule = at_most("1.00 USD", per="day")

        unknown = platform.post(f"/v1/limits/{uuid4()}/end", {"reason": "x"})

        assert unknown.status_code == 404
        assert errors(platform.post(f"/v1/limits/{rule.id}/end")) == [
            ("/reason", "required")
        ]

    def test_is_not_for_customers(self, as_alice, alice):
        rule = at_most("1.00 USD", per="day", user=alice)

        answer = as_alice.post(f"/v1/limits/{rule.id}/end", {"reason": "x"})

        assert answer.status_code == 403


class TestRetrieve:
    def rooms(self, client, user):
        answer = client.get(f"/v1/limits/{user.id}")
        assert answer.status_code == 200, answer.content
        return [
            [
                rule[name]
                for name in (
                    "subject", "window", "type", "unit", "max_amount", "used_amount",
                    "headroom_amount", "max_count", "used_count", "headroom_count",
                )
            ]
            for rule in answer.json()["data"]
        ]  # fmt: skip

    def test_shows_use_and_headroom_of_each_rule_that_applies(
        self, as_alice, alice, bob, rates
    ):
        fund(alice, "500.00 USD")
        at_most("1000.00", per="month")
        at_most("100.00 USD", per="day", count=3, type="transfer")
        at_most("400.00 USD", per="day", type="transfer", user=alice)
        at_most("60.00 USD", per="operation")
        at_most("1.00 USD", per="day", tier="vip")
        at_most("1.00 USD", per="day", user=bob)
        transfer(alice, "50.00 USD", to=bob)

        assert self.rooms(as_alice, alice) == [
            ["everybody", "operation", None, "USD", "60.00", "0.00", "60.00",
             None, None, None],
            ["user", "day", "transfer", "USD", "400.00", "50.00", "350.00",
             None, None, None],
            ["everybody", "month", None, "USD", "1000.00", "550.00", "450.00",
             None, None, None],
        ]  # fmt: skip

    def test_shows_numbers(self, platform, alice):
        fund(alice, "5.00 USD")
        at_most(per="week", count=3)

        assert self.rooms(platform, alice) == [
            ["everybody", "week", None, None, None, None, None, 3, 1, 2]
        ]

    def test_agrees_with_what_a_movement_is_told(self, platform, alice, bob, rates):
        fund(alice, "500.00 EUR")
        withdraw(alice, "8.00 EUR")
        let_pass(timedelta(hours=12))
        at_most("100.00", per="day", type="withdrawal")
        withdraw(alice, "8.00 EUR")
        publish_rates({"USD": "2"})
        withdraw(alice, "8.00 EUR")
        let_pass(timedelta(hours=12))

        [[*_, used, left, _, _, _]] = self.rooms(platform, alice)
        refused = platform.post(
            f"/v1/wallets/{alice.id}/withdraw", {"currency": "EUR", "amount": "99.00"}
        ).json()

        assert (used, left) == (refused["used"], refused["headroom"]) == (
            "26.00", "74.00",
        )  # fmt: skip

    def test_shows_what_is_held_as_used(self, platform, alice):
        fund(alice, "500.00 USD")
        hold(alice, "100.00 USD")
        at_most("1000.00 USD", per="day", type="capture")

        assert self.rooms(platform, alice)[0][5:7] == ["100.00", "900.00"]

    def test_never_shows_less_than_nothing_left(self, platform, alice):
        fund(alice, "500.00 USD")
        at_most("1.00 USD", per="day")

        assert self.rooms(platform, alice)[0][5:7] == ["500.00", "0.00"]

    def test_follows_the_tier(self, platform, alice):
        at_most("1.00 USD", per="day", tier="vip")
        assert self.rooms(platform, alice) == []

        update_user(alice.id, {"tier": "vip"})

        assert self.rooms(platform, alice)[0][0] == "tier"

    def test_is_for_oneself_and_the_platform(self, as_alice, bob):
        assert as_alice.get(f"/v1/limits/{bob.id}").json()["code"] == "user_not_found"

    def test_wants_the_scope(self, alice):
        client = customer_client(alice, scopes=("transactions:read",))

        assert client.get(f"/v1/limits/{alice.id}").status_code == 403

    def test_of_nobody_is_not_found(self, platform):
        assert platform.get(f"/v1/limits/{uuid4()}").status_code == 404


class TestKeys:
    def test_a_refusal_is_kept_under_its_key(self, platform, alice):
        fund(alice, "500.00 USD")
        rule = at_most("1.00 USD", per="day", type="withdrawal")
        path = f"/v1/wallets/{alice.id}/withdraw"
        body = {"currency": "USD", "amount": "2.00"}

        first = platform.post(path, body, idempotency_key="k")
        platform.post(f"/v1/limits/{rule.id}/end", {"reason": "Asked for"})
        again = platform.post(path, body, idempotency_key="k")

        assert first.status_code == again.status_code == 422
        assert again.headers["Idempotent-Replayed"] == "true"
        own = {"request_id", "instance"}
        assert {k: v for k, v in first.json().items() if k not in own} == {
            k: v for k, v in again.json().items() if k not in own
        }

    def test_a_replay_counts_once(self, platform, alice):
        fund(alice, "500.00 USD")
        at_most("10.00 USD", per="day", type="withdrawal")
        path = f"/v1/wallets/{alice.id}/withdraw"
        body = {"currency": "USD", "amount": "6.00"}

        for _ in range(3):
            answer = platform.post(path, body, idempotency_key="k")
            assert answer.status_code == 201

        rooms = platform.get(f"/v1/limits/{alice.id}").json()["data"]
        assert rooms[0]["used_amount"] == "6.00"
