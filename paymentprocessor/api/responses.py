"""What views answer."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.utils.encoders import JSONEncoder

# Whatever orjson does not know is written as REST framework writes it.
_other = JSONEncoder().default
_AS_REST_FRAMEWORK = orjson.OPT_UTC_Z
# JSON may hold these two line breaks, JavaScript may not.
_LINE_BREAKS = {"\u2028": b"\\u2028", "\u2029": b"\\u2029"}


class Response(HttpResponse):
    """JSON, written at once.

    REST framework's own chooses a renderer when all else is done, as if it were the
    template of a page; there is nothing to choose here. What it writes is the same, but
    for whole numbers beyond 64 bits, which nobody is told, and which are refused.
    """

    def __init__(
        self,
        data: Any,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        written = orjson.dumps(data, _other, _AS_REST_FRAMEWORK)
        for line_break, escaped in _LINE_BREAKS.items():
            written = written.replace(line_break.encode(), escaped)
        super().__init__(
            written,
            status=status,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
