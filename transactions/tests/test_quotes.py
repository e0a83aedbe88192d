"""Asking for a quote: what is promised, to whom, and for how long."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from fx.models import Currency, Quote
from tests.client import customer_client
from tests.domain import (
    charge,
    fund,
)
from tests.test_audit import sabotage
from wallets.services import (
    delete_user,
    update_user,
)

pytestmark = pytest.mark.django_db

LOCKS = {"30s": "0", "5m": "2.5", "1h": "8", "24h": "40"}
FEES = [{"operation": "conversion", "currency": "USD", "fixed": "1.00", "bps": "10"}]
ORDER = {
    "from_currency": "USD",
    "to_currency": "MXN",
    "from_amount": "100.00",
    "lock": "5m",
}


@pytest.fixture
def rich(alice, rates):
    """Alice with 1,000 dollars; a dollar is 16 pesos or 120 yen at mid."""
    fund(alice, "1000.00 USD")
    charge("45", locks=LOCKS, fees=FEES)
    return alice


def ask(client, user, *without, **order):
    body = {"user_id": str(user.id)} | ORDER | order
    return client.post(
        "/v1/quotes", {k: v for k, v in body.items() if k not in without}
    )


def refusal(answer):
    return answer.status_code, answer.json()["code"]


class TestPromise:
    def test_of_what_is_bought_shows_every_figure(self, platform, rich, rates):
        # 16 less 47.5 basis points is 15.924; the fee is a dollar and 0.1 percent.
        answer = ask(platform, rich)

        assert answer.status_code == 201
        shown = answer.json()
        assert {
            "user_id": str(rich.id),
            "status": "open",
            "fixed_side": "source",
            "from_currency": "USD",
            "to_currency": "MXN",
            "from_amount": "100.00",
            "to_amount": "1592.40",
            "fee": "1.10",
            "rate": "15.924",
            "mid_rate": "16",
            "inverse_rate": "0.062798291886",
            "spread_bps": "47.5",
            "premium_bps": "2.5",
            "widening_bps": "0",
            "spread_amount": "7.60",
            "policy_version": 3,
            "tier": "standard",
            "rounding": {
                "mode": "to_amount rounded down",
                "exact": "1592.4",
                "residual": "0",
            },
            "lock": "5m",
            "transaction_id": None,
        }.items() <= shown.items()
        assert platform.get(f"/v1/quotes/{shown['id']}").json() == shown

    def test_shows_where_it_comes_from_and_until_when_it_is_good(self, platform, rich):
        shown = ask(platform, rich).json()

        assert [
            (one["provider"], one["base"], one["quote"], one["bid"], one["ask"])
            for one in shown["rate_sources"]
        ] == [("ecb", "EUR", "USD", "1.25", "1.25"), ("ecb", "EUR", "MXN", "20", "20")]
        created, expires = (
            datetime.fromisoformat(shown[name]) for name in ("created_at", "expires_at")
        )
        assert expires - created == timedelta(minutes=5)

    def test_of_what_is_sold_shows_every_figure(self, platform, rich):
        # 120 less 47.5 basis points is 119.43; 100 yen cost 0.8373 dollars and more.
        shown = ask(
            platform, rich, "from_amount", to_currency="JPY", to_amount="100"
        ).json()

        assert {
            "fixed_side": "target",
            "from_amount": "0.84",
            "to_amount": "100",
            "fee": "1.01",
            "rate": "119.43",
            "mid_rate": "120",
            "inverse_rate": "0.008373105585",
            "spread_amount": "0",
            "rounding": {
                "mode": "from_amount rounded up",
                "exact": "100.3212",
                "residual": "0.3212",
            },
        }.items() <= shown.items()

    @pytest.mark.parametrize(
        ("lock", "seconds", "spread"),
        [("30s", 30, "45"), ("1h", 3600, "53"), ("24h", 86_400, "85")],
    )
    def test_costs_more_the_longer_it_is(self, platform, rich, lock, seconds, spread):
        shown = ask(platform, rich, lock=lock).json()

        quote = Quote.objects.get(pk=shown["id"])
        assert quote.expires_at - quote.created_at == timedelta(seconds=seconds)
        assert (shown["premium_bps"], shown["spread_bps"]) == (LOCKS[lock], spread)

    def test_is_of_the_users_tier(self, platform, rich):
        vip = {"bps": "10", "tier": "vip"}
        charge("45", locks=LOCKS, spreads=[vip])
        update_user(rich.id, {"tier": "vip"})

        shown = ask(platform, rich, lock="30s").json()

        assert (shown["tier"], shown["spread_bps"]) == ("vip", "10")

    @pytest.mark.parametrize(
        ("order", "status", "code"),
        [
            ({"to_amount": "1"}, 422, "validation_error"),
            ({"from_amount": "0"}, 422, "validation_error"),
            ({"from_amount": "-1"}, 422, "validation_error"),
            ({"from_amount": "0.001"}, 422, "validation_error"),
            ({"from_amount": None}, 422, "validation_error"),
            ({"from_amount": "9" * 20}, 422, "amount_too_large"),
            ({"from_amount": "9" * 21}, 422, "validation_error"),
            ({"lock": "7d"}, 422, "validation_error"),
            ({"lock": ["5m"]}, 422, "validation_error"),
            ({"user_id": 7}, 422, "validation_error"),
            ({"user_id": str(uuid4())}, 404, "user_not_found"),
            ({"preview": True}, 422, "validation_error"),
            ({"to_currency": "USD"}, 422, "same_currency"),
            ({"to_currency": "XXX"}, 422, "unsupported_currency"),
            ({"to_currency": "CHF"}, 503, "rate_unavailable"),
            ({"from_currency": "JPY", "from_amount": "1", "to_currency": "BTC"},
             422, "unsupported_currency"),
        ],
    )  # fmt: skip
    def test_is_refused(self, platform, rich, order, status, code):
        answer = ask(platform, rich, **order)

        assert refusal(answer) == (status, code), answer.content
        assert not Quote.objects.exists()

    @pytest.mark.parametrize("missing", [*ORDER, "user_id"])
    def test_needs_all_of_its_fields(self, platform, rich, missing):
        assert refusal(ask(platform, rich, missing)) == (422, "validation_error")

    def test_needs_a_lock_that_the_policy_offers(self, platform, rich):
        charge(locks={"5m": "2"})

        answer = ask(platform, rich, lock="24h")

        assert refusal(answer) == (422, "lock_not_offered")
        assert answer.json()["offered"] == ["5m"]

    def test_is_one_of_so_many_at_a_time(self, platform, rich, bob, settings):
        settings.MAX_OPEN_QUOTES = 2
        first, _ = (ask(platform, rich).json()["id"] for _ in range(2))

        answer = ask(platform, rich)

        assert refusal(answer) == (422, "too_many_quotes")
        assert answer.json()["most"] == 2
        assert ask(platform, bob).status_code == 201
        platform.delete(f"/v1/quotes/{first}")
        assert ask(platform, rich).status_code == 201

    def test_does_not_count_what_has_expired(self, platform, rich, settings):
        settings.MAX_OPEN_QUOTES = 1
        ask(platform, rich, lock="30s")
        sabotage("UPDATE fx_quote SET expires_at = statement_timestamp()")

        assert ask(platform, rich).status_code == 201

    def test_keeps_to_the_bounds(self, platform, rich):
        charge(locks=LOCKS, bounds={"MXN": {"maximum": "100"}})

        answer = ask(platform, rich)

        assert refusal(answer) == (422, "amount_too_large")
        assert answer.json()["maximum"] == "100.00"

    def test_is_refused_in_a_currency_that_is_switched_off(self, platform, rich):
        Currency.objects.filter(code="MXN").update(enabled=False)

        assert refusal(ask(platform, rich)) == (422, "unsupported_currency")

    def test_is_refused_to_the_deleted(self, platform, rich, rates, bob):
        charge(locks=LOCKS)
        delete_user(bob.id, now=rates["USD"].fetched_at)

        assert refusal(ask(platform, bob)) == (404, "user_deleted")

    def test_is_asked_for_by_customers_for_themselves(self, as_bob, as_alice, rich):
        assert ask(as_alice, rich).status_code == 201
        assert refusal(ask(as_bob, rich)) == (404, "user_not_found")

    def test_needs_the_scope(self, rich):
        reader = customer_client(rich, ("fx:read",))

        assert refusal(ask(reader, rich)) == (403, "forbidden")
