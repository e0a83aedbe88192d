"""A policy: which rule it is, and what a fee comes to."""

from decimal import Decimal
from fractions import Fraction

import pytest

from fx.money import Denomination, Money
from fx.policy import Bounds, FeeRule, Policy

USD = Denomination("USD", 2)
JPY = Denomination("JPY", 0)
KWD = Denomination("KWD", 3)

# From the least specific to the most; each fits a VIP who sells 500 USD for MXN.
SPREADS = [
    {"bps": "45"},
    {"bps": "44", "tier": "vip"},
    {"bps": "43", "currency": "USD"},
    {"bps": "42", "currency": "USD", "tier": "vip"},
    {"bps": "41", "from_currency": "USD"},
    {"bps": "40", "from_currency": "USD", "at_least": "0"},
    {"bps": "39", "from_currency": "USD", "at_least": "100"},
    {"bps": "38", "from_currency": "USD", "at_least": "500"},
    {"bps": "37", "from_currency": "USD", "tier": "vip"},
    {"bps": "36", "from_currency": "USD", "tier": "vip", "at_least": "100.00"},
    {"bps": "35", "from_currency": "USD", "to_currency": "MXN"},
    {"bps": "34", "from_currency": "USD", "to_currency": "MXN", "at_least": "100"},
    {"bps": "33", "from_currency": "USD", "to_currency": "MXN", "tier": "vip"},
    {
        "bps": "32",
        "from_currency": "USD",
        "to_currency": "MXN",
        "tier": "vip",
        "at_least": "500",
    },
]


def policy(spreads=(), fees=(), **document):
    return Policy.of({"spreads": [{"bps": "45"}, *spreads], "fees": fees} | document)


def spread(rules, source="USD", target="MXN", tier="vip", sold="500"):
    rule = policy(rules).spread(source, target, tier, Fraction(sold))
    return str(rule.bps)


def fee(rule, amount, currency=USD):
    return FeeRule.of({"operation": "fund"} | rule).on(Money.of(amount, currency)).text


class TestSpread:
    @pytest.mark.parametrize("count", range(1, len(SPREADS) + 1))
    @pytest.mark.parametrize("order", [1, -1], ids=["as written", "backwards"])
    def test_is_that_of_the_most_specific_rule(self, count, order):
        rules = SPREADS[:count]

        found = Policy.of({"spreads": rules[::order]}).spread(
            "USD", "MXN", "vip", Fraction(500)
        )

        assert str(found.bps) == rules[-1]["bps"]

    def test_is_the_dearer_of_two_currencies(self):
        rules = [{"bps": "10", "currency": "USD"}, {"bps": "20", "currency": "MXN"}]

        assert spread(rules) == "20"
        assert spread(rules[::-1]) == "20"
        assert spread(rules, "MXN", "USD") == "20"
        assert spread(rules, target="JPY") == "10"
        assert spread(rules, "EUR", "JPY") == "45"

    def test_is_the_dearer_of_the_two_sides(self):
        rules = [
            {"bps": "10", "from_currency": "USD"},
            {"bps": "20", "to_currency": "MXN"},
        ]

        assert spread(rules) == "20"
        assert spread(rules, target="JPY") == "10"

    def test_of_a_pair_is_one_way(self):
        rules = [{"bps": "10", "from_currency": "USD", "to_currency": "MXN"}]

        assert spread(rules) == "10"
        assert spread(rules, "MXN", "USD") == "45"

    def test_of_a_tier_is_for_nobody_else(self):
        rules = [{"bps": "10", "tier": "vip"}]

        assert spread(rules, tier="vip") == "10"
        assert spread(rules, tier="standard") == "45"

    def test_of_a_band_begins_with_its_amount(self):
        rules = [
            {"bps": "30", "from_currency": "USD", "at_least": "100"},
            {"bps": "20", "from_currency": "USD", "at_least": "1000"},
        ]

        assert spread(rules, sold="99.99") == "45"
        assert spread(rules, sold="100") == "30"
        assert spread(rules, sold="999.99") == "30"
        assert spread(rules, sold="1000") == "20"

    def test_of_a_currency_beats_the_tier_alone(self):
        rules = [{"bps": "10", "currency": "MXN"}, {"bps": "20", "tier": "vip"}]

        assert spread(rules) == "10"


