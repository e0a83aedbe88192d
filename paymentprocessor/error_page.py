"""`/docs/errors`: the page that the `type` of every problem points at."""

import re
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.generic import TemplateView

from paymentprocessor.error_catalogue import ERROR_CODES


class ErrorPage(TemplateView):
    """Every error code, under an anchor of its own name."""

    template_name = "paymentprocessor/errors.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        errors = [
            {
                "status": error.status,
                "code": error.code,
                "meaning": _html(error.meaning),
                "remedy": _html(error.remedy),
            }
            for error in ERROR_CODES
        ]
        return super().get_context_data(errors=errors, **kwargs)


def _html(text: str) -> SafeString:
    """The sentence with what stands between backticks set as code."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    # Safe, since the text was escaped before the tags were added.
    return mark_safe(html)  # noqa: S308  # nosec
