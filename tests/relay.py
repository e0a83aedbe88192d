"""A relay to PostgreSQL that loses what the two sides say about COMMIT.

    with relayed() as relay, serve(folder, DATABASE_URL=relay.url) as server:
        relay.lose("answer")

What is lost takes the connection along, and happens once. Everything else passes.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Literal

from django.db import connection

from tests.server import database_url

# As they are on the wire: a simple query of the client's, and what the server says of
# it, however it was asked.
ON_THE_WIRE = {
    "question": b"Q" + struct.pack("!i", 11) + b"COMMIT\0",
    "answer": b"C" + struct.pack("!i", 11) + b"COMMIT\0",
}
AT_MOST = 65_536


class Relay:
    """Listens on a port of its own, and passes on what it hears."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._lost: str | None = None

    @property
    def url(self) -> str:
        _, _, name = database_url().rpartition("/")
        who, _, _ = database_url().rpartition("@")
        host, port = self._listener.getsockname()
        return f"{who}@{host}:{port}/{name}?sslmode=disable"

    @property
    def has_lost(self) -> bool:
        """Whether what was to be lost came by."""
        return self._lost is None

    def lose(self, what: Literal["question", "answer"]) -> None:
        """Cut the next connection on which COMMIT is asked for, or said to be done."""
        self._lost = what

    def accept(self) -> None:
        with suppress(OSError):  # The listener was closed.
            while True:
                client, _ = self._listener.accept()
                server = _server()
                for way in (client, server, "question"), (server, client, "answer"):
                    Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, from_: socket.socket, to: socket.socket, what: str) -> None:
        with suppress(OSError):  # The other way was cut.
            while data := from_.recv(AT_MOST):
                before, found, _ = data.partition(ON_THE_WIRE[what])
                if found and self._lost == what:
                    self._lost = None
                    to.sendall(before)
                    break
                to.sendall(data)
        for side in from_, to:
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()


def _server() -> socket.socket:
    to = connection.get_connection_params()
    host, port = to.get("host", ""), to.get("port") or 5432
    if not host.startswith("/"):
        return socket.create_connection((host or "127.0.0.1", port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(str(Path(host, f".s.PGSQL.{port}")))
    return server


@contextmanager
def relayed() -> Iterator[Relay]:
    """A relay to the database of the running test."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        relay = Relay(listener)
        Thread(target=relay.accept, daemon=True).start()
        yield relay
        # Wakes the thread that accepts, which closing alone does not.
        listener.shutdown(socket.SHUT_RDWR)
