"""A provider of rates on this machine, as slow or broken as a test wants it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <Cube><Cube time="{day}">
    <Cube currency="USD" rate="1.25"/><Cube currency="MXN" rate="20.00"/>
  </Cube></Cube>
</gesmes:Envelope>
"""


class Feed:
    """Where it is, how often it was asked, and what makes it answer."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.answers = threading.Event()
        self.body = DOCUMENT.format(day=date(2026, 10, 30)).encode()
        self.answers.set()


@contextmanager
def serve_feed() -> Iterator[Feed]:
    feed = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked += 1
            feed.answers.wait(60)
            self.send_response(200)
            self.send_header("Content-Length", str(len(feed.body)))
            self.end_headers()
            self.wfile.write(feed.body)

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: object) -> None:
            """Who asked was killed, which is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        feed.url = f"http://127.0.0.1:{server.server_port}/daily.xml"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield feed
        finally:
            feed.answers.set()
            server.shutdown()
            thread.join()
