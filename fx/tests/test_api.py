"""Currencies and rates, through the API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from fx.models import Currency, Rate
from tests.client import platform_client
from tests.domain import publish_rates

pytestmark = pytest.mark.django_db


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def publish(quote, rate, day, *, corrected=False, by="ecb"):
    """A rate of the euro at four in the afternoon of a day in January 2026."""
    as_of = datetime(2026, 1, day, 16, tzinfo=UTC)
    hour = timedelta(hours=1)
    return Rate.objects.create(
        provider=by,
        base="EUR",
        quote=quote,
        bid=rate,
        ask=rate,
        as_of=as_of,
        fetched_at=as_of + hour if corrected else as_of,
    )


class TestCurrencies:
    def test_are_listed_with_their_decimals(self, as_alice):
        Currency.objects.filter(code="EUR").update(enabled=False)

        listed = as_alice.get("/v1/currencies").json()["data"]

        by_code = {currency["code"]: currency for currency in listed}
        assert [c["code"] for c in listed] == sorted(by_code)
        assert {c: by_code[c]["decimals"] for c in ("USD", "JPY", "KWD", "CLF")} == {
            "USD": 2,
            "JPY": 0,
            "KWD": 3,
            "CLF": 4,
        }
        assert by_code["EUR"]["enabled"] is False


class TestRate:
    def test_is_the_cross_of_its_sources(self, platform, rates):
        answer = platform.get("/v1/rates", base="USD", quote="MXN").json()

        assert answer["mid_rate"] == "16"
        assert [(s["quote"], s["bid"], s["provider"]) for s in answer["sources"]] == [
            ("USD", "1.25", "ecb"),
            ("MXN", "20", "ecb"),
        ]

    def test_shows_all_that_several_providers_said(self, platform, rates, settings):
        settings.FX_MAX_DEVIATION_BPS = 500
        Rate.objects.create(
            provider="desk",
            base="EUR",
            quote="USD",
            bid="1.26",
            ask="1.28",
            as_of=timezone.now(),
            fetched_at=timezone.now(),
        )

        answer = platform.get("/v1/rates", base="EUR", quote="USD").json()

        assert [(s["provider"], s["bid"], s["ask"]) for s in answer["sources"]] == [
            ("ecb", "1.25", "1.25"),
            ("desk", "1.26", "1.28"),
        ]
        assert (answer["bid"], answer["mid_rate"], answer["ask"]) == (
            "1.255",
            "1.26",
            "1.265",
        )

    def test_has_the_markets_sides_of_a_cross_rounded_outwards(self, platform, rates):
        answer = platform.get("/v1/rates", base="JPY", quote="USD").json()

        assert (answer["bid"], answer["ask"]) == ("0.008333333333", "0.008333333334")

    def test_at_a_past_instant_is_that_of_then(self, platform, settings):
        settings.FX_MAX_RATE_AGE = timedelta(days=5)
        for day, rate in ((5, "1.10"), (6, "1.20")):
            publish("USD", rate, day)

        def at(instant):
            return platform.get("/v1/rates", base="EUR", quote="USD", at=instant)

        assert at("2026-01-06T15:59:59Z").json()["mid_rate"] == "1.1"
        assert at("2026-01-06T16:00:00Z").json()["mid_rate"] == "1.2"
        assert refusal(at("2026-01-04")) == (503, "rate_unavailable")
        assert refusal(at("2026-01-12")) == (503, "rate_unavailable")
        assert at("2026-01-04").json()["reason"] == "missing"
        assert at("2026-01-12").json()["reason"] == "stale"

    def test_is_refused_where_a_conversion_would_be(self, platform, settings):
        settings.FX_MAX_RATE_AGE = timedelta(days=5)
        publish_rates(age=timedelta(days=6))

        answer = platform.get("/v1/rates", base="EUR", quote="USD")

        assert refusal(answer) == (503, "rate_unavailable")

    @pytest.mark.parametrize(
        ("parameters", "status", "code"),
        [
            ({"base": "USD"}, 422, "validation_error"),
            ({"base": "usd", "quote": "EUR"}, 422, "validation_error"),
            ({"base": "USD", "quote": "EUR", "x": "1"}, 422, "validation_error"),
            ({"base": "USD", "quote": "EUR", "at": "now"}, 422, "validation_error"),
            ({"base": "USD", "quote": "USD"}, 422, "same_currency"),
            ({"base": "USD", "quote": "XYZ"}, 422, "unsupported_currency"),
            ({"base": "USD", "quote": "CHF"}, 503, "rate_unavailable"),
        ],
    )
    def test_of_what_is_no_pair_is_refused(
        self, platform, rates, parameters, status, code
    ):
        assert refusal(platform.get("/v1/rates", **parameters)) == (status, code)

    def test_needs_the_scope(self, rates):
        client = platform_client(("wallets:read",))

        answer = client.get("/v1/rates", base="USD", quote="EUR")

        assert refusal(answer) == (403, "forbidden")


class TestHistory:
    def test_has_the_last_rate_of_each_day_on_which_both_legs_have_one(self, platform):
        for day, dollars, yen in ((5, "1.25", "150"), (6, "1.25", "160")):
            publish("USD", dollars, day)
            publish("JPY", yen, day)
        publish("USD", "1.50", 7)
        publish("JPY", "175", 6, corrected=True)

        answer = platform.get(
            "/v1/rates/history",
            base="USD",
            quote="JPY",
            **{"from": "2026-01-05", "to": "2026-01-07"},
        )

        assert answer.json()["data"] == [
            {"date": "2026-01-05", "mid_rate": "120"},
            {"date": "2026-01-06", "mid_rate": "140"},
        ]

    def test_is_what_the_providers_of_a_day_agree_on(self, platform):
        for provider, day, dollars in [
            ("ecb", 5, "1.25"),
            ("desk", 5, "1.27"),
            ("wild", 5, "12.5"),
            ("ecb", 6, "1.25"),
            ("wild", 6, "12.5"),
            ("desk", 7, "1.30"),
        ]:
            publish("USD", dollars, day, by=provider)

        answer = platform.get(
            "/v1/rates/history",
            base="EUR",
            quote="USD",
            **{"from": "2026-01-05", "to": "2026-01-08"},
        )

        # On the 6th two disagree, and on the 8th nobody spoke.
        assert answer.json()["data"] == [
            {"date": "2026-01-05", "mid_rate": "1.26"},
            {"date": "2026-01-07", "mid_rate": "1.3"},
        ]

    @pytest.mark.parametrize(
        ("first", "last"),
        [("2026-01-02", "2026-01-01"), ("1999-01-01", "2026-01-01"), ("", "x")],
    )
    def test_of_no_span_is_refused(self, platform, first, last):
        answer = platform.get(
            "/v1/rates/history",
            base="USD",
            quote="JPY",
            **{"from": first, "to": last},
        )

        assert refusal(answer) == (422, "validation_error")
