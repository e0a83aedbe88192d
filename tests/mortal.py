"""A server whose processes die where their request says: one process for each request.

It has loaded everything before it forks, so that a death costs no start. A request says
where to kill its process with `Die-At: after_lock`, and the kill is the same as with
FAIL_AT: SIGKILL, in the middle of the real code, with the connection to the database
open. For `tests.server.serve`, which gives it a socket that listens:

    python -m tests.mortal 3
"""

import io
import socket
import sys
from collections.abc import Callable, Iterable
from socketserver import ForkingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.util import setup_testing_defaults

from paymentprocessor import failpoints
from paymentprocessor.wsgi import application


class MortalServer(ForkingMixIn, WSGIServer):
    """Answers each request in a process that ends with it, one way or the other."""

    request_queue_size = 32


def mortal(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[Any]:
    point = environ.get("HTTP_DIE_AT")
    failpoints.arm([point] if point else [], allowed=True)
    return application(environ, start_response)


def warm_up() -> None:
    """Load what the first request loads, without a word to the database."""
    environ: dict[str, Any] = {"PATH_INFO": "/livez", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(environ)
    list(application(environ, lambda *_: None))


def serve(listener: socket.socket) -> None:
    server = MortalServer(
        listener.getsockname(), WSGIRequestHandler, bind_and_activate=False
    )
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(mortal)
    listener.listen()
    warm_up()
    server.serve_forever()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
