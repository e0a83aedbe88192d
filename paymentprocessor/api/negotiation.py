"""Content negotiation for an API that speaks JSON and nothing else."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.http import parse_header_parameters
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


@lru_cache(maxsize=64)
def _read(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type and its parameters; a client says the same each time."""
    media_type, parameters = parse_header_parameters(content_type)
    return media_type, parameters


class AlwaysJSON(BaseContentNegotiation):
    """Answers JSON whatever `Accept` says, and reads only UTF-8 JSON.

    A 406 would help nobody: the client would have to ask again for the same JSON.
    """

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser | None:
        """Choose by media type; without a match the answer is 415."""
        media_type, parameters = _read(request.content_type)
        if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            return None
        for parser in parsers:
            if parser.media_type == media_type:
                return parser
        return None

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[BaseRenderer, str]:
        """The first renderer of the view, and its media type."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
