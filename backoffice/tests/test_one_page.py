"""The page of one customer: what happened to them, and what can be done now."""

from decimal import Decimal

import pytest

from backoffice.tests.conftest import act, asked_for, in_role, staff_in
from backoffice.timeline import timeline
from transactions.postings import Instruction
from transactions.services import fund
from users.models import ApiKey, StaffAct
from users.services import create_api_key
from wallets.models import Wallet


def offered(client, path: str) -> list[str]:
    page = client.get(f"/admin/{path}/change/")
    return [one["title"] for one in page.context["actions_detail"]]


class TestSections:
    def test_are_named_once(self, console, alice):
        page = console.get(f"/admin/users/user/{alice.pk}/change/").content.decode()

        assert page.count("console-wide") == 4


class TestTimeline:
    def test_tells_of_money_staff_and_keys(self, console, alice):
        fund(Instruction(), alice.id, "USD", Decimal("10.00"))
        act(console, "wallets/wallet", "freeze", Wallet.objects.get(owner=alice))
        create_api_key(name="shop", scopes=["*"], owner=alice)

        told = [one.what for one in timeline(alice)]
        page = console.get(f"/admin/users/user/{alice.pk}/change/").content.decode()

        assert told == [
            "API key made",
            "wallet.frozen: the customer asked",
            "Fund: credit 10.00 USD",
        ]
        assert all(line in page for line in told)

    def test_tells_who_asked(
        self, platform, as_alice, alice, django_assert_num_queries
    ):
        money = {"currency": "USD", "amount": "10.00"}
        platform.post(f"/v1/wallets/{alice.id}/fund", money)
        as_alice.post(f"/v1/wallets/{alice.id}/withdraw", money)
        fund(Instruction(staff_id=staff_in("support").pk), alice.id, "USD", Decimal(1))
        fund(Instruction(), alice.id, "USD", Decimal(1))

        with django_assert_num_queries(9):
            happenings = timeline(alice)

        by = [one.by for one in happenings if "USD" in one.what]

        keys = ApiKey.objects.order_by("owner_id")
        names = {key.owner_id: f"key {key.name}" for key in keys}
        assert by == ["", "support", names[alice.id], names[None]]

    def test_leaves_out_what_is_others(self, console, seeded, bob):
        told = [one.what for one in timeline(bob)]

        assert told == ["Transfer: credit 5.00 USD"]

    def test_leaves_out_who_looked(self, console, alice):
        console.get(f"/admin/users/user/{alice.pk}/change/")

        assert timeline(alice) == []


class TestOpenWallet:
    def open(self, client, user, code: str):
        return client.post(
            f"/admin/users/user/{user.pk}/open_wallet_here/",
            {"_form_submitted": "1", "currency": code},
        )

    def test_is_done_and_written_down(self, alice):
        client = in_role("support")

        self.open(client, alice, "EUR")
        self.open(client, alice, "EUR")

        opened = StaffAct.objects.get(kind="wallet.opened")
        assert Wallet.objects.filter(owner=alice, currency="EUR").count() == 1
        assert (opened.customer_id, opened.after) == (alice.pk, {"currency": "EUR"})

    @pytest.mark.parametrize("code", ["ABC", "", "\0"])
    def test_needs_a_currency(self, alice, code):
        self.open(in_role("support"), alice, code)

        assert Wallet.objects.filter(owner=alice).count() == 1


class TestActs:
    def test_are_offered_as_they_fit(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)
        page = f"wallets/wallet/{wallet.pk}"

        before = offered(console, page)
        act(console, "wallets/wallet", "freeze", wallet)

        assert before == ["Freeze", "Close the wallet", "Request an adjustment"]
        assert offered(console, page) == [
            "Unfreeze",
            "Close the wallet",
            "Request an adjustment",
        ]

    def test_of_a_customer_are_not_those_of_staff(self, console, alice, carol):
        assert offered(console, f"users/user/{alice.pk}") == [
            "Delete",
            "Open a wallet",
        ]
        assert "Reset the password" in offered(console, f"users/user/{carol.pk}")

    def test_are_none_on_the_houses_accounts(self, console, seeded):
        cash = Wallet.objects.get(purpose="cash", currency="USD")

        assert offered(console, f"wallets/wallet/{cash.pk}") == []

    def test_of_a_request_end_with_it(self, console, alice):
        asked = asked_for(alice, staff_in("support"))
        page = f"backoffice/approvalrequest/{asked.pk}"

        before = offered(console, page)
        console.post(f"/admin/{page}/reject_here/", {"_form_submitted": "1"})

        assert (before, offered(console, page)) == (["Approve", "Reject"], [])

    @pytest.mark.parametrize("what", ["nobody", "0" * 32])
    def test_in_a_dialog_of_nothing_do_nothing(self, console, db, what):
        for page in ("wallets/wallet/x/freeze_here", "users/user/x/delete_users_here"):
            answer = console.post(
                f"/admin/{page.replace('x', what)}/", {"_form_submitted": "1"}
            )
            assert answer.status_code == 200
        assert not StaffAct.objects.exists()
