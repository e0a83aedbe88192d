"""What staff see and say about rates: by hand, in files, of feeds and of breakers."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.tests.conftest import act, allow, signed_in
from fx.models import Feed, FeedError, Rate, Verdict
from fx.providers.observation import Observation
from fx.services import record_rates
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

DESK = {
    "name": "desk",
    "enabled": "on",
    "url": "https://rates.example/latest",
    "list_path": "rates",
    "as_of_path": "$.timestamp",
    "reason": "We need a second opinion.",
}


def speak(value, by="feed"):
    now = timezone.now()
    bid = Decimal(value)
    observation = Observation("EUR", "USD", bid, bid, now)
    return record_rates([observation], provider=by, now=now)


def say(client, **words):
    """Send the form for rates, and read the page that follows."""
    answer = client.post("/admin/fx/rate/add/", words, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def carol(db):
    """Of support: she may look, and has no say."""
    staff = StaffFactory(username="carol")
    allow(staff, "view_rate", "view_verdict", "view_feed", "view_feederror")
    return signed_in(staff)


@pytest.fixture
def opened(db):
    """A rate that is ten times the last one."""
    speak("1.10")
    speak("11.0")
    return Verdict.objects.get(kind="opened")


class TestARateByHand:
    def test_is_recorded_with_who_said_it_and_why(self, console, sam):
        page = say(console, quote="USD", bid="1.10", ask="", reason="Feeds are down.")

        rate = Rate.objects.get()
        assert (rate.provider, rate.bid, rate.ask) == ("manual", rate.ask, rate.bid)
        assert (rate.staff_id, rate.reason) == (sam.pk, "Feeds are down.")
        assert "was added successfully" in page
        shown = console.get(f"/admin/fx/rate/{rate.pk}/change/").content.decode()
        assert "Feeds are down." in shown
        assert str(sam) in shown

    def test_may_open_the_breaker_and_says_so(self, console):
        speak("1.10", by="manual")

        page = say(console, quote="USD", bid="11", ask="11.1", reason="Typo.")

        assert "breakers are open now" in page

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            ({"quote": "USD", "bid": "1.1", "reason": ""}, "This field is required"),
            ({"reason": "?"}, "or else a file"),
            ({"reason": "?", "quote": "USD"}, "or else a file"),
            ({"reason": "?", "ask": "1.1"}, "or else a file"),
            ({"reason": "?", "quote": "usd", "bid": "1.1"}, "Enter a valid value"),
            ({"reason": "?", "quote": "USD", "bid": "NaN"}, "Enter a number"),
            ({"reason": "?", "quote": "USD", "bid": "0"}, "not above zero"),
            ({"reason": "?", "quote": "USD", "bid": "2", "ask": "1"}, "above the ask"),
            ({"reason": "?", "quote": "EUR", "bid": "1"}, "not a currency"),
        ],
    )
    def test_is_refused_when_it_is_none(self, console, words, complaint):
        assert complaint in say(console, **words)
        assert not Rate.objects.exists()

    def test_is_for_those_who_may(self, carol):
        refused = carol.post("/admin/fx/rate/add/", {"reason": "?"})

        assert refused.status_code == 403


class TestAFile:
    def upload(self, client, *lines):
        table = "\n".join(["base,quote,bid,ask,as_of", *lines]).encode()
        file = SimpleUploadedFile("rates.csv", table)
        return say(client, file=file, reason="The bank's mail of today.")

    def test_is_recorded_with_who_brought_it_and_why(self, console, sam):
        self.upload(
            console,
            "EUR,USD,1.1,1.2,2026-10-30T15:00:00Z",
            "EUR,MXN,20,,2026-10-30T15:00:00Z",
        )

        assert Rate.objects.filter(provider="csv", staff_id=sam.pk).count() == 2

    def test_is_refused_whole_and_kept_as_an_error(self, console):
        page = self.upload(console, "EUR,USD,zero,,2026-10-30T15:00:00Z")

        assert "Nothing was recorded. Line 2" in page
        assert not Rate.objects.exists()
        assert FeedError.objects.get().provider == "csv"

    def test_that_is_known_adds_nothing(self, console):
        line = "EUR,USD,1.1,1.2,2026-10-30T15:00:00Z"
        self.upload(console, line)

        assert "here already" in self.upload(console, line)
        assert Rate.objects.count() == 1


class TestFeeds:
    def test_are_configured_here(self, console):
        console.post("/admin/fx/feed/add/", DESK)

        feed = Feed.objects.get()
        assert (feed.name, feed.as_of_path, feed.enabled) == ("desk", "$.timestamp", 1)

    def test_keep_their_name(self, console):
        console.post("/admin/fx/feed/add/", DESK)
        feed = Feed.objects.get()

        words = DESK | {"name": "other", "list_path": "data"}
        console.post(f"/admin/fx/feed/{feed.pk}/change/", words)

        feed.refresh_from_db()
        assert (feed.name, feed.list_path) == ("desk", "data")

    @pytest.mark.parametrize(
        "words",
        [
            {"name": "ecb"},
            {"header_name": "Authorization"},
            {"header_name": "X-Key", "header_variable": "SECRET_KEY"},
            {"url": "file:///etc/passwd"},
        ],
    )
    def test_cannot_be_dangerous(self, console, words):
        page = console.post("/admin/fx/feed/add/", DESK | words).content.decode()

        assert "Please correct the error" in page
        assert not Feed.objects.exists()

    def test_are_for_support_to_look_at(self, carol):
        assert carol.get("/admin/fx/feed/").status_code == 200
        assert carol.post("/admin/fx/feed/add/", DESK).status_code == 403


class TestFeedErrors:
    def test_are_found_by_their_provider(self, carol, opened):
        page = carol.get("/admin/fx/feederror/?q=feed").content.decode()

        assert "The breaker of EUR/USD opened." in page
        assert "0 feed errors" in carol.get("/admin/fx/feederror/?q=x").content.decode()


class TestBreakers:
    def test_are_closed_for_a_reason(self, console, sam, opened):
        page = act(console, "fx/verdict", "close", opened, reason="The bank confirms.")

        closed = Verdict.objects.get(kind="closed")
        assert "Closed: EUR/USD." in page
        assert (closed.staff_id, closed.reason) == (sam.pk, "The bank confirms.")

    def test_are_not_closed_without_one(self, console, opened):
        page = act(console, "fx/verdict", "close", opened, reason=" ")

        assert "Say why" in page
        assert not Verdict.objects.filter(kind="closed").exists()

    def test_are_not_closed_by_whoever_may_only_look(self, carol, opened):
        act(carol, "fx/verdict", "close", opened, reason="I want to.")

        assert not Verdict.objects.filter(kind="closed").exists()

    def test_that_are_open_now_are_listed(self, console, opened):
        before = console.get("/admin/fx/verdict/?open=now").content.decode()
        act(console, "fx/verdict", "close", opened, reason="Confirmed.")
        after = console.get("/admin/fx/verdict/?open=now").content.decode()

        assert "EUR/USD" in before
        assert "EUR/USD" not in after
