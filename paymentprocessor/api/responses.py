"""What views answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.utils.encoders import JSONEncoder


class AnswerEncoder(JSONEncoder):
    """REST framework's, which is asked about ids and instants more than all else."""

    def default(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is UUID:
            return str(obj)
        if kind is datetime and obj.tzinfo is UTC:
            return f"{obj.isoformat()[: -len('+00:00')]}Z"
        return super().default(obj)


_JSON = AnswerEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Response(HttpResponse):
    """JSON, written at once.

    REST framework's own chooses a renderer when all else is done, as if it were the
    template of a page; there is nothing to choose here. What it writes is the same.
    """

    def __init__(
        self,
        data: Any,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        text = _JSON.encode(data)
        # JSON may hold these two line breaks, JavaScript may not.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        super().__init__(
            text.encode(),
            status=status,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
