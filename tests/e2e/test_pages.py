"""The main pages, for eyes of every kind, and for nobody but this machine."""

import pytest
import requests

from backoffice.tests.conftest import asked_for
from tests.domain import at_most, hold
from transactions.models import Transaction
from users.models import User
from wallets.models import Wallet

# By the name of their picture.
PAGES = {
    "dashboard": "",
    "customers": "users/user/?staff=no",
    "customer": "users/user/{customer}/change/",
    "wallet": "wallets/wallet/{wallet}/change/",
    "transactions": "transactions/transaction/",
    "transaction": "transactions/transaction/{transaction}/change/",
    "holds": "transactions/hold/",
    "hold": "transactions/hold/{hold}/change/",
    "positions": "transactions/positionbook/",
    "policies": "fx/pricingpolicy/",
    "approval": "backoffice/approvalrequest/{approval}/change/",
    "limits": "wallets/limit/?ended=no",
    "audit-trail": "users/staffact/",
}


@pytest.fixture(scope="module")
def rows(world) -> dict[str, object]:
    """What the pages are about; the world gets what it lacks."""
    alice = User.objects.get(external_id="alice")
    bob = User.objects.get(external_id="bob")
    held = hold(
        alice, "120.00 USD", to=bob, reference="hotel-7", description="Two nights"
    )
    at_most("100000.00 USD", per="day", user=alice)
    at_most("500000.00", per="month", tier="standard")
    return {
        "customer": alice.pk,
        "wallet": Wallet.objects.get(owner=alice, currency="USD").pk,
        "transaction": Transaction.objects.filter(type="conversion")[0].pk,
        "hold": held.hold.pk,
        "approval": asked_for(alice, User.objects.get(username="admin")).pk,
    }


class TestPages:
    def test_keep_nobody_out(self, rows, visit, album):
        visitor = visit("superuser")

        barriers = {}
        for name, path in PAGES.items():
            visitor.go(f"/admin/{path.format(**rows)}")
            visitor.see_it("light")
            visitor.picture(album, f"{name}-light")
            barriers[name] = visitor.barriers()
            visitor.see_it("dark")
            visitor.picture(album, f"{name}-dark")
            barriers[name] += visitor.barriers("color-contrast")

        assert not any(barriers.values()), barriers


class TestPhone:
    def test_shows_every_page_whole(self, rows, visit, album):
        visitor = visit("superuser")
        visitor.take_a_phone()

        cut_off = {}
        for name, path in PAGES.items():
            visitor.go(f"/admin/{path.format(**rows)}")
            visitor.picture(album, f"{name}-phone")
            cut_off[name] = visitor.cut_off()

        assert not any(cut_off.values()), cut_off


class TestContentPolicy:
    def test_lets_no_script_of_others_run(self, visit, strict_server):
        visitor = visit()

        # The browser would complain of what the policy forbids, and `visit` hears it.
        visitor.go("/docs")
        policies = {
            path: requests.get(f"{strict_server.url}{path}", timeout=30).headers[
                "Content-Security-Policy"
            ]
            for path in ("/docs", "/v1/users", "/admin/account/login/")
        }

        scripts = {
            path: next(
                (part.strip() for part in policy.split(";") if "script-src" in part),
                "",
            )
            for path, policy in policies.items()
        }
        assert all("default-src 'none'" in policy for policy in policies.values())
        assert scripts["/docs"] == "script-src 'self'"
        assert scripts["/v1/users"] == ""
        inside = set(scripts["/admin/account/login/"].split())
        assert inside == {"script-src", "'self'", "'unsafe-eval'"}
