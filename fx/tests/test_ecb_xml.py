"""The daily feed: read over HTTP from whoever answers, believed only when it can be."""

import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fx import download
from fx.models import Rate
from fx.providers import ecb
from fx.providers.observation import AbsurdFeed, Observation

TODAY = date(2026, 11, 1)

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time='2026-07-15'>
      <Cube currency='USD' rate='1.1172'/>
      <Cube currency='JPY' rate='175.68'/>
    </Cube>
  </Cube>
</gesmes:Envelope>
"""

BOMB = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<bomb>&b;</bomb>
"""
FILE_THIEF = """<?xml version="1.0"?>
<!DOCTYPE thief [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<thief>&a;</thief>
"""

ABSURD = {
    "HTML": "<!doctype html><html><body>Please log in</body></html>",
    "other XML": "<rates/>",
    "text": "502 Bad Gateway",
    "nothing": "",
    "cut off": FEED[:-40],
    "no rates": FEED.replace("Cube currency", "Tube currency"),
    "entity bomb": BOMB,
    "file thief": FILE_THIEF,
    "NaN": FEED.replace("1.1172", "NaN"),
    "infinite": FEED.replace("1.1172", "Infinity"),
    "negative": FEED.replace("1.1172", "-1.1172"),
    "zero": FEED.replace("1.1172", "0.0"),
    "exponent": FEED.replace("1.1172", "1e9"),
    "no rate": FEED.replace("rate='1.1172'", ""),
    "no currency": FEED.replace("currency='USD'", ""),
    "euro in euro": FEED.replace("USD", "EUR"),
    "twice": FEED.replace("JPY", "USD"),
    "future": FEED.replace("2026-07-15", "2126-07-15"),
    "before the euro": FEED.replace("2026-07-15", "1998-12-31"),
    "no date": FEED.replace("2026-07-15", "today"),
}


class TestReadXml:
    def test_reads_rates_of_the_instant_they_were_published(self):
        observations = ecb.read_xml(FEED.encode(), today=TODAY)

        # 16:00 in Frankfurt, which is on summer time by then.
        as_of = datetime(2026, 7, 15, 14, tzinfo=UTC)
        dollar, yen = Decimal("1.1172"), Decimal("175.68")
        assert observations == [
            Observation("EUR", "USD", dollar, dollar, as_of),
            Observation("EUR", "JPY", yen, yen, as_of),
        ]

    @pytest.mark.parametrize("document", ABSURD.values(), ids=ABSURD.keys())
    def test_refuses_what_the_ecb_would_not_write(self, document):
        with pytest.raises(AbsurdFeed):
            ecb.read_xml(document.encode(), today=TODAY)

    def test_takes_no_rates_of_tomorrow_in_frankfurt(self):
        late_in_utc = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)

        assert ecb.publication_date(late_in_utc) == date(2026, 7, 15)
        with pytest.raises(AbsurdFeed):
            ecb.read_xml(FEED.encode(), today=date(2026, 7, 14))


class Handler(BaseHTTPRequestHandler):
    """Answers each path in its own bad manner."""

    def do_GET(self):
        getattr(self, self.path.strip("/"))()

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def good(self):
        self.answer(FEED.encode())

    def html(self):
        self.answer(ABSURD["HTML"].encode())

    def missing(self):
        self.answer(b"", 404)

    def elsewhere(self):
        self.answer(b"", 302, Location="/good")

    def oversized(self):
        self.answer(FEED.encode() + b" " * 2_000_000)

    def silent(self):
        time.sleep(0.5)

    def dripping(self):
        self.answer(b"")
        for byte in FEED.encode():
            self.wfile.write(bytes([byte]))
            time.sleep(0.02)

    def log_message(self, format, *args):  # noqa: A002
        """Say nothing: the tests look at what the client got."""


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


@pytest.fixture(scope="module")
def server():
    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(download, "TOTAL_TIMEOUT_S", 0.3)


class TestDownload:
    def test_gives_the_body(self, server):
        body = download.download(f"{server}/good", trust_loopback=True)

        assert body == FEED.encode()

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("missing", "answered 404"),
            ("elsewhere", "answered 302"),
            ("oversized", "more than 1,000,000 bytes"),
            ("silent", "cannot be fetched"),
            ("dripping", "took more than"),
        ],
    )
    def test_gives_up_on_a_bad_server(self, server, path, reason):
        with pytest.raises(download.DownloadFailed, match=reason):
            download.download(f"{server}/{path}", trust_loopback=True)

    def test_trusts_nothing_without_tls(self, server):
        with pytest.raises(download.DownloadFailed, match="not an https"):
            download.download(f"{server}/good")

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"]
    )
    def test_does_not_call_our_own_network(self, host):
        with pytest.raises(download.DownloadFailed, match="InvalidIPAddress"):
            download.download(f"https://{host}/good")


@pytest.mark.django_db
class TestLoadRatesFromUrl:
    def load(self, url: str) -> str:
        out = StringIO()
        call_command("load_rates", "--url", url, stdout=out, stderr=StringIO())
        return out.getvalue()

    def test_records_the_rates_of_the_day(self, server, settings):
        settings.DEVELOPMENT = True

        assert self.load(f"{server}/good").startswith("ecb: 2 rates read, 2 new")
        assert self.load(f"{server}/good").startswith("ecb: 2 rates read, 0 new")

    @pytest.mark.parametrize("path", ["html", "missing", "oversized", "dripping"])
    def test_records_nothing_when_the_answer_is_absurd(self, server, path, settings):
        settings.DEVELOPMENT = True

        with pytest.raises(CommandError, match="Nothing was recorded"):
            self.load(f"{server}/{path}")

        assert not Rate.objects.exists()

    def test_calls_this_machine_in_development_only(self, server, settings):
        settings.DEVELOPMENT = False

        with pytest.raises(CommandError, match="not an https"):
            self.load(f"{server}/good")
