"""Money and amounts: what is read is what was written, and nothing else is read."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fx.money import (
    MAX_AMOUNT,
    CurrencyMismatch,
    Denomination,
    Money,
    ceil_to_scale,
    fits,
    floor_to_scale,
    half_even_to_scale,
    iso_currencies,
    parse_amount,
    positive,
)
from paymentprocessor.api.errors import ValidationError

USD = Denomination("USD", 2)
EUR = Denomination("EUR", 2)
JPY = Denomination("JPY", 0)
KWD = Denomination("KWD", 3)

ISO_DENOMINATIONS = [
    Denomination(listed.code, listed.exponent) for listed in iso_currencies()
]
AMOUNTS = st.decimals(
    min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, allow_nan=False, places=8
)


class JsonNumber(Decimal):
    """What the strict JSON parser makes of a number: it keeps how it was written."""

    literal: str

    def __new__(cls, literal: str) -> "JsonNumber":
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def error_of(raw: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        parse_amount(raw)
    [error] = caught.value.members["errors"]
    return error


class TestIsoCurrencies:
    def test_have_the_exponents_of_the_standard(self):
        exponents = {listed.code: listed.exponent for listed in iso_currencies()}

        looked_up = {code: exponents[code] for code in ("USD", "JPY", "KWD", "CLF")}
        assert looked_up == {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}
        assert exponents["UYW"] == 4
        assert exponents["ISK"] == 0

    def test_leave_out_what_has_no_smallest_unit(self):
        codes = {listed.code for listed in iso_currencies()}

        assert codes.isdisjoint({"XAU", "XAG", "XDR", "XTS", "XXX", "XBA", "XUA"})
        assert len(codes) == len(iso_currencies()) > 150


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [
            ("1000", USD, "1000.00"),
            ("150", JPY, "150"),
            ("1.234", KWD, "1.234"),
            ("1E+3", USD, "1000.00"),
            ("-0.00", USD, "0.00"),
            ("-1.5", USD, "-1.50"),
            ("0E-8", JPY, "0"),
            ("0.00000001", Denomination("BTC", 8), "0.00000001"),
            (str(MAX_AMOUNT), Denomination("BTC", 8), str(MAX_AMOUNT)),
        ],
    )
    def test_reads_at_the_scale_of_its_currency(self, amount, currency, text):
        money = Money.of(amount, currency)

        assert money.text == text
        assert str(money) == f"{text} {currency.code}"

    @pytest.mark.parametrize("amount", ["1.005", "NaN", "Infinity", "sNaN", "1E+200"])
    def test_is_never_rounded(self, amount):
        with pytest.raises(ValueError, match="is not an amount in USD"):
            Money(Decimal(amount), USD)

    def test_adds_and_subtracts_within_one_currency(self):
        assert Money.of("0.10", USD) + Money.of("0.20", USD) == Money.of("0.3", USD)
        assert Money.of(1, USD) - Money.of(2, USD) == Money.of("-1.00", USD)

    def test_orders_within_one_currency(self):
        less, more = Money.of("9.99", USD), Money.of("10.00", USD)

        assert less < more
        assert more > less
        assert less <= Money.of("9.99", USD)
        assert more >= less
        assert less != more

    def test_does_not_mix_currencies(self):
        dollar, euro = Money.of(1, USD), Money.of(1, EUR)

        assert dollar != euro
        for operation in ("__add__", "__sub__", "__lt__", "__le__"):
            with pytest.raises(CurrencyMismatch):
                getattr(dollar, operation)(euro)
        with pytest.raises(CurrencyMismatch):
            dollar + 1

    @given(first=AMOUNTS, second=AMOUNTS)
    def test_arithmetic_keeps_every_digit(self, first, second):
        bitcoin = Denomination("BTC", 8)

        with localcontext(prec=3):
            total = Money(first, bitcoin) + Money(second, bitcoin)

        assert Fraction(total.amount) == Fraction(first) + Fraction(second)

    def test_zero_is_at_the_scale_too(self):
        assert Money.zero(KWD).text == "0.000"


class TestDenomination:
    @pytest.mark.parametrize("exponent", [-1, 9])
    def test_has_0_to_8_decimals(self, exponent):
        with pytest.raises(ValueError, match="out of range"):
            Denomination("ABC", exponent)


class TestParseAmount:
    @given(
        currency=st.sampled_from(ISO_DENOMINATIONS),
        units=st.integers(min_value=0, max_value=10**20 - 1),
    )
    def test_reads_back_what_money_writes(self, currency, units):
        money = Money(
            floor_to_scale(Fraction(units, 10**currency.exponent), 8), currency
        )

        read = fits(parse_amount(money.text), currency)

        assert read == money
        assert read.text == money.text

    @pytest.mark.parametrize(
        ("raw", "amount"),
        [
            ("100.00", "100.00"),
            ("0", "0"),
            ("0.5", "0.5"),
            (100, "100"),
            (10**20 - 1, "99999999999999999999"),
            (JsonNumber("12.50"), "12.50"),
            (str(MAX_AMOUNT), str(MAX_AMOUNT)),
        ],
    )
    def test_takes_it_exactly_as_written(self, raw, amount):
        assert str(parse_amount(raw)) == amount

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            ("", "empty"),
            ("-1", "sign"),
            ("+1", "sign"),
            ("-0", "sign"),
            (-5, "sign"),
            (JsonNumber("-5"), "sign"),
            ("1e2", "exponent"),
            ("1E400", "exponent"),
            ("1.5e-3", "exponent"),
            (JsonNumber("1e2"), "exponent"),
            ("007", "leading zeros"),
            ("00", "leading zeros"),
            ("00.5", "leading zeros"),
            (".5", "digits 0 to 9"),
            ("5.", "digits 0 to 9"),
            (".", "digits 0 to 9"),
            ("1.2.3", "digits 0 to 9"),
            ("1,000", "digits 0 to 9"),
            ("1_000", "digits 0 to 9"),
            (" 12 ", "digits 0 to 9"),
            ("12\n", "digits 0 to 9"),
            ("12\x00", "digits 0 to 9"),
            ("1\u00a0000", "digits 0 to 9"),
            ("\uff11\uff12\uff13", "digits 0 to 9"),
            ("\u0661\u0662", "digits 0 to 9"),
            ("1\u00b2", "digits 0 to 9"),
            ("\u22125", "digits 0 to 9"),
            ("0x10", "digits 0 to 9"),
            ("NaN", "digits 0 to 9"),
            ("sNaN", "digits 0 to 9"),
            ("Infinity", "digits 0 to 9"),
            ("e", "digits 0 to 9"),
            ("1" * 21, "at most 20 digits"),
            (10**20, "at most 20 digits"),
            pytest.param(10**5000, "at most 20 digits", id="too long for str"),
            (1.5, "string"),
            (float("nan"), "string"),
            (True, "string"),
            (False, "string"),
            (None, "string"),
            (b"12", "string"),
            (["12"], "string"),
            ({"amount": "12"}, "string"),
            (Decimal(12), "string"),
        ],
    )
    def test_refuses_what_has_two_readings(self, raw, reason):
        error = error_of(raw)

        assert reason in error["detail"]
        assert error["code"] == "invalid_amount"
        assert error["pointer"] == "/amount"

    def test_refuses_more_decimals_than_any_currency_has(self):
        assert error_of("1.123456789")["code"] == "too_precise"

    @given(st.text())
    def test_reads_nothing_but_plain_digits(self, text):
        try:
            parse_amount(text)
        except ValidationError:
            return

        assert set(text) <= set("0123456789.")


class TestPositive:
    def test_refuses_zero(self):
        with pytest.raises(ValidationError) as caught:
            positive(parse_amount("0.00"), "/fee")

        [error] = caught.value.members["errors"]
        assert (error["code"], error["pointer"]) == ("not_positive", "/fee")

    def test_gives_the_amount_back(self):
        assert positive(Decimal("0.01")) == Decimal("0.01")


class TestFits:
    @pytest.mark.parametrize(
        ("amount", "currency"), [("1.005", USD), ("1.5", JPY), ("100.000", USD)]
    )
    def test_refuses_more_decimals_than_the_currency_has(self, amount, currency):
        with pytest.raises(ValidationError) as caught:
            fits(parse_amount(amount), currency, "/amount")

        [error] = caught.value.members["errors"]
        assert error["code"] == "too_precise"
        assert currency.code in error["detail"]

    def test_refuses_what_is_no_number(self):
        with pytest.raises(ValidationError):
            fits(Decimal("NaN"), USD)

    def test_takes_fewer(self):
        assert fits(Decimal(100), USD).text == "100.00"


class TestRoundingToScale:
    @given(
        value=st.fractions(min_value=-(10**30), max_value=10**30),
        exponent=st.integers(min_value=0, max_value=12),
    )
    def test_floor_and_ceil_enclose_the_value_within_one_unit(self, value, exponent):
        with localcontext(prec=3):
            below = floor_to_scale(value, exponent)
            above = ceil_to_scale(value, exponent)

        assert Fraction(below) <= value <= Fraction(above)
        assert Fraction(above) - Fraction(below) in (0, Fraction(1, 10**exponent))
        assert below.as_tuple().exponent == above.as_tuple().exponent == -exponent

    def test_half_even_goes_to_the_even_neighbour(self):
        assert half_even_to_scale(Decimal("0.125"), 2) == Decimal("0.12")
        assert half_even_to_scale(Decimal("0.135"), 2) == Decimal("0.14")
