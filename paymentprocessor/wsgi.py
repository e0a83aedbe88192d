"""The WSGI application that gunicorn serves."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paymentprocessor.settings")


class SoundRequest(WSGIRequest):
    """A request whose Content-Type can be read.

    Django raises over `charset*=nonsense''…` while it makes the request, which is
    before anything of ours could answer.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        if environ.get("CONTENT_TYPE") != "application/json":
            _make_sound(environ)
        super().__init__(environ)


def _make_sound(environ: dict[str, Any]) -> None:
    try:
        parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except ValueError:
        environ["CONTENT_TYPE"] = "application/octet-stream"


application = get_wsgi_application()
application.request_class = SoundRequest
