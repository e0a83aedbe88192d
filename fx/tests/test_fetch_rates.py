"""Asking a feed over HTTP: what it says is recorded, and what is wrong is kept."""

import gzip
import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from fx import download, queries
from fx.models import Feed, FeedError, Rate, Verdict
from fx.services import RatesNotFetched, UnknownProvider, fetch_rates

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


class Handler(BaseHTTPRequestHandler):
    """Answers with whatever the server holds for the path."""

    def do_GET(self):
        self.server.headers_seen.append(dict(self.headers))
        answer = self.server.answers[self.path]
        self.send_response(200)
        self.end_headers()
        for chunk in answer() if callable(answer) else [answer]:
            self.wfile.write(chunk)

    def log_message(self, format, *args):  # noqa: A002
        """Say nothing: the tests look at what the client got."""


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


@pytest.fixture
def server(monkeypatch, settings):
    settings.DEVELOPMENT = True
    monkeypatch.setattr(download, "READ_TIMEOUT_S", 0.4)
    monkeypatch.setattr(download, "TOTAL_TIMEOUT_S", 0.6)
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.answers, server.headers_seen = {}, []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def feed(server):
    """A live feed on this machine, called `desk`."""
    return Feed.objects.create(
        name="desk",
        url=f"http://127.0.0.1:{server.server_port}/rates",
        list_path="rates",
        as_of_path="$.at",
    )


def answer(server, now, **rates):
    document = {"at": now.isoformat(), "rates": rates}
    server.answers["/rates"] = json.dumps(document).encode()


def in_utf_16(said):
    return said.decode().encode("utf-16")


def endless():
    while True:
        yield b"[" * 65_536


def dripping():
    for _ in range(1000):
        yield b" "
        time.sleep(0.02)


def not_fetched(now=None):
    with pytest.raises(RatesNotFetched):
        fetch_rates("desk", now=now or timezone.now())


