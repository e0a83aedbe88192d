"""A relay to PostgreSQL that loses what the two sides say about a transaction's end.

    with relayed() as relay, serve(folder, DATABASE_URL=relay.url) as server:
        relay.lose("answer")

What is lost takes the connection along, and happens once. Everything else passes. The
relay may have a word of its own to say then, as a pooler would.
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

# As they are on the wire: the rows with which COMMIT may go along, COMMIT as a query by
# itself, and what the server says of it, however it was asked.
ON_THE_WIRE = {
    "rows": b'"wallet_version"',
    "question": b"Q" + struct.pack("!i", 11) + b"COMMIT\0",
    "answer": b"C" + struct.pack("!i", 11) + b"COMMIT\0",
}
OF_THE_CLIENT = ("rows", "question")
OF_THE_SERVER = ("answer",)
# What PgBouncer tells its client when the server's connection has broken.
_FIELDS = b"SFATAL\0VFATAL\0C08P01\0Mserver conn crashed?\0\0"
SERVER_CRASHED = b"E" + struct.pack("!i", 4 + len(_FIELDS)) + _FIELDS
AT_MOST = 65_536


class Relay:
    """Listens on a port of its own, and passes on what it hears."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._lost: str | None = None
        self._last_words = b""

    @property
    def address(self) -> dict[str, str | int]:
        host, port = self._listener.getsockname()
        return {"host": host, "port": port}

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

    def lose(
        self, what: Literal["rows", "question", "answer"], last_words: bytes = b""
    ) -> None:
        """Cut the next connection on which that comes by.

        In place of an answer the client may hear `last_words`.
        """
        self._lost = what
        self._last_words = last_words

    def accept(self) -> None:
        with suppress(OSError):  # The listener was closed.
            while True:
                client, _ = self._listener.accept()
                server = _server()
                ways = (client, server, OF_THE_CLIENT), (server, client, OF_THE_SERVER)
                for way in ways:
                    Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(
        self, from_: socket.socket, to: socket.socket, said: tuple[str, ...]
    ) -> None:
        with suppress(OSError):  # The other way was cut.
            while data := from_.recv(AT_MOST):
                lost = self._lost
                if lost in said and ON_THE_WIRE[lost] in data:
                    before, _, _ = data.partition(ON_THE_WIRE[lost])
                    self._lost = None
                    to.sendall(self._last_words or before)
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
