"""The pages of policies and quotes: everything is shown, and nothing can be changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fx.models import PricingPolicy, Quote
from tests.domain import charge, convert_at, fund, promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def quotes(alice, rates):
    """One that was used, and one that is open."""
    fund(alice, "1000.00 USD")
    fee = {"operation": "conversion", "currency": "USD", "fixed": "1.00"}
    charge("45", locks={"5m": "2.5"}, fees=[fee])
    used = promise(alice, "100.00 USD", to="MXN")
    convert_at(alice, used)
    return used, promise(alice, "10.00 USD", to="MXN")


def text(client, path):
    answer = client.get(f"/admin/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


class TestPolicies:
    def test_show_their_document(self, console, quotes):
        policy = PricingPolicy.objects.first()

        listed = text(console, "fx/pricingpolicy/")
        shown = text(console, f"fx/pricingpolicy/{policy.id}/change/")

        assert "1 spreads, 1 fees" in listed
        assert "&quot;bps&quot;: &quot;45&quot;" in shown
        assert "A test." in shown

    def test_are_not_to_be_changed(self, console, quotes):
        policy = PricingPolicy.objects.first()

        for path in (f"{policy.id}/change/", f"{policy.id}/delete/"):
            answer = console.post(f"/admin/fx/pricingpolicy/{path}", {"version": 9})
            assert answer.status_code == 403


class TestQuotes:
    def test_show_the_price_and_its_use(self, console, quotes, alice):
        used, _ = quotes

        shown = text(console, f"fx/quote/{used.id}/change/")

        for figure in (
            "100.00 USD",
            "1,843.05 MXN",
            "1.00 USD",
            "18.430555555555",
            "47.5",
        ):
            assert figure in shown
        assert f"/admin/users/user/{alice.id}/change/" in shown
        assert "/admin/transactions/transaction/" in shown

    def test_are_found_by_status_by_user_and_by_id(self, console, quotes, alice, bob):
        used, still_open = quotes

        def found(query):
            listed = text(console, f"fx/quote/?{query}")
            return {
                quote.status
                for quote in (used, still_open)
                if f"/admin/fx/quote/{quote.id}/change/" in listed
                and not quote.refresh_from_db()
            }

        assert found("") == {"used", "open"}
        assert found("status__exact=used") == {"used"}
        assert found(f"q={still_open.id}") == {"open"}
        assert found(f"q={alice.id}") == {"used", "open"}
        assert found(f"q={bob.id}") == set()
        assert found("q=%27") == set()

    def test_are_not_to_be_changed(self, console, quotes):
        for path in ("add/", f"{quotes[1].id}/change/", f"{quotes[1].id}/delete/"):
            answer = console.post(f"/admin/fx/quote/{path}", {"status": "used"})
            assert answer.status_code == 403
        assert Quote.objects.get(pk=quotes[1].id).status == "open"

    def test_cost_the_same_however_many(self, console, quotes, alice):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                text(console, "fx/quote/")
            return len(captured)

        text(console, "fx/quote/")
        few = queries()
        for _ in range(5):
            promise(alice, "10.00 USD", to="MXN")

        assert queries() == few