class TestFee:
    @pytest.mark.parametrize(
        ("rule", "amount", "expected"),
        [
            ({"fixed": "1.50"}, "100.00", "1.50"),
            ({"bps": "100"}, "100.00", "1.00"),
            ({"bps": "100"}, "100.01", "1.01"),
            ({"bps": "0.0001"}, "0.01", "0.01"),
            ({"fixed": "0.30", "bps": "290"}, "10.00", "0.59"),
            ({"fixed": "0.30", "bps": "290"}, "10.01", "0.60"),
            ({"bps": "100", "minimum": "2"}, "100.00", "2.00"),
            ({"bps": "100", "minimum": "2"}, "200.01", "2.01"),
            ({"bps": "100", "maximum": "2"}, "200.00", "2.00"),
            ({"bps": "100", "maximum": "2"}, "200.01", "2.00"),
            ({"fixed": "5", "maximum": "0"}, "200.00", "0.00"),
            ({}, "100.00", "0.00"),
        ],
    )
    def test_is_fixed_and_a_share_rounded_up_within_its_limits(
        self, rule, amount, expected
    ):
        assert fee(rule, amount) == expected

    def test_is_rounded_to_the_unit_of_its_currency(self):
        assert fee({"bps": "1"}, "1", JPY) == "1"
        assert fee({"bps": "1"}, "1.001", KWD) == "0.001"

    def test_is_exact_for_the_greatest_amount(self):
        # Half a unit of 10^-2 too much for 28 digits.
        most = "99999999999999999999.99"

        assert fee({"bps": "3000"}, most) == "30000000000000000000.00"

    def test_is_that_of_the_currency_then_of_the_tier(self):
        fees = [
            {"operation": "fund", "bps": "400"},
            {"operation": "fund", "tier": "vip", "bps": "300"},
            {"operation": "fund", "currency": "USD", "bps": "200"},
            {"operation": "fund", "currency": "USD", "tier": "vip", "bps": "100"},
        ]
        hundred = Money.of("100", USD)

        for count, expected in enumerate(["4.00", "3.00", "2.00", "1.00"], start=1):
            charged = policy(fees=fees[:count]).fee("fund", hundred, "vip")
            assert charged.text == expected
        assert policy(fees=fees).fee("fund", hundred, "standard").text == "2.00"
        assert policy(fees=fees).fee("fund", Money.of("100", JPY), "vip").text == "3"
        assert policy(fees=fees).fee("transfer", hundred, "vip").text == "0.00"

    def test_is_nothing_where_no_rule_speaks_of_it(self):
        assert policy().fee("fund", Money.of("100", JPY), "vip") == Money.zero(JPY)


class TestBounds:
    def test_are_of_each_currency_and_open_elsewhere(self):
        bounded = policy(bounds={"USD": {"minimum": "1.00"}, "JPY": {"maximum": "9"}})

        assert bounded.bounds_of(USD) == Bounds(minimum=Decimal("1.00"))
        assert bounded.bounds_of(JPY) == Bounds(maximum=Decimal(9))
        assert bounded.bounds_of(KWD) == Bounds()


class TestPolicy:
    def test_offers_the_locks_that_have_a_premium(self):
        assert policy(locks={"5m": "2.5"}).premiums == {"5m": Decimal("2.5")}
        assert policy().premiums == {}

    def test_looks_at_a_handful_of_ten_thousand_rules(self, monkeypatch):
        codes = [f"C{number:02}" for number in range(100)]
        rules = [
            {"bps": "30", "from_currency": a, "to_currency": b}
            for a in codes
            for b in codes
            if a != b
        ]
        asked = []
        fits = type(policy().spreads[0]).fits
        monkeypatch.setattr(
            "fx.policy.SpreadRule.fits",
            lambda rule, *order: asked.append(rule) or fits(rule, *order),
        )

        found = spread(rules, "C07", "C93")

        assert found == "30"
        assert len(asked) == 2
