"""The treasury's pages: positions, hedges, limits."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import agreed, allow, signed_in
from tests.domain import limit
from transactions.models import PositionLimit, Transaction
from transactions.queries.position_limits import limits_at
from users.models import StaffAct

HOSTILE = "<script>alert(1)</script>"
POSITIONS = "/admin/transactions/positionbook/"
HEDGE = f"{POSITIONS}hedge/"
LIMITS = "/admin/transactions/positionlimit/"


def trade(**changes):
    return {
        "form_id": str(uuid4()),
        "sell_amount": "108.00",
        "sell_currency": "USD",
        "buy_amount": "100.00",
        "buy_currency": "EUR",
        "counterparty": "A bank",
        "reference": "ticket-1",
        "reason": "Short of euros",
    } | changes


def hedges():
    return Transaction.objects.filter(type="hedge")


class TestPositions:
    def test_are_shown(self, console, seeded):
        console.post(HEDGE, trade(sell_amount="105.00"))

        page = console.get(POSITIONS).content.decode()

        for figure in ("100.00 EUR", "1.05", "1.08", "3.00", "unrealised"):
            assert figure in page

    def test_are_told_in_amounts_that_can_be_paid(self, console, seeded):
        console.post(HEDGE, trade(sell_amount="105.00", buy_amount="99.90"))

        page = console.get(POSITIONS).content.decode()
        euros, *_ = re.findall(r"<tr><td[^>]*>EUR</td>(.*?)</tr>", page)

        assert "unrealised <strong>2.89 USD</strong>" in page
        assert "2.89 USD" in euros

    def test_are_shown_where_nothing_was_traded(self, console):
        assert "has not traded yet" in console.get(POSITIONS).content.decode()

    def test_of_the_past_are_of_the_past(self, console, seeded):
        page = console.get(POSITIONS, {"at": "2020-01-01T00:00:00Z"}).content.decode()

        assert "has not traded yet" in page
        assert "At 2020-01-01 00:00:00 UTC" in page

    @pytest.mark.parametrize("said", ["yesterday", HOSTILE, "9" * 500, "a\0b"])
    def test_survive_what_is_typed(self, console, seeded, said):
        answer = console.get(POSITIONS, {"at": said})

        assert answer.status_code == 200
        assert "Write an instant" in answer.content.decode()
        assert HOSTILE not in answer.content.decode()

    def test_say_what_is_not_known(self, console, seeded):
        console.post(HEDGE, trade(buy_currency="HUF", sell_currency="CHF"))

        page = console.get(POSITIONS).content.decode()

        assert "<strong>unknown</strong>" in page

    def test_are_for_those_who_may_see_them(self, carol, seeded):
        assert signed_in(carol).get(POSITIONS).status_code == 403
        assert signed_in(carol).get(HEDGE).status_code == 403

        allow(carol, "view_positionbook")

        page = signed_in(carol).get(POSITIONS)
        assert page.status_code == 200
        assert "Record a hedge" not in page.content.decode()
        assert signed_in(carol).post(HEDGE, trade()).status_code == 403
        assert not hedges().exists()


class TestHedges:
    def test_are_recorded_by_whoever_may(self, carol, seeded):
        allow(carol, "view_positionbook", "record_hedge")

        answer = signed_in(carol).post(HEDGE, trade(), follow=True)

        assert "The hedge is recorded." in answer.content.decode()
        row = hedges().get()
        assert (row.staff, row.reference, row.description) == (
            (carol, "ticket-1", "Short of euros")
        )
        act = StaffAct.objects.get(kind="hedge.recorded")
        assert (act.staff, act.subject_id, act.reason) == (
            (carol, str(row.pk), "Short of euros")
        )
        assert act.after["bought"] == "100.00 EUR"

    def test_are_shown_like_other_transactions(self, console, seeded):
        console.post(HEDGE, trade())

        listed = console.get("/admin/transactions/transaction/?type=hedge")
        row = hedges().get()
        page = console.get(f"/admin/transactions/transaction/{row.pk}/change/")

        assert "100.00 EUR" in listed.content.decode()
        assert "A bank" in page.content.decode()

    def test_sent_twice_are_recorded_once(self, console, seeded):
        form = trade(reference="")
        for _ in range(2):
            console.post(HEDGE, form)

        assert hedges().count() == 1

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"buy_currency": "USD"}, "Both sides"),
            ({"buy_amount": "1.001"}, "at most 2 decimals"),
            ({"buy_amount": "0"}, "more than nothing"),
            ({"buy_amount": "NaN"}, "Enter a number"),
            ({"buy_amount": "1e30"}, "less than or equal"),
            ({"buy_currency": HOSTILE}, "Select a valid choice"),
            ({"reason": ""}, "required"),
            ({"form_id": "x"}, "valid UUID"),
        ],
    )
    def test_are_refused_with_words(self, console, seeded, changes, words):
        page = console.post(HEDGE, trade(**changes)).content.decode()

        assert words in page
        assert HOSTILE not in page
        assert not hedges().exists()

    def test_are_refused_beside_the_field(self, console, seeded):
        answer = console.post(HEDGE, trade(buy_amount="1.001"))

        errors = answer.context["form"].errors
        assert errors == {"buy_amount": ["EUR has at most 2 decimals."]}

    def test_of_a_ticket_that_is_known_are_refused(self, console, seeded):
        console.post(HEDGE, trade())

        page = console.post(HEDGE, trade()).content.decode()

        assert "The house already has a transaction" in page
        assert hedges().count() == 1
        # What was refused can be corrected in the page that says so.
        form_id = re.search(r'name="form_id" value="([^"]+)"', page).group(1)
        console.post(HEDGE, trade(form_id=form_id, reference="ticket-2"))
        assert hedges().count() == 2


class TestLimits:
    def limit(self, **changes):
        return {
            "currency": "EUR",
            "soft": "1000",
            "hard": "2000",
            "widen_bps": "10",
            "effective_at": "",
            "reason": "Quiet markets",
        } | changes

    def test_are_set_and_shown(self, console, sam, db):
        console.post(f"{LIMITS}add/", self.limit())
        asked = agreed()

        limit = limits_at(timezone.now())["EUR"]
        assert (limit.soft, limit.hard, limit.widen_bps, limit.staff) == (
            (Decimal(1000), Decimal(2000), Decimal(10), asked.checker)
        )
        assert asked.maker == sam
        act = StaffAct.objects.get(kind="position_limit.set")
        assert (act.subject_id, act.reason) == (str(limit.pk), "Quiet markets")
        listed = console.get(LIMITS).content.decode()
        assert all(word in listed for word in ("Quiet markets", "1,000 EUR"))
        shown = console.get(f"{LIMITS}{limit.pk}/change/")
        assert shown.status_code == 200
        assert 'name="_save"' not in shown.content.decode()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"soft": "3000"}, "below the soft limit"),
            ({"hard": "1000.001"}, "at most 2 decimals"),
            ({"hard": "-1"}, "more than nothing"),
            ({"widen_bps": "1001"}, "less than or equal"),
            ({"effective_at": "2020-01-01 00:00"}, "in force already"),
            ({"reason": ""}, "required"),
            ({"currency": "ABC"}, "Select a valid choice"),
        ],
    )
    def test_are_refused_with_words(self, console, db, changes, words):
        page = console.post(f"{LIMITS}add/", self.limit(**changes), follow=True)

        assert words in page.content.decode()
        assert not ApprovalRequest.objects.exists()

    def test_that_follow_another_are_void(self, console, db):
        console.post(f"{LIMITS}add/", self.limit())
        limit("EUR", hard="5.00")

        assert agreed().decision == "void"
        assert PositionLimit.objects.get().hard == 5

    def test_are_set_by_whoever_may(self, carol, db):
        allow(carol, "view_positionlimit")

        answer = signed_in(carol).post(f"{LIMITS}add/", self.limit())

        assert answer.status_code == 403
        assert not PositionLimit.objects.exists()
