"""JSON that is written as REST framework writes it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from paymentprocessor.api.responses import Response

ID = UUID("0190a1b2-0000-7000-8000-000000000001")

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.uuids(),
    st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Asia/Tokyo")])),
    st.datetimes(),
    st.dates(),
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


def written(data: Any) -> bytes:
    """What REST framework makes of it."""
    rendered: bytes = JSONRenderer().render(data)
    return rendered


class TestResponse:
    @given(data=documents)
    def test_is_what_rest_framework_writes(self, data: Any) -> None:
        if data is not None:
            assert Response(data).content == written(data)

    @pytest.mark.parametrize(
        "value",
        [
            ID,
            datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
            datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")),
            datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-5))),
            date(2026, 1, 2),
            Decimal("1.5"),
            timedelta(seconds=90),
            "\u2028 and \u2029, ü, </script>",
        ],
    )
    def test_knows_the_same_values(self, value: Any) -> None:
        assert Response({"value": value}).content == written({"value": value})

    def test_is_json_with_headers(self) -> None:
        answer = Response({"id": ID}, status=201, headers={"ETag": '"3"'})

        assert answer.status_code == 201
        assert answer["Content-Type"] == "application/json"
        assert answer["ETag"] == '"3"'
        assert json.loads(answer.content) == {"id": str(ID)}

    def test_refuses_what_json_has_not(self) -> None:
        with pytest.raises(ValueError, match="JSON compliant"):
            Response({"rate": float("nan")})