class TestFetchRates:
    def test_records_what_a_feed_says(self, server, feed):
        now = timezone.now()
        answer(server, now, USD=1.1, MXN=20)

        fetched = fetch_rates("desk", now=now)

        assert (fetched.recorded.new, fetched.errors) == (2, [])
        rate = queries.cross("USD", "MXN", now=now, max_age=MINUTE)
        assert {s.provider for leg in rate.legs for s in leg.sources} == {"desk"}

    def test_adds_nothing_when_it_hears_the_same_again(self, server, feed):
        now = timezone.now()
        answer(server, now, USD=1.1)

        again = [fetch_rates("desk", now=now + n * MINUTE) for n in range(3)]

        assert [fetched.recorded.new for fetched in again] == [1, 0, 0]

    def test_keeps_what_it_refuses_and_takes_the_rest(self, server, feed):
        now = timezone.now()
        answer(server, now, USD=1.1, MXN=-20)

        fetched = fetch_rates("desk", now=now)

        assert fetched.recorded.new == 1
        error = FeedError.objects.get()
        assert (error.provider, error.at, error.excerpt) == ("desk", now, "MXN -20")

    @pytest.mark.parametrize("codec", [gzip.compress, in_utf_16])
    def test_keeps_the_beginning_of_what_it_cannot_read(self, server, feed, codec):
        now = timezone.now()
        answer(server, now, USD=1.1)
        server.answers["/rates"] = codec(server.answers["/rates"])

        not_fetched(now)

        error = FeedError.objects.get()
        assert error.what.startswith("The answer is not JSON")
        assert "\N{REPLACEMENT CHARACTER}" in error.excerpt

    def test_opens_the_breaker_at_ten_times_the_last(self, server, feed):
        now = timezone.now()
        for minutes, value in enumerate([1.1, 11]):
            answer(server, now + minutes * MINUTE, USD=value)
            fetched = fetch_rates("desk", now=now + minutes * MINUTE)

        assert fetched.recorded.opened == 1
        assert Verdict.objects.order_by("-at")[0].kind == "opened"

    @pytest.mark.parametrize(
        ("body", "what", "excerpt"),
        [
            (b"<!doctype html><html>Log in</html>", "not JSON", "<!doctype html>"),
            (b'{"rates": {}, "rates": {}}', "occurs twice", '{"rates"'),
            (b"\xff\xfe", "UTF-8", "\ufffd"),
            (b"", "nothing at 'rates'", ""),
            (endless, "more than 1,000,000 bytes", ""),
            (dripping, "took more than", ""),
            (lambda: [time.sleep(1)], "cannot be fetched", ""),
        ],
    )
    def test_keeps_why_nothing_was_recorded(self, server, feed, body, what, excerpt):
        server.answers["/rates"] = body

        not_fetched()

        assert what in FeedError.objects.get().what
        assert FeedError.objects.get().excerpt.startswith(excerpt)
        assert not Rate.objects.exists()

    def test_moves_no_price_when_the_feed_breaks(self, server, feed):
        now = timezone.now()
        answer(server, now, USD=1.1)
        fetch_rates("desk", now=now)
        server.answers["/rates"] = b"<html>"

        not_fetched(now + MINUTE)

        rate = queries.cross("EUR", "USD", now=now + MINUTE, max_age=MINUTE)
        assert float(rate.mid) == 1.1

    def test_sends_the_header_from_the_environment(self, server, feed, monkeypatch):
        monkeypatch.setenv("FX_FEED_DESK", "Bearer sesame")
        Feed.objects.update(header_name="Authorization", header_variable="FX_FEED_DESK")
        answer(server, timezone.now(), USD=1.1)

        fetch_rates("desk", now=timezone.now())

        assert server.headers_seen[0]["Authorization"] == "Bearer sesame"

    @pytest.mark.parametrize("value", ["", "Bearer sesame\r\nX-Evil: 1", "señal"])
    def test_keeps_a_secret_that_cannot_be_sent_to_itself(
        self, server, feed, monkeypatch, value
    ):
        monkeypatch.setenv("FX_FEED_DESK", value)
        Feed.objects.update(header_name="Authorization", header_variable="FX_FEED_DESK")

        not_fetched()

        error = FeedError.objects.get()
        assert error.what == "The environment has no usable FX_FEED_DESK to send."
        assert server.headers_seen == []

    def test_calls_this_machine_in_development_only(self, server, feed, settings):
        settings.DEVELOPMENT = False

        not_fetched()

        assert "not an https" in FeedError.objects.get().what

    def test_knows_the_feeds_that_are_switched_on(self, feed):
        assert queries.feed_names() == ["desk"]

        Feed.objects.update(enabled=False)

        assert queries.feed_names() == []
        for name in ("desk", "csv", "manual", "nobody"):
            with pytest.raises(UnknownProvider):
                fetch_rates(name, now=timezone.now())


class TestLoadRates:
    def load(self):
        out, err = StringIO(), StringIO()
        call_command("load_rates", "--provider", "desk", stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_asks_a_feed_by_its_name(self, server, feed):
        answer(server, timezone.now(), USD=1.1, MXN=0)

        said, complained = self.load()

        assert said.startswith("desk: 1 rates read, 1 new")
        assert complained == "Refused: 0 is not a rate.\n"

    def test_fails_when_nothing_was_recorded(self, server, feed):
        server.answers["/rates"] = b"<html>"

        with pytest.raises(CommandError, match=r"Nothing was recorded\. The answer is"):
            self.load()

        assert FeedError.objects.count() == 1


class TestFeed:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "Desk"),
            ("name", "manual"),
            ("url", "ftp://rates.example"),
            ("list_path", "a..b"),
            ("list_path", "a b"),
            ("as_of_path", ""),
            ("header_name", "X: y"),
            ("header_variable", "SECRET_KEY"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, field, value):
        words = {"name": "desk", "url": "https://rates.example", "as_of_path": "at"}

        with pytest.raises(ValidationError):
            Feed(**(words | {field: value})).full_clean()
