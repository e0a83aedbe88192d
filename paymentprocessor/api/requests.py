"""What views are asked."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request


class ApiRequest(Request):
    """REST framework's request, without what it does for forms, files and pages."""

    negotiator: BaseContentNegotiation
    parsers: Sequence[BaseParser]

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        # Else looked for here in vain, and found there, each time.
        self.META = request.META
        self.method = request.method
        self.path = request.path

    @cached_property
    def data(self) -> Any:
        """The body, or {} without one.

        :raises UnsupportedMediaType: it is no JSON.
        """
        stream = self.stream
        if stream is None:
            return {}
        parser = self.negotiator.select_parser(self, self.parsers)
        if parser is None:
            raise UnsupportedMediaType(self.content_type)
        return parser.parse(stream, self.content_type, self.parser_context)
