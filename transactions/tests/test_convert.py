"""Converting, through the API: the price, and what is refused."""

from datetime import timedelta

import pytest

from tests.domain import charge, fund, holdings, publish_rates

pytestmark = pytest.mark.django_db


def refusal(answer):
    return answer.status_code, answer.json()["code"]


class TestConvert:
    def path(self, user):
        return f"/v1/wallets/{user.id}/convert"

    def test_answers_with_the_price_and_both_balances(
        self, platform, alice, rates, settings
    ):
        charge("45")
        fund(alice, "100.00 USD")

        answer = platform.post(
            self.path(alice),
            {"from_currency": "USD", "to_currency": "MXN", "amount": "100"},
        )

        assert answer.status_code == 201
        assert {
            "from_amount": "100.00",
            "to_amount": "1592.80",
            "fx_rate": "15.928",
            "mid_rate": "16",
            "spread_bps": "45",
            "spread_amount": "7.20",
            "exact_to_amount": "1592.8",
            "rounding_residual": "0",
            "fixed_side": "source",
            "balances": {"USD": "0.00", "MXN": "1592.80"},
            "wallet_versions": {"USD": 2, "MXN": 1},
        }.items() <= answer.json().items()
        quoted = {rates["USD"].id, rates["MXN"].id}
        assert set(answer.json()["rate_ids"]) == {str(id_) for id_ in quoted}
        assert answer.json()["rate_as_of"] == rates["MXN"].as_of.isoformat().replace(
            "+00:00", "Z"
        )

    def test_can_be_checked_with_a_pocket_calculator(self, platform, alice, rates):
        fund(alice, "100.00 GBP")

        answer = platform.post(
            self.path(alice),
            {"from_currency": "GBP", "to_currency": "KWD", "amount": "33.33"},
        ).json()

        # 0.4 dinars and 0.8 pounds to the euro.
        assert answer["fx_rate"] == "0.5"
        assert (answer["exact_to_amount"], answer["to_amount"]) == ("16.665", "16.665")

    def test_buys_an_exact_amount(self, platform, alice, rates):
        fund(alice, "10.00 USD")

        answer = platform.post(
            self.path(alice),
            {"from_currency": "USD", "to_currency": "JPY", "to_amount": 100},
        ).json()

        assert (answer["from_amount"], answer["to_amount"]) == ("0.84", "100")
        assert answer["fixed_side"] == "target"

    def test_shows_the_same_price_in_the_history(
        self, as_alice, alice, rates, settings
    ):
        charge("45")
        fund(alice, "100.00 USD")
        answer = as_alice.post(
            self.path(alice),
            {"from_currency": "USD", "to_currency": "MXN", "amount": "100"},
        ).json()

        [row, _] = as_alice.get(f"/v1/wallets/{alice.id}/transactions").json()["data"]

        assert row["conversion"].items() <= answer.items()
        assert row["conversion"]["spread_amount"] == "7.20"

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"to_currency": "USD", "amount": "1"}, 422, "same_currency"),
            ({"to_currency": "XXX", "amount": "1"}, 422, "unsupported_currency"),
            ({"to_currency": "MXN", "amount": "1.001"}, 422, "validation_error"),
            ({"to_currency": "JPY", "to_amount": "1.5"}, 422, "validation_error"),
            ({"to_currency": "MXN", "amount": "100.01"}, 422, "insufficient_funds"),
            ({"to_currency": "MXN", "to_amount": "1600.01"}, 422, "insufficient_funds"),
            ({"to_currency": "MXN"}, 422, "validation_error"),
            (
                {"to_currency": "MXN", "amount": "1", "to_amount": "1"},
                422,
                "validation_error",
            ),
            ({"to_currency": "CHF", "amount": "1"}, 503, "rate_unavailable"),
        ],
    )
    def test_refuses(self, platform, alice, rates, body, status, code):
        fund(alice, "100.00 USD")

        answer = platform.post(self.path(alice), {"from_currency": "USD"} | body)

        assert refusal(answer) == (status, code)
        assert holdings(alice) == {"USD": "100.00"}

    def test_refuses_a_target_that_rounds_to_nothing(self, platform, alice, rates):
        fund(alice, "1 JPY")
        publish_rates({"HUF": "400", "BHD": "0.000001"})

        answer = platform.post(
            self.path(alice),
            {"from_currency": "JPY", "to_currency": "BHD", "amount": "1"},
        )

        assert refusal(answer) == (422, "amount_too_small")

    def test_refuses_at_rates_that_are_too_old(self, platform, alice, settings):
        settings.FX_MAX_RATE_AGE = timedelta(days=5)
        publish_rates(age=timedelta(days=5, minutes=1))
        fund(alice, "100.00 USD")

        answer = platform.post(
            self.path(alice),
            {"from_currency": "USD", "to_currency": "MXN", "amount": "1"},
        )

        assert refusal(answer) == (503, "rate_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["as_of"]

    def test_without_a_source_wallet_is_not_found(self, platform, alice, rates):
        answer = platform.post(
            self.path(alice),
            {"from_currency": "GBP", "to_currency": "USD", "amount": "1"},
        )

        assert refusal(answer) == (404, "wallet_not_found")


class TestGuards:
    """A dollar is 16 pesos: 100 dollars sell for 1600, and 1600 are bought for 100."""

    SELL = {"from_currency": "USD", "to_currency": "MXN", "from_amount": "100.00"}
    BUY = {"from_currency": "USD", "to_currency": "MXN", "to_amount": "1600.00"}

    def ask(self, client, user, order, **more):
        fund(user, "500.00 USD")
        path = f"/v1/wallets/{user.id}/convert"
        return client.post(path, order, **more)

    @pytest.mark.parametrize(
        "order",
        [
            SELL | {"min_to_amount": "1600.00"},
            SELL | {"min_to_amount": 1600, "max_from_amount": "100.00"},
            BUY | {"max_from_amount": "100.00"},
        ],
    )
    def test_let_a_price_pass_that_meets_them(self, platform, alice, rates, order):
        assert self.ask(platform, alice, order).status_code == 201

    @pytest.mark.parametrize(
        "order",
        [
            SELL | {"min_to_amount": "1600.01"},
            SELL | {"min_to_amount": "1", "max_from_amount": "99.99"},
            BUY | {"max_from_amount": "99.99"},
            BUY | {"min_to_amount": "1600.01"},
        ],
    )
    def test_refuse_a_worse_one_and_show_it(self, platform, alice, rates, order):
        answer = self.ask(platform, alice, order)

        assert refusal(answer) == (409, "price_moved")
        assert answer.json()["from_amount"] == "100.00"
        assert answer.json()["to_amount"] == "1600.00"
        assert holdings(alice) == {"USD": "500.00"}

    def test_are_answered_once_and_for_all_under_a_key(self, platform, alice, rates):
        order = self.SELL | {"min_to_amount": "1601.00"}
        first = self.ask(platform, alice, order, idempotency_key="k")
        publish_rates({"MXN": "40"}, age=timedelta(0))

        again = self.ask(platform, alice, order, idempotency_key="k")

        said = [answer.json() | {"request_id": ""} for answer in (first, again)]
        assert said[0] == said[1]
        assert said[0]["code"] == "price_moved"
        assert self.ask(platform, alice, order).status_code == 201

    @pytest.mark.parametrize(
        ("guard", "value", "code"),
        [
            ("min_to_amount", "1.001", "too_precise"),
            ("max_from_amount", "1.001", "too_precise"),
            ("min_to_amount", "0", "not_positive"),
            ("max_from_amount", "-1", "invalid_amount"),
        ],
    )
    def test_are_amounts(self, platform, alice, rates, guard, value, code):
        answer = self.ask(platform, alice, self.SELL | {guard: value})

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/{guard}", code)

    @pytest.mark.parametrize(
        ("words", "pointer"),
        [
            ({"amount": "1"}, "/amount"),
            ({"to_amount": "1"}, "/from_amount"),
        ],
    )
    def test_come_with_one_amount(self, platform, alice, rates, words, pointer):
        answer = self.ask(platform, alice, self.SELL | words)

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "one_of")
