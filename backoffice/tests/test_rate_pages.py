"""What staff see and say about rates: by hand, in files, of feeds and of breakers."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import act, agreed, allow, signed_in
from fx.models import Feed, Rate, Verdict
from fx.providers.observation import Observation
from fx.services import close_breaker, record_rates
from tests.factories import StaffFactory
from users.acts import Actor

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
        unsaid = not Rate.objects.exists()
        asked = agreed()

        rate = Rate.objects.get()
        assert unsaid
        assert (rate.provider, rate.bid, rate.ask) == ("manual", rate.ask, rate.bid)
        assert (asked.maker, rate.staff_id) == (sam, asked.checker_id)
        assert rate.reason == "Feeds are down."
        assert "It is requested." in page
        shown = console.get(f"/admin/fx/rate/{rate.pk}/change/").content.decode()
        assert "Feeds are down." in shown
        assert str(asked.checker) in shown

    def test_may_open_the_breaker_and_says_so_before(self, console):
        speak("1.10", by="manual")

        page = say(console, quote="USD", bid="11", ask="11.1", reason="Typo.")

        assert "open: nothing converts" in page
        assert not Verdict.objects.filter(kind="opened").exists()

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
        assert not ApprovalRequest.objects.exists()

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
        asked = agreed()

        assert asked.maker == sam
        assert (
            Rate.objects.filter(provider="csv", staff_id=asked.checker_id).count() == 2
        )

    def test_is_refused_whole(self, console):
        page = self.upload(
            console,
            "EUR,MXN,20,,2026-10-30T15:00:00Z",
            "EUR,USD,zero,,2026-10-30T15:00:00Z",
        )

        assert "Nothing was requested. Line 3" in page
        assert not ApprovalRequest.objects.exists()

    def test_is_short_enough_to_be_read(self, console):
        line = "EUR,USD,1.1,,2026-{:02}-{:02}T{:02}:00:00Z"
        lines = [
            line.format(month, day, hour)
            for month in (1, 2)
            for day in range(1, 27)
            for hour in range(10)
        ]

        page = self.upload(console, *lines)

        assert "more than 500 rates" in page
        assert not ApprovalRequest.objects.exists()

    def test_that_follows_another_is_void(self, console):
        self.upload(console, "EUR,USD,1.1,1.2,2026-10-30T15:00:00Z")
        speak("1.15", by="csv")

        assert agreed().decision == "void"

    def test_that_is_known_adds_nothing(self, console):
        line = "EUR,USD,1.1,1.2,2026-10-30T15:00:00Z"
        self.upload(console, line)
        agreed()

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
        asked = agreed()

        closed = Verdict.objects.get(kind="closed")
        assert "Requested for: EUR/USD." in page
        assert (asked.decision, asked.maker) == ("done", sam)
        assert (closed.staff_id, closed.reason) == (
            asked.checker_id,
            "The bank confirms.",
        )

    def test_show_the_level_that_would_be_accepted(self, console, opened):
        act(console, "fx/verdict", "close", opened, reason="The bank confirms.")

        asked = ApprovalRequest.objects.get()
        page = console.get(
            f"/admin/backoffice/approvalrequest/{asked.pk}/change/"
        ).content.decode()

        assert "EUR/USD: breaker" in page
        assert "open: nothing converts" in page
        assert "11 to 11" in page

    def test_are_closed_at_a_level_as_near_as_breakers_allow(
        self, console, opened, settings
    ):
        settings.FX_MAX_MOVE_BPS = Decimal(100)
        act(console, "fx/verdict", "close", opened, reason="The bank confirms.")
        speak("11.1")

        assert agreed().decision == "done"
        assert Verdict.objects.get(kind="closed").bid == Decimal("11.1")

    def test_stay_open_when_the_level_went_further(self, console, opened, settings):
        settings.FX_MAX_MOVE_BPS = Decimal(100)
        act(console, "fx/verdict", "close", opened, reason="The bank confirms.")
        speak("11.2")

        assert agreed().decision == "void"
        assert not Verdict.objects.filter(kind="closed").exists()

    def test_that_opened_anew_are_another_matter(self, console, sam, opened):
        act(console, "fx/verdict", "close", opened, reason="The bank confirms.")
        close_breaker("EUR/USD", actor=Actor(sam.pk, "Me"), now=timezone.now())
        speak("111")
        speak("11")

        assert agreed().decision == "void"
        assert Verdict.objects.latest("at").kind == "opened"

    def test_are_closed_from_their_page_as_long_as_they_are_open(self, console, opened):
        page = f"/admin/fx/verdict/{opened.pk}"
        offered = console.get(f"{page}/change/").context["actions_detail"]

        console.post(
            f"{page}/close_here/", {"_form_submitted": "1", "reason": "Confirmed."}
        )

        assert [act["title"] for act in offered] == ["Request to close the breaker"]
        assert agreed().decision == "done"
        assert not console.get(f"{page}/change/").context["actions_detail"]

    def test_are_not_closed_without_one(self, console, opened):
        page = act(console, "fx/verdict", "close", opened, reason=" ")

        assert "Say why" in page
        assert not ApprovalRequest.objects.exists()

    def test_are_not_closed_by_whoever_may_only_look(self, carol, opened):
        act(carol, "fx/verdict", "close", opened, reason="I want to.")

        assert not ApprovalRequest.objects.exists()

    def test_that_are_open_now_are_listed(self, console, opened):
        before = console.get("/admin/fx/verdict/?open=now").content.decode()
        act(console, "fx/verdict", "close", opened, reason="Confirmed.")
        agreed()
        after = console.get("/admin/fx/verdict/?open=now").content.decode()

        assert "EUR/USD" in before
        assert "EUR/USD" not in after
