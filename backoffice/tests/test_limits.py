"""The page of limits: who is limited to what, since when, why, and until when."""

from decimal import Decimal

import pytest

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import act, agreed, allow, signed_in
from tests.domain import at_most
from users.models import StaffAct
from wallets.models import Limit, Wallet

LIMITS = "/admin/wallets/limit/"


def rule(**changes):
    return {
        "tier": "",
        "type": "withdrawal",
        "currency": "USD",
        "window": "day",
        "max_amount": "100.00",
        "max_count": "",
        "reason": "Asked for by Alice",
    } | changes


def add(client, **changes):
    return client.post(f"{LIMITS}add/", rule(**changes), follow=True).content.decode()


class TestAdd:
    def test_sets_a_limit_and_writes_it_down(self, console, alice, sam):
        add(console, user=str(alice.pk), max_count="3")
        before = Limit.objects.count()
        asked = agreed()

        limit = Limit.objects.get()
        assert (before, limit.user) == (0, alice)
        assert (limit.max_amount, limit.max_count) == (Decimal(100), 3)
        assert (asked.maker, limit.staff_id) == (sam, asked.checker_id)
        act_ = StaffAct.objects.get(kind="limit.set")
        assert (act_.customer_id, act_.reason) == (alice.pk, "Asked for by Alice")
        assert act_.after["approval_request"] == str(asked.pk)

    def test_takes_the_place_of_the_one_before(self, console, db):
        for amount in ("100.00", "200.00"):
            add(console, max_amount=amount)
            agreed()

        first, second = Limit.objects.order_by("id")
        assert first.ended_at is not None
        assert (second.max_amount, second.ended_at) == (200, None)

    def test_of_a_wallet_is_in_its_currency(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)

        add(console, wallet=str(wallet.pk), currency="")
        agreed()

        assert Limit.objects.get().currency == "USD"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"reason": ""}, "required"),
            ({"window": "year"}, "Select a valid choice"),
            ({"currency": "XYZ"}, "Select a valid choice"),
            ({"max_amount": "0"}, "more than nothing"),
            ({"max_amount": "-1"}, "more than nothing"),
            ({"max_amount": "1.001"}, "at most 2 decimals"),
            ({"max_amount": "NaN"}, "Enter a number"),
            ({"max_count": "-1"}, "greater than or equal"),
            ({"max_count": str(2**31)}, "less than or equal"),
            ({"max_amount": ""}, "Say how much money"),
            ({"window": "operation", "max_count": "1"}, "One operation is one"),
            ({"tier": "VIP"}, "lower-case word"),
        ],
    )
    def test_is_refused_with_words(self, console, db, changes, words):
        assert words in add(console, **changes)
        assert not ApprovalRequest.objects.exists()

    def test_is_refused_beside_the_field(self, console, db):
        answer = console.post(f"{LIMITS}add/", rule(max_amount="1.001"))

        errors = answer.context["adminform"].form.errors
        assert errors == {"max_amount": ["USD has at most 2 decimals."]}

    @pytest.mark.parametrize(("term", "status"), [("ali", 200), ("\0", 400)])
    def test_offers_the_customers_that_are_meant(self, console, alice, term, status):
        answer = console.get(
            "/admin/autocomplete/",
            {
                "term": term,
                "app_label": "wallets",
                "model_name": "limit",
                "field_name": "user",
            },
        )

        assert answer.status_code == status
        assert (b"Alice" in answer.content) == (status == 200)

    def test_is_for_one_subject(self, console, alice):
        assert "a user, a wallet or a tier" in add(
            console, user=str(alice.pk), tier="vip"
        )

    def test_is_for_whoever_may(self, carol, db):
        allow(carol, "view_limit")

        answer = signed_in(carol).post(f"{LIMITS}add/", rule())

        assert answer.status_code == 403


class TestList:
    def test_shows_who_may_move_what(self, console, alice):
        at_most("100.00 USD", per="day", user=alice)
        at_most(per="week", count=7, tier="vip")
        at_most("9000.00", per="month")

        page = console.get(LIMITS).content.decode()

        for words in ("Alice", "100.00 USD", "tier vip", "everybody", "9,000.00 USD"):
            assert words in page

    def test_ends_a_limit_with_a_reason(self, console, db):
        limit = at_most("100.00 USD", per="day")

        act(console, "wallets/limit", "end", limit)
        still = Limit.objects.get(pk=limit.pk).ended_at
        agreed()

        limit.refresh_from_db()
        assert still is None
        assert limit.ended_at is not None
        assert limit.end_reason
        in_force = console.get(LIMITS, {"ended": "no"}).content.decode()
        assert str(limit.pk) not in in_force
        assert "100.00" in console.get(f"{LIMITS}{limit.pk}/change/").content.decode()
