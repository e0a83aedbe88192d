"""Prices: for any rates, any currencies and any amounts the customer gains nothing."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fx.consensus import agree
from fx.errors import AmountTooLarge, AmountTooSmall, RateUnavailable, SameCurrency
from fx.money import MAX_AMOUNT, Denomination, Money
from fx.pricing import (
    CrossRate,
    Leg,
    Price,
    Source,
    client_rate_of,
    price_fixed_source,
    price_fixed_target,
)

USD = Denomination("USD", 2)
MXN = Denomination("MXN", 2)
EUR = Denomination("EUR", 2)
JPY = Denomination("JPY", 0)

FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)
BPS_45 = Decimal(45)


def leg(quote: str, bid: str | Decimal, ask: str | Decimal | None = None) -> Leg:
    number = UUID(int=int.from_bytes(quote.encode()))
    low = Decimal(bid)
    high = low if ask is None else Decimal(ask)
    return agree("EUR", quote, [Source(number, "ecb", low, high, FRIDAY)])


def rate_between(source: Denomination, target: Denomination, *legs: Leg) -> CrossRate:
    return CrossRate.through(source.code, target.code, legs)


USD_LEG = leg("USD", "1.1172")
MXN_LEG = leg("MXN", "21.1237")
USD_MXN = rate_between(USD, MXN, USD_LEG, MXN_LEG)

# A table of any rates of the euro, in up to four further currencies of any exponent.
RATES = st.decimals(
    min_value="0.000000000001", max_value="999999999999", places=12, allow_nan=False
)
EXPONENTS = st.integers(min_value=0, max_value=8)
SPREADS = st.decimals(min_value=0, max_value=9999, places=4)


@st.composite
def markets(draw: st.DrawFn) -> dict[Denomination, Leg | None]:
    market: dict[Denomination, Leg | None] = {
        Denomination("EUR", draw(EXPONENTS)): None
    }
    for code in ("AAA", "BBB", "CCC", "DDD")[: draw(st.integers(1, 4))]:
        bid, ask = sorted((draw(RATES), draw(RATES)))
        market[Denomination(code, draw(EXPONENTS))] = leg(code, bid, ask)
    return market


def way(
    market: dict[Denomination, Leg | None], source: Denomination, target: Denomination
) -> CrossRate:
    legs = [found for found in (market[source], market[target]) if found is not None]
    return rate_between(source, target, *legs)


@st.composite
def conversions(draw: st.DrawFn) -> tuple[CrossRate, Money, Denomination, Decimal]:
    market = draw(markets())
    source, target = draw(st.permutations(list(market)))[:2]
    units = draw(st.integers(min_value=1, max_value=10**20))
    amount = Money(Decimal(units).scaleb(-source.exponent), source)
    return way(market, source, target), amount, target, draw(SPREADS)


def priced(price, *arguments) -> Price:
    """The price; an amount that is refused is no counterexample to anything."""
    try:
        return price(*arguments)
    except (AmountTooSmall, AmountTooLarge, RateUnavailable):
        assume(False)
        raise


class TestCrossRate:
    def test_is_exact(self):
        assert USD_MXN.mid == Fraction(211237, 10000) / Fraction(11172, 10000)

    def test_takes_the_middle_of_bid_and_ask(self):
        rate = rate_between(EUR, USD, leg("USD", "1.000000000001", "1.000000000002"))

        assert rate.mid == Fraction(10000000000015, 10000000000000)

    def test_there_and_back_is_exactly_one(self):
        back = rate_between(MXN, USD, MXN_LEG, USD_LEG)

        assert USD_MXN.mid * back.mid == 1

    def test_is_as_old_as_its_oldest_leg(self):
        older = FRIDAY - timedelta(days=1)
        old = Source(UUID(int=1), "ecb", Decimal(1), Decimal(1), older)
        new = Source(UUID(int=2), "live", Decimal(1), Decimal(1), FRIDAY)
        old_leg = agree("EUR", "USD", [new, old])

        rate = rate_between(USD, MXN, old_leg, MXN_LEG)

        assert rate.as_of == older
        assert rate.rate_ids == (UUID(int=1), UUID(int=2), MXN_LEG.sources[0].id)

    def test_refuses_one_currency_twice(self):
        with pytest.raises(SameCurrency):
            rate_between(USD, USD, USD_LEG, USD_LEG)

    def test_refuses_legs_that_lead_elsewhere(self):
        with pytest.raises(ValueError, match="does not continue"):
            rate_between(USD, MXN, MXN_LEG, USD_LEG)
        with pytest.raises(ValueError, match="lead to EUR"):
            rate_between(USD, MXN, USD_LEG)

    @pytest.mark.parametrize(("bid", "ask"), [("0", "1"), ("-1", "1"), ("2", "1")])
    def test_refuses_a_leg_that_is_no_rate(self, bid, ask):
        with pytest.raises(ValueError, match="EUR/USD"):
            Leg("EUR", "USD", Decimal(bid), Decimal(ask), USD_LEG.sources)
        with pytest.raises(ValueError, match="ecb"):
            leg("USD", bid, ask)

    def test_has_a_side_that_the_market_itself_gives(self):
        dollar, peso = leg("USD", "1.24", "1.26"), leg("MXN", "19.9", "20.1")

        sold = rate_between(EUR, USD, dollar)
        bought = rate_between(USD, EUR, dollar)
        crossed = rate_between(USD, MXN, dollar, peso)

        assert sold.side == Fraction("1.24")
        assert bought.side == 1 / Fraction("1.26")
        assert crossed.side == Fraction("19.9") / Fraction("1.26")
        assert USD_MXN.side == USD_MXN.mid

    @given(conversions())
    def test_is_never_better_at_its_side_than_in_the_middle(self, conversion):
        rate, *_ = conversion
        back = CrossRate.through(rate.quote, rate.base, rate.legs[::-1])

        assert rate.side <= rate.mid
        assert rate.side * back.side <= 1


class TestFixedSource:
    def test_can_be_checked_with_a_pocket_calculator(self):
        price = price_fixed_source(Money.of("100.00", USD), MXN, USD_MXN, BPS_45)

        # 21.1237 / 1.1172 = 18.90771571786609...; less 45 bps = 18.822630997...
        assert price.mid_rate == Decimal("18.907715717866")
        assert price.client_rate == Decimal("18.822630997135")
        assert price.exact_target == Decimal("1882.2630997135")
        assert price.to_amount.text == "1882.26"
        assert price.residual == Decimal("0.0030997135")
        assert price.mid_amount.text == "1890.77"
        assert price.spread_amount.text == "8.51"
        assert (price.fixed_side, price.spread_bps) == ("source", BPS_45)
        assert price.rate_ids == (USD_LEG.sources[0].id, MXN_LEG.sources[0].id)
        assert price.rate_as_of == FRIDAY

    def test_floors_where_half_up_would_give_a_unit_away(self):
        rate = rate_between(EUR, USD, leg("USD", "1.999999"))

        price = price_fixed_source(Money.of("0.01", EUR), USD, rate, Decimal(0))

        assert price.to_amount.text == "0.01"

    def test_floors_the_mid_amount_as_well(self):
        rate = rate_between(EUR, USD, leg("USD", "1.999999"))

        price = price_fixed_source(Money.of("0.01", EUR), USD, rate, Decimal(0))

        assert price.mid_amount.text == "0.01"

    def test_does_not_depend_on_the_context_of_decimal(self):
        amount = Money.of("99999999999999.99", USD)
        usual = price_fixed_source(amount, MXN, USD_MXN, BPS_45)

        with localcontext(prec=2, rounding=ROUND_HALF_UP):
            squeezed = price_fixed_source(amount, MXN, USD_MXN, BPS_45)

        assert squeezed == usual

    def test_refuses_a_target_of_zero(self):
        rate = rate_between(JPY, EUR, leg("JPY", "175.68"))

        with pytest.raises(AmountTooSmall):
            price_fixed_source(Money.of(1, JPY), EUR, rate, BPS_45)

    def test_refuses_an_amount_of_zero(self):
        with pytest.raises(AmountTooSmall):
            price_fixed_source(Money.zero(USD), MXN, USD_MXN, BPS_45)

    def test_refuses_a_target_beyond_the_books(self):
        with pytest.raises(AmountTooLarge):
            price_fixed_source(Money(Decimal(10**20 - 1), USD), MXN, USD_MXN, BPS_45)

    def test_refuses_a_rate_of_nothing(self):
        rate = rate_between(MXN, EUR, leg("MXN", "999999999999.99"))

        with pytest.raises(AmountTooSmall):
            price_fixed_source(Money.of(10**15, MXN), EUR, rate, Decimal(5000))

    def test_refuses_a_rate_beyond_its_column(self):
        rate = rate_between(USD, MXN, leg("USD", "0.0000001"), leg("MXN", 10**6))

        with pytest.raises(RateUnavailable):
            price_fixed_source(Money.of("0.01", USD), MXN, rate, BPS_45)

    def test_refuses_one_currency_twice(self):
        with pytest.raises(SameCurrency):
            price_fixed_source(Money.of(1, USD), USD, USD_MXN, BPS_45)

    def test_refuses_the_rate_of_another_pair(self):
        with pytest.raises(ValueError, match="USD/MXN for MXN/USD"):
            price_fixed_source(Money.of(1, MXN), USD, USD_MXN, BPS_45)

    @pytest.mark.parametrize("spread_bps", ["-0.01", "10000"])
    def test_refuses_a_spread_that_is_none(self, spread_bps):
        with pytest.raises(ValueError, match="basis points"):
            client_rate_of(USD_MXN, Decimal(spread_bps))


class TestFixedTarget:
    def test_ceils_the_source(self):
        price = price_fixed_target(Money.of("1882.27", MXN), USD, USD_MXN, BPS_45)

        # 1882.27 / 18.822630997135 = 100.0003665...
        assert price.from_amount.text == "100.01"
        assert price.to_amount.text == "1882.27"
        assert price.fixed_side == "target"

    def test_refuses_a_source_beyond_the_books(self):
        rate = rate_between(JPY, EUR, leg("JPY", "175.68"))

        with pytest.raises(AmountTooLarge):
            price_fixed_target(Money(Decimal(10**20 - 1), EUR), JPY, rate, BPS_45)

    @settings(deadline=None)
    @given(conversions())
    def test_never_undercuts_a_fixed_source(self, conversion):
        rate, paid, target, spread_bps = conversion
        bought = priced(price_fixed_source, paid, target, rate, spread_bps)

        asked = price_fixed_target(bought.to_amount, paid.currency, rate, spread_bps)

        # The same target costs at most what was paid for it, but one unit less than it
        # costs would not have bought it either.
        assert asked.from_amount <= paid
        again = price_fixed_source(asked.from_amount, target, rate, spread_bps)
        assert again.to_amount == bought.to_amount
        unit = Decimal(1).scaleb(-paid.currency.exponent)
        less = Fraction(asked.from_amount.amount) - Fraction(unit)
        assert less * Fraction(asked.client_rate) < Fraction(bought.to_amount.amount)


class TestBooks:
    @settings(deadline=None)
    @given(conversion=conversions(), side=st.sampled_from(["source", "target"]))
    def test_mid_is_what_the_customer_gets_and_the_spread(self, conversion, side):
        rate, amount, other, spread_bps = conversion
        if side == "source":
            price = priced(price_fixed_source, amount, other, rate, spread_bps)
        else:
            rate = CrossRate.through(rate.quote, rate.base, rate.legs[::-1])
            price = priced(price_fixed_target, amount, other, rate, spread_bps)

        assert price.mid_amount == price.to_amount + price.spread_amount
        assert price.spread_amount.amount >= 0
        assert price.to_amount.amount > 0
        assert price.residual >= 0
        # At mid nobody is ever richer after a conversion than before.
        source_at_mid = Fraction(price.from_amount.amount) * rate.mid
        assert Fraction(price.mid_amount.amount) <= source_at_mid
        assert Fraction(price.exact_target) == Fraction(
            price.from_amount.amount
        ) * Fraction(price.client_rate)
        assert max(price.mid_amount.amount, price.from_amount.amount) <= MAX_AMOUNT


class TestCycle:
    # With rates of any size, most amounts become too small or too large on the way.
    @settings(
        max_examples=200,
        deadline=None,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(data=st.data())
    def test_never_gains_a_unit(self, data):
        market = data.draw(markets())
        start = data.draw(st.sampled_from(list(market)))
        length = data.draw(st.integers(2, 5))
        units = data.draw(st.integers(min_value=1, max_value=10**14))
        first = held = Money(Decimal(units).scaleb(-start.exponent), start)

        for step in range(length):
            others = [found for found in market if found != held.currency]
            last = step == length - 1
            target = (
                start
                if last and start in others
                else data.draw(st.sampled_from(others))
            )
            held = self.convert(data, market, held, target)

        if held.currency == start:
            assert held <= first

    def convert(self, data, market, held, target):
        """Convert all of it, or the part that a fixed target of any size takes."""
        rate = way(market, held.currency, target)
        spread_bps = data.draw(SPREADS)
        price = priced(price_fixed_source, held, target, rate, spread_bps)
        if data.draw(st.booleans()):
            price = price_fixed_target(price.to_amount, held.currency, rate, spread_bps)
            assert price.from_amount <= held
        return price.to_amount


class TestHalfUp:
    """A service that rounds half up at two decimals pays whoever asks in small coins.

    At 18.70 MXN for a dollar and 0.053 dollars for a peso, 0.10 MXN become 0.0053 USD,
    rounded to 0.01, and those become 0.187 MXN, rounded to 0.19: nine centavos of
    profit from two conversions.
    """

    ROUND_TRIPS = 2_524 // 2
    DOLLAR_IN_PESOS = Decimal("18.70")
    PESO_IN_DOLLARS = Decimal("0.053")

    @staticmethod
    def half_up(amount: Decimal) -> Decimal:
        return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def test_turns_one_peso_into_114_58_in_2524_conversions(self):
        pesos = Decimal("1.00")

        for _ in range(self.ROUND_TRIPS):
            dollars = self.half_up(Decimal("0.10") * self.PESO_IN_DOLLARS)
            pesos += self.half_up(dollars * self.DOLLAR_IN_PESOS) - Decimal("0.10")

        assert pesos == Decimal("114.58")

    def test_is_refused_the_first_of_them_here(self):
        peso_in_dollars = rate_between(MXN, USD, leg("MXN", 1), leg("USD", "0.053"))

        with pytest.raises(AmountTooSmall):
            price_fixed_source(Money.of("0.10", MXN), USD, peso_in_dollars, Decimal(0))

    @pytest.mark.parametrize("coin", ["0.19", "0.20", "0.37", "1.00"])
    def test_earns_nothing_with_any_other_coin_here_either(self, coin):
        to_dollars = rate_between(MXN, USD, leg("MXN", "18.70"), leg("USD", 1))
        to_pesos = rate_between(USD, MXN, leg("USD", 1), leg("MXN", "18.70"))
        paid = Money.of(coin, MXN)

        dollars = price_fixed_source(paid, USD, to_dollars, Decimal(0)).to_amount
        pesos = price_fixed_source(dollars, MXN, to_pesos, Decimal(0)).to_amount

        assert pesos < paid
