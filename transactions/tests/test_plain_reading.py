"""Bodies are read the short way and the long one alike, right or wrong."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.fields import StrictSerializer
from paymentprocessor.api.parsers import parse_object
from transactions.batch_serializers import ITEMS
from transactions.orders import ConvertRequest, QuoteRequest
from transactions.serializers import AdjustRequest, AmountRequest, TransferRequest

KINDS: list[type[StrictSerializer]] = [
    AmountRequest, TransferRequest, ConvertRequest, QuoteRequest, AdjustRequest,
    *ITEMS.values(),
]  # fmt: skip
LONG_WAYS = {kind: kind() for kind in KINDS}

ID = "0190a1b2-0000-7000-8000-000000000001"
RIGHT: dict[str, Any] = {
    "currency": "USD",
    "amount": "10.50",
    "to_user_id": ID,
    "user_id": ID,
    "from_currency": "USD",
    "to_currency": "EUR",
    "from_amount": "1",
    "to_amount": "2.5",
    "min_to_amount": "0.1",
    "max_from_amount": 7,
    "quote_id": ID,
    "reference": "rent-2026-01",
    "description": "Rent",
    "metadata": {"order": "17"},
    "preview": False,
    "lock": "5m",
    "side": "credit",
    "reason": "typo",
    "type": "fund",
}


def _as_sent(literal: str) -> Any:
    """A number as the parser of bodies gives it; one that it refuses as a text."""
    try:
        return parse_object(b'{"n": %b}' % literal.encode())["n"]
    except MalformedRequest:
        return literal


ODD = (
    *(None, True, False, "", " ", "x", "fund", "conversion", 0, 1, -1, 2**80, [], {}),
    *("0", "0.00", "00", "007", "1.", ".5", "1e2", "+1", " 1", "1\n", "1_0", "１"),
    *("1." + "0" * 8, "1." + "0" * 9, "9" * 20, "9" * 21, "9" * 40),
    *("usd", "USD\n", "US", "A" * 13, ["USD"], {"a": 1}, {"": "x"}, {"k": "v" * 501}),
    *("x" * 255, "x" * 256, "x" * 500, "x" * 501, "two\nlines", "tab\t", "\x7f", "ü"),
    *(_as_sent(literal) for literal in ("1.50", "0.0", "1e2", "-1.5", "1.123456789")),
    *("\u2028", "\x00", "\ud800", "\U0001f600", ID.upper(), ID + "0", f"{{{ID}}}"),
    *(f"urn:uuid:{ID}", UUID(ID).int, {str(n): "x" for n in range(51)}),
)

values = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=12),
    st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{0,9})?", fullmatch=True),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda n: _as_sent(str(n))),
)
bodies = st.builds(
    lambda names, odd: {name: RIGHT[name] for name in names} | odd,
    st.sets(st.sampled_from(sorted(RIGHT))),
    st.dictionaries(st.sampled_from([*RIGHT, "unknown"]), values, max_size=3),
)


def outcome(read: Any, body: Any) -> str:
    try:
        return repr(read(json_copy(body)))
    except serializers.ValidationError as error:
        return repr(error.get_full_details())


def json_copy(body: Any) -> Any:
    """Another body of the same content, in case reading one should change it."""
    return dict(body) if isinstance(body, dict) else body


def complete(kind: type[StrictSerializer]) -> dict[str, Any]:
    """A right body with all that is asked for."""
    fields = kind().fields.items()
    body = {name: RIGHT[name] for name, field in fields if field.required}
    words = {item: word for word, item in ITEMS.items()}
    if kind in words:
        body["type"] = words[kind]
    if "from_amount" in kind().fields:
        pair = {"from_currency": "USD", "to_currency": "EUR", "from_amount": "1"}
        body |= pair
    return body


class TestPlainReading:
    @pytest.mark.parametrize("kind", KINDS)
    @given(body=st.one_of(bodies, values))
    def test_says_what_rest_framework_says(
        self, kind: type[StrictSerializer], body: Any
    ) -> None:
        self.compare(kind, body)

    @pytest.mark.parametrize("kind", KINDS)
    def test_says_the_same_of_odd_values(self, kind: type[StrictSerializer]) -> None:
        for name, value in product([*RIGHT, "unknown"], ODD):
            self.compare(kind, complete(kind) | {name: value})

    @pytest.mark.parametrize("kind", KINDS)
    def test_asks_rest_framework_about_no_right_body(
        self, kind: type[StrictSerializer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = complete(kind)
        expected = outcome(kind.read, body)

        monkeypatch.setattr(serializers.Serializer, "run_validation", None)

        assert "ErrorDetail" not in expected
        assert outcome(kind.read, body) == expected

    @staticmethod
    def compare(kind: type[StrictSerializer], body: Any) -> None:
        def long_way(data: Any) -> Any:
            return serializers.Serializer.run_validation(LONG_WAYS[kind], data)

        assert outcome(kind.read, body) == outcome(long_way, body)
