"""What all pages share: where they may load from, the sidebar, the banner."""

import re

import pytest

from backoffice.tests.conftest import allow, signed_in
from users.models import User
from wallets.models import Wallet

OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""")


def policy_of(answer) -> dict[str, str]:
    directives = answer["Content-Security-Policy"].split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


class TestContentPolicy:
    @pytest.mark.parametrize("path", ["/docs", "/docs/errors", "/livez"])
    def test_lets_nothing_in_from_outside(self, client, db, path):
        policy = policy_of(client.get(path))

        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"

    def test_lets_data_do_nothing_at_all(self, client, db):
        policy = policy_of(client.get("/v1/users"))

        assert policy == {"default-src": "'none'", "frame-ancestors": "'none'"}

    def test_lets_the_consoles_scripts_read_its_pages(self, console):
        assert policy_of(console.get("/admin/"))["script-src"] == "'self' 'unsafe-eval'"

    def test_is_not_widened_by_a_name_like_the_consoles(self, client, db):
        assert policy_of(client.get("/administration"))["script-src"] == "'self'"


class TestPages:
    @pytest.mark.parametrize(
        "path", ["/admin/", "/admin/login/", "/admin/users/user/", "/docs"]
    )
    def test_name_no_other_host(self, console, db, path):
        page = console.get(path).content.decode()

        assert not OUTSIDE.search(page)

    def test_say_that_the_money_is_not_real(self, console):
        assert "nothing here is real money" in console.get("/admin/").content.decode()

    def test_say_nothing_of_it_in_production(self, console, settings):
        settings.ENVIRONMENT_NAME = "production"

        assert "real money" not in console.get("/admin/").content.decode()

    @pytest.mark.parametrize(
        ("path", "heading"),
        [
            ("", "Operations console"),
            ("users/user/", "Users"),
            ("wallets/limit/add/", "Request: set a limit"),
            ("wallets/wallet/{}/change/", "USD of Alice"),
        ],
    )
    def test_say_what_they_are_about(self, console, alice, path, heading):
        wallet = Wallet.objects.get(owner=alice)

        page = console.get(f"/admin/{path.format(wallet.pk)}").content.decode()

        [told] = re.findall(r"<h1[^>]*>\s*([^<]*?)\s*</h1>", page)
        assert told == heading

    def test_tell_what_to_do_when_there_is_nothing(self, console):
        assert "create_api_key" in console.get("/admin/users/apikey/").content.decode()


class TestSidebar:
    def links(self, client) -> list[str]:
        sections = client.get("/admin/").context["sidebar_navigation"]
        return [item["title"] for section in sections for item in section["items"]]

    def test_shows_what_may_be_seen(self, console, carol):
        allow(carol, "view_wallet")

        assert {"Users", "Rates", "Staff"} <= set(self.links(console))
        assert self.links(signed_in(carol)) == ["Home", "Wallets", "House accounts"]

    def test_marks_one_of_two_pages_of_a_list(self, console):
        page = console.get("/admin/wallets/wallet/?purpose=house")

        marked = [
            item["title"]
            for section in page.context["sidebar_navigation"]
            for item in section["items"]
            if item["active"]
        ]
        assert marked == ["House accounts"]


class TestSearch:
    def test_finds_pages(self, console):
        found = console.get("/admin/search/?s=wallet").content.decode()

        assert "/admin/wallets/wallet/" in found

    @pytest.mark.parametrize("query", ["s=a&page=x", "s=a&page=99", "s=%00", ""])
    def test_survives_what_is_typed(self, console, query):
        assert console.get(f"/admin/search/?{query}").status_code in (200, 400)

    def test_shows_no_page_to_those_who_may_not_see_it(self, carol, db):
        assert User.objects.filter(pk=carol.pk).exists()

        found = signed_in(carol).get("/admin/search/?s=wallet").content.decode()

        assert "/admin/wallets/" not in found
