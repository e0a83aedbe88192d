"""Holds at the console."""

import pytest
from django.contrib.auth.models import Group

from backoffice.tests.conftest import act, signed_in
from tests.domain import capture, hold, reserved, run_out
from transactions.models import Hold
from users.models import StaffAct


@pytest.fixture
def placed(seeded, alice, bob):
    return hold(alice, "60.00 USD", to=bob, reference="order-7").hold


@pytest.fixture
def page(console, placed):
    def read():
        return console.get(
            f"/admin/transactions/hold/{placed.pk}/change/"
        ).content.decode()

    return read


class TestPage:
    def test_shows_what_was_promised_and_captured(self, page, placed, bob):
        posted = capture(HeldStub(placed), "10.00")

        text = page()

        assert "60.00 USD" in text
        assert "50.00 USD" in text
        assert f"/admin/users/user/{bob.pk}/change/" in text
        assert str(posted.transaction.pk) in text
        assert "order-7" in text

    def test_says_that_a_hold_waits_for_the_sweep(self, page, placed):
        run_out(HeldStub(placed))

        assert "Expired, and waiting for the sweep" in page()

    def test_of_a_capture_leads_to_its_hold(self, console, placed):
        posted = capture(HeldStub(placed), "10.00")

        text = console.get(
            f"/admin/transactions/transaction/{posted.transaction.pk}/change/"
        ).content.decode()

        assert f"/admin/transactions/hold/{placed.pk}/change/" in text


class HeldStub:
    """What the helpers take."""

    def __init__(self, hold):
        self.hold = hold


class TestList:
    @pytest.mark.parametrize("term", ["order-7", "alice", "alice@example.com"])
    def test_finds_by_reference_and_owner(self, console, placed, term):
        text = console.get("/admin/transactions/hold/", {"q": term}).content.decode()

        assert "order-7" in text

    def test_finds_by_the_beginning_of_an_id(self, console, placed):
        for term, found in ((str(placed.pk)[:20], True), ("ffffffff", False)):
            text = console.get("/admin/transactions/hold/", {"q": term})
            assert ("order-7" in text.content.decode()) == found

    def test_is_narrowed_by_status(self, console, placed):
        for status, found in (("active", True), ("voided", False)):
            text = console.get("/admin/transactions/hold/", {"status": status})
            assert ("order-7" in text.content.decode()) == found


class TestVoid:
    def test_gives_back_what_is_left_and_is_written_down(
        self, console, sam, placed, alice
    ):
        text = act(console, "transactions/hold", "void", placed, reason="<b>lost</b>")

        assert "Voided:" in text
        row = Hold.objects.get(pk=placed.pk)
        assert (row.status, row.void_reason) == ("voided", "<b>lost</b>")
        assert row.voided_by_staff == sam
        assert reserved(alice)["USD"][0] == "0.00"
        done = StaffAct.objects.get(kind="hold.voided")
        assert (done.staff_id, done.reason) == (sam.pk, "<b>lost</b>")
        assert done.before == {"left": "60.00 USD"}
        shown = console.get(f"/admin/transactions/hold/{placed.pk}/change/")
        assert "<b>lost</b>" not in shown.content.decode()

    def test_needs_a_reason(self, console, placed):
        act(console, "transactions/hold", "void", placed, reason=" ")

        assert Hold.objects.get(pk=placed.pk).status == "active"

    def test_says_when_there_is_nothing_to_give_up(self, console, placed):
        capture(HeldStub(placed))

        text = act(console, "transactions/hold", "void", placed, reason="x")

        assert "The hold has ended: it is captured." in text
        assert not StaffAct.objects.filter(kind="hold.voided").exists()

    @pytest.mark.parametrize(("role", "may"), [("support", True), ("treasury", False)])
    def test_is_supports(self, carol, placed, role, may):
        carol.groups.add(Group.objects.get(name=role))

        act(signed_in(carol), "transactions/hold", "void", placed, reason="x")

        assert (Hold.objects.get(pk=placed.pk).status == "voided") == may
