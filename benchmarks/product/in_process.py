"""The product in this process: its WSGI application is called, without a web server."""

import gc
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.databases import Databases, fresh_databases
from benchmarks.orders import KINDS
from benchmarks.worlds import ENVIRONMENT, World, prepare

# What gunicorn would hand to the application.
Request = dict[str, Any]


@dataclass(frozen=True)
class InProcess:
    """The application, the database that it works on, and who is there."""

    application: Any
    databases: Databases
    world: World
    dice: random.Random = field(default_factory=lambda: random.Random("in process"))

    def requests(self, kind: str, count: int) -> Iterator[Request]:
        """So many requests of a kind, each under a key of its own."""
        for _ in range(count):
            path, order = KINDS[kind](self.world.users, self.dice)
            body = json.dumps(order).encode()
            yield {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": path,
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "HTTP_HOST": "127.0.0.1",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_AUTHORIZATION": self.world.authorization,
                "HTTP_IDEMPOTENCY_KEY": str(UUID(int=self.dice.getrandbits(128))),
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                "wsgi.url_scheme": "http",
            }

    def ask(self, request: Request) -> None:
        """Have it answered, with success."""
        statuses: list[str] = []
        answer = self.application(
            request, lambda status, _headers: statuses.append(status)
        )
        said = b"".join(answer)
        answer.close()
        assert statuses[0].startswith("201"), said


@contextmanager
def product(users: int) -> Iterator[InProcess]:
    """The product with so many users, on a database of its own."""
    with ExitStack() as stack:
        databases = stack.enter_context(fresh_databases())
        url = databases.url("fx_bench")
        world = prepare("benchmarks.product.prepare", url, users)
        os.environ.update(ENVIRONMENT | {"DATABASE_URL": url})
        # As in a worker, where the numbers for Prometheus are kept in a file.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(
            tempfile.TemporaryDirectory()
        )
        from paymentprocessor import pool
        from paymentprocessor.wsgi import application

        # As in a worker whose client asks on, and whose collector leaves alone what was
        # loaded.
        pool.keep_between_requests()
        gc.collect()
        gc.freeze()
        yield InProcess(application, databases, world)
