"""The limits of positions where customers meet them."""

import pytest

from tests.domain import (
    capture,
    charge,
    convert_at,
    fund,
    hold,
    hold_converting,
    limit,
    position,
    promise,
)
from webhooks.models import Event

pytestmark = pytest.mark.django_db


class TestConversion:
    @pytest.fixture(autouse=True)
    def _alice_has_euros(self, alice, rates):
        fund(alice, "1000.00 EUR")

    def convert(self, platform, alice, amount, **more):
        body = {"from_currency": "EUR", "to_currency": "USD", "amount": amount}
        return platform.post(f"/v1/wallets/{alice.id}/convert", body | more)

    def test_beyond_the_hard_limit_is_refused(self, platform, alice):
        limit("EUR", hard="100.00")

        assert self.convert(platform, alice, "60.00").status_code == 201
        answer = self.convert(platform, alice, "60.00")

        assert (answer.status_code, answer.json()["code"]) == (422, "limit_exceeded")
        assert (
            answer.json().items()
            >= {
                "limit": None,
                "headroom": "40.00",
                "currency": "EUR",
            }.items()
        )
        assert self.convert(platform, alice, "40.00").status_code == 201

    def test_beyond_the_soft_limit_costs_more_and_is_explained(self, platform, alice):
        charge("50")
        limit("EUR", soft="100.00", widen_bps="25")

        before, after = (self.convert(platform, alice, "100.00") for _ in range(2))

        assert before.json()["spread_bps"] == "50"
        assert (after.json()["spread_bps"], after.json()["to_amount"]) == (
            ("75", "124.06")
        )
        id_ = after.json()["transaction_id"]
        assert platform.get(f"/v1/transactions/{id_}/explain").json()["matches"]
        assert Event.objects.filter(type="position.soft_limit_passed").count() == 1

    def test_back_is_cheaper_than_further(self, platform, alice):
        limit("EUR", soft="100.00", hard="100.00", widen_bps="25")
        self.convert(platform, alice, "100.00")

        back = platform.post(
            f"/v1/wallets/{alice.id}/convert",
            {"from_currency": "USD", "to_currency": "EUR", "amount": "10.00"},
        )

        assert (back.status_code, back.json()["spread_bps"]) == (201, "0")

    def test_in_a_preview_is_refused_and_tells_nobody(self, platform, alice):
        limit("EUR", soft="50.00", hard="100.00")

        allowed = self.convert(platform, alice, "60.00", preview=True)
        refused = self.convert(platform, alice, "101.00", preview=True)

        assert (allowed.status_code, refused.status_code) == (200, 422)
        assert not Event.objects.filter(type="position.soft_limit_passed").exists()

    def test_at_a_quote_was_looked_at_when_it_was_promised(self, platform, alice):
        charge(spread_bps="0", locks={"5m": "0"})
        limit("EUR", hard="100.00")
        order = {
            "user_id": str(alice.id),
            "from_currency": "EUR",
            "to_currency": "USD",
            "lock": "5m",
        }

        refused = platform.post("/v1/quotes", order | {"from_amount": "100.01"})
        quote = platform.post("/v1/quotes", order | {"from_amount": "100.00"}).json()
        self.convert(platform, alice, "100.00")
        used = platform.post(
            f"/v1/wallets/{alice.id}/convert", {"quote_id": quote["id"]}
        )

        assert refused.json()["code"] == "limit_exceeded"
        assert used.status_code == 201

    def test_of_a_hold_is_looked_at_when_it_is_placed(self, platform, alice, bob):
        charge(spread_bps="0", locks={"24h": "0"})
        limit("EUR", hard="100.00")
        order = {
            "user_id": str(alice.id),
            "to_user_id": str(bob.id),
            "currency": "EUR",
            "to_currency": "USD",
        }

        refused = platform.post("/v1/holds", order | {"amount": "100.01"})
        placed = platform.post("/v1/holds", order | {"amount": "100.00"}).json()
        self.convert(platform, alice, "100.00")
        captured = platform.post(f"/v1/holds/{placed['id']}/capture")

        assert refused.json()["code"] == "limit_exceeded"
        assert captured.status_code == 201

    def test_counts_all_conversions_of_a_payment_together(self, platform, alice, bob):
        # 100 dollars and 1600 pesos are 80 euros each, which the house gives.
        fund(alice, "100.00 USD")
        fund(alice, "1600.00 MXN")
        limit("EUR", hard="150.00", soft="150.00")
        payment = {
            "to_user_id": str(bob.id),
            "currency": "EUR",
            "from": ["USD", "MXN"],
        }

        refused = platform.post(
            f"/v1/wallets/{alice.id}/pay", payment | {"amount": "160.00"}
        )
        allowed = platform.post(
            f"/v1/wallets/{alice.id}/pay", payment | {"amount": "150.00"}
        )

        assert refused.json()["code"] == "limit_exceeded"
        assert allowed.status_code == 201
        assert Event.objects.filter(type="position.soft_limit_passed").count() == 1
        assert position("EUR", "position") == ("-150.00",)


class TestPromise:
    """What was promised is kept beyond any limit, and told where it passes one."""

    @pytest.fixture(autouse=True)
    def _prices_are_promised(self, alice, rates):
        charge(spread_bps="10", locks={"5m": "0", "24h": "0"})
        fund(alice, "1000.00 EUR")
        limit("EUR", soft="100.00")

    def told(self):
        events = Event.objects.filter(type="position.soft_limit_passed")
        return [event.data["position"] for event in events.order_by("occurred_at")]

    def test_is_told_when_the_quote_is_used(self, alice):
        quote = promise(alice, "120.00 EUR", to="USD")

        assert self.told() == []
        convert_at(alice, quote)
        assert self.told() == ["120.00"]

    def test_is_told_with_the_capture_that_passes_it(self, alice, bob):
        held = hold_converting(alice, "150.00 EUR", into="USD", to=bob)

        capture(held, "99.99")
        assert self.told() == []
        capture(held, "0.01")
        assert self.told() == ["100.00"]
        capture(held)
        assert self.told() == ["100.00"]

    def test_is_not_told_of_a_preview(self, alice):
        convert_at(alice, promise(alice, "120.00 EUR", to="USD"), preview=True)

        assert self.told() == []

    def test_is_not_about_a_hold_that_converts_nothing(self, alice, bob):
        capture(hold(alice, "150.00 EUR", to=bob))

        assert self.told() == []
