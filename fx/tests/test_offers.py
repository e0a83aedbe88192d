"""Offers: whatever the rates and the policy, nobody gains by going round in circles."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fx.errors import AmountTooLarge, AmountTooSmall, RateUnavailable
from fx.money import Denomination, Money
from fx.offers import Offer, Order, Terms, make_offer
from fx.policy import Policy
from fx.pricing import CrossRate, Leg, client_rate_of
from fx.tests.test_pricing import EUR, USD, leg, rate_between, way

TIERS = ("standard", "vip")
BPS = st.decimals(0, 3000, places=4).map(str)
MOST = "99999999999999999999.99"
RATES = st.decimals("0.001", "1000", places=4)
POWERS = st.integers(-4, 9)
# As great as amounts are, so that they are met from both sides.
BANDS = POWERS.map(lambda power: format(Decimal(10) ** power, "f"))


@st.composite
def markets(draw: st.DrawFn) -> dict[Denomination, Leg | None]:
    """Rates of the euro in three currencies; those of `test_pricing` are wilder."""
    market: dict[Denomination, Leg | None] = {Denomination("EUR", 2): None}
    for code, exponent in (("AAA", 0), ("BBB", 2), ("CCC", 8)):
        bid, gap = draw(RATES), draw(st.sampled_from(["0", "0.0001", "3"]))
        market[Denomination(code, exponent)] = leg(code, bid, bid + Decimal(gap))
    return market


@st.composite
def policies(draw: st.DrawFn, codes: list[str]) -> Policy:
    """Rules for any of the currencies, with bands that are dearer or cheaper."""
    either = st.none() | st.sampled_from(codes)
    rules = [{"bps": draw(BPS)}]
    for _ in range(draw(st.integers(0, 4))):
        source, target = draw(either), draw(either)
        rule = {"from_currency": source, "to_currency": target}
        if not source and not target:
            rule["currency"] = draw(either)
        if source:
            rule["at_least"] = draw(st.none() | BANDS)
        rule |= {"tier": draw(st.none() | st.sampled_from(TIERS)), "bps": draw(BPS)}
        rules.append({name: value for name, value in rule.items() if value})
    fees = [{"operation": "conversion", "bps": draw(BPS)}]
    return Policy.of({"spreads": rules, "fees": fees})


def terms(policy: Policy, tier: str = "standard") -> Terms:
    return Terms(UUID(int=1), policy, tier)


SURCHARGES = st.fixed_dictionaries(
    {
        "premium_bps": st.decimals(0, 3000, places=4),
        "widening_bps": st.decimals(0, 3000, places=4),
    }
)


@st.composite
def amounts(draw: st.DrawFn, unit: Denomination) -> Money:
    of_all_sizes = draw(st.integers(1, 9999)) * Decimal(10) ** draw(POWERS)
    step = Decimal(f"1E-{unit.exponent}")
    return Money(max(step, of_all_sizes.quantize(step)), unit)


def offered(*args: object, **surcharges: Decimal) -> Offer:
    """An offer, or an example to be skipped: what we refuse gains nobody anything."""
    try:
        return make_offer(*args, **surcharges)  # type: ignore[arg-type]
    except (AmountTooSmall, AmountTooLarge, RateUnavailable):
        assume(False)
        raise


class Dealing:
    """A market, a policy for it, and a customer."""

    def __init__(self, data: st.DataObject) -> None:
        self.market: dict[Denomination, Leg | None] = data.draw(markets())
        codes = [unit.code for unit in self.market]
        self.terms = terms(
            data.draw(policies(codes)), data.draw(st.sampled_from(TIERS))
        )
        self.data = data

    def rate(self, source: Denomination, target: Denomination) -> CrossRate:
        return way(self.market, source, target)

    def sell(self, money: Money, target: Denomination) -> Offer:
        order = Order(money, target, "source")
        rate = self.rate(money.currency, target)
        return offered(order, rate, self.terms, **self.data.draw(SURCHARGES))

    def pair(self) -> list[Denomination]:
        return self.data.draw(st.permutations(list(self.market)))[:2]


class TestCycles:
    @settings(max_examples=60)
    @given(data=st.data())
    def test_never_gain_a_unit(self, data: st.DataObject) -> None:
        dealing = Dealing(data)
        length = data.draw(st.integers(2, 4))
        home, *abroad = data.draw(st.permutations(list(dealing.market)))[:length]
        start = here = data.draw(amounts(home))

        for target in [*abroad, home]:
            here = dealing.sell(here, target).price.to_amount

        assert here <= start

    @settings(max_examples=60)
    @given(data=st.data())
    def test_never_gain_a_unit_by_buying_exactly(self, data: st.DataObject) -> None:
        """What was got for a sum is sold again, asking for the sum back."""
        dealing = Dealing(data)
        source, target = dealing.pair()
        start = data.draw(amounts(source))
        got = dealing.sell(start, target).price.to_amount

        back = offered(
            Order(start, target, "target"), dealing.rate(target, source), dealing.terms
        )

        assert got <= back.price.from_amount


class TestSides:
    @settings(max_examples=60)
    @given(data=st.data(), surcharges=SURCHARGES)
    def test_never_disagree_in_the_customers_favour(
        self, data: st.DataObject, surcharges: dict[str, Decimal]
    ) -> None:
        """Who buys an exact amount pays no less than who sells that much for it."""
        dealing = Dealing(data)
        source, target = dealing.pair()
        wanted = Order(data.draw(amounts(target)), source, "target")
        rate = dealing.rate(source, target)
        bought = offered(wanted, rate, dealing.terms, **surcharges)

        paid = bought.price.from_amount
        sold = offered(Order(paid, target, "source"), rate, dealing.terms, **surcharges)

        assert sold.price.to_amount >= bought.price.to_amount
        assert sold.price.spread_bps <= bought.price.spread_bps
        assert sold.fee == bought.fee

    @settings(max_examples=60)
    @given(data=st.data())
    def test_are_never_better_than_the_markets(self, data: st.DataObject) -> None:
        dealing = Dealing(data)
        source, target = dealing.pair()
        rate = dealing.rate(source, target)

        offer = dealing.sell(data.draw(amounts(source)), target)

        price = offer.price
        at_market = Fraction(price.from_amount.amount) * min(rate.side, rate.mid)
        assert Fraction(price.client_rate) <= min(rate.side, rate.mid)
        assert Fraction(price.to_amount.amount) <= at_market
        assert price.spread_amount.amount >= 0


class TestOffer:
    @settings(max_examples=60)
    @given(data=st.data(), surcharges=SURCHARGES, target_is_fixed=st.booleans())
    def test_is_made_again_from_its_own_columns(
        self,
        data: st.DataObject,
        surcharges: dict[str, Decimal],
        target_is_fixed: bool,
    ) -> None:
        dealing = Dealing(data)
        source, target = dealing.pair()
        if target_is_fixed:
            order = Order(data.draw(amounts(target)), source, "target")
        else:
            order = Order(data.draw(amounts(source)), target, "source")
        rate = dealing.rate(source, target)
        columns = offered(order, rate, dealing.terms, **surcharges).columns()

        side = columns["fixed_side"]
        unit, other = (target, source) if side == "target" else (source, target)
        again = make_offer(
            Order(Money(columns[f"{side}_amount"], unit), other, side),
            rate,
            terms(dealing.terms.policy, columns["tier"]),
            premium_bps=columns["premium_bps"],
            widening_bps=columns["widening_bps"],
        )

        assert again.columns() == columns

    def test_adds_premium_and_widening_to_the_spread(self) -> None:
        offer = make_offer(
            Order(Money.of("100.00", EUR), USD, "source"),
            rate_between(EUR, USD, leg("USD", "1.25")),
            terms(Policy.of({"spreads": [{"bps": "45"}]})),
            premium_bps=Decimal("2.5"),
            widening_bps=Decimal("2.5"),
        )

        assert offer.price.spread_bps == 50
        # 1.25 less half a percent.
        assert offer.price.client_rate == Decimal("1.24375")
        assert offer.price.to_amount.text == "124.37"

    def test_of_a_fixed_target_is_in_the_band_of_what_is_sold(self) -> None:
        # 100 dollars are 80 euros, and 80.36 less 45 basis points: a dearer band,
        # in which they cost 80.81.
        dearer = {"bps": "100", "from_currency": "EUR", "at_least": "80.20"}
        policy = Policy.of({"spreads": [{"bps": "45"}, dearer]})

        offer = make_offer(
            Order(Money.of("100.00", USD), EUR, "target"),
            rate_between(EUR, USD, leg("USD", "1.25")),
            terms(policy),
        )

        assert offer.price.spread_bps == 100
        assert offer.price.from_amount.text == "80.81"


class TestBounds:
    RATE = rate_between(EUR, USD, leg("USD", "1.25"))

    def make(self, amount: str, **bounds: dict[str, str]) -> Offer:
        policy = Policy.of({"spreads": [{"bps": "0"}], "bounds": bounds})
        return make_offer(
            Order(Money.of(amount, EUR), USD, "source"), self.RATE, terms(policy)
        )

    def test_hold_for_both_sides_and_include_their_ends(self) -> None:
        bounds = {"EUR": {"minimum": "10", "maximum": "20"}}
        on_target = {"USD": {"minimum": "12.50", "maximum": "25.00"}}

        for both in (bounds, on_target):
            assert self.make("10.00", **both).price.to_amount.text == "12.50"
            assert self.make("20.00", **both).price.to_amount.text == "25.00"
            with pytest.raises(AmountTooSmall, match="at least"):
                self.make("9.99", **both)
            with pytest.raises(AmountTooLarge, match="at most"):
                self.make("20.01", **both)

    def test_say_what_they_are(self) -> None:
        with pytest.raises(AmountTooLarge) as refused:
            self.make("21.00", USD={"maximum": "25"})

        assert refused.value.members == {"maximum": "25.00", "currency": "USD"}

    def test_are_those_of_the_books_where_a_fee_comes_on_top(self) -> None:
        fee = {"operation": "conversion", "currency": "EUR", "fixed": MOST}
        policy = Policy.of({"spreads": [{"bps": "0"}], "fees": [fee]})
        order = Order(Money.of("1.00", EUR), USD, "source")

        with pytest.raises(AmountTooLarge, match="more than we can book"):
            make_offer(order, self.RATE, terms(policy))

    def test_refuse_a_rate_that_leaves_nothing(self) -> None:
        nothing = rate_between(EUR, USD, leg("USD", "0.000000000001"))

        with pytest.raises(AmountTooSmall):
            client_rate_of(nothing, Decimal(1))
