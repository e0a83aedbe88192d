"""What people do at the console all day, in a browser at the running server."""

import csv

import requests

from tests.authenticator import code_of
from tests.client import platform_client
from tests.domain import convert
from tests.e2e.conftest import PASSWORD, make_staff
from transactions.models import Transaction
from users.models import User
from wallets.models import Wallet


class TestDoor:
    def test_asks_for_a_password_and_then_for_a_code(self, visit):
        name, secret = make_staff("viewer")
        visitor = visit()

        visitor.give_password(name, PASSWORD)
        stopped = visitor.page.goto("/admin/users/user/", wait_until="networkidle")
        asked = visitor.page.url
        visitor.give_code(code_of(secret))
        inside = visitor.page.inner_text("body")

        assert stopped is not None
        assert "/admin/account/" in asked
        assert "Held for customers" in inside


class TestPayment:
    def test_is_found_by_a_part_of_its_reference_and_explained(self, visit, album):
        alice = User.objects.get(external_id="alice")
        convert(alice, "250.00 USD", to="MXN", reference="invoice-2026-00417")
        visitor = visit("support")

        visitor.go("/admin/transactions/transaction/")
        page = visitor.search("00417")
        rows = page.locator("#result_list .data-row")
        found = rows.count(), rows.first.inner_text()
        rows.first.get_by_role("link").first.click()
        page.wait_for_load_state("networkidle")
        visitor.picture(album, "conversion")
        told = page.locator("main, #main, body").first.inner_text()

        assert found[0] == 1
        assert "250.00 USD →" in found[1]
        for words in ("Mid rate", "Spread", "Rounding residual", "invoice-2026-00417"):
            assert words in told

    def test_leads_nobody_to_a_page_they_may_not_read(self, visit):
        support, approver = visit("support"), visit("approver")
        payment = Transaction.objects.first()

        pages = [
            visitor.go(f"/admin/transactions/transaction/{payment.pk}/change/")
            for visitor in (support, approver)
        ]
        history = [page.get_by_role("link", name="History") for page in pages]

        assert [link.count() for link in history] == [0, 1]
        history[1].click()
        approver.page.wait_for_url("**/admin/users/staffact/**")


class TestList:
    def test_is_taken_along_as_it_is_filtered(self, visit, tmp_path):
        visitor = visit("treasury")
        page = visitor.go("/admin/transactions/transaction/?type__exact=conversion")

        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        download.value.save_as(tmp_path / "transactions.csv")

        with (tmp_path / "transactions.csv").open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        conversions = Transaction.objects.filter(type="conversion")
        assert {row["id"] for row in rows} == {str(one.pk) for one in conversions}
        assert {row["type"] for row in rows} == {"conversion"}


class TestFreeze:
    def test_stops_the_api_at_once(self, visit, strict_server, album):
        wallet = Wallet.objects.get(owner__external_id="bob", currency="USD")
        key = platform_client().token

        def withdraw(number: int) -> requests.Response:
            return requests.post(
                f"{strict_server.url}/v1/wallets/{wallet.owner_id}/withdraw",
                json={"currency": "USD", "amount": "1.00"},
                headers={
                    "Authorization": f"Bearer {key}",
                    "Idempotency-Key": f"card-{number}",
                },
                timeout=30,
            )

        before = withdraw(1)
        visitor = visit("support")
        visitor.go(f"/admin/wallets/wallet/{wallet.pk}/change/")
        visitor.press("Freeze", reason="the card was stolen")
        visitor.picture(album, "frozen-wallet")
        frozen, during = visitor.page.inner_text("body"), withdraw(2)
        visitor.press("Unfreeze", reason="it was found again")
        after = withdraw(3)

        assert (before.status_code, after.status_code) == (201, 201)
        assert "Frozen: USD of Bob" in frozen
        assert (during.status_code, during.json()["code"]) == (422, "wallet_frozen")


class TestDialog:
    def test_is_for_the_keyboard_and_keeps_what_it_refused(self, visit):
        wallet = Wallet.objects.get(owner__external_id="alice", currency="USD")
        visitor = visit("support")
        page = visitor.go(f"/admin/wallets/wallet/{wallet.pk}/change/")

        page.get_by_role("link", name="Request an adjustment", exact=True).click()
        page.locator("#dialog [name=side]:focus").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.type("5.001")
        page.keyboard.press("Tab")
        page.keyboard.type("a fee was charged twice")
        page.keyboard.press("Enter")
        page.locator("#dialog [name=amount]:focus").wait_for()

        dialog = page.locator("#dialog")
        assert "USD has at most 2 decimals." in dialog.inner_text()
        assert dialog.locator("[name=amount]").input_value() == "5.001"
        assert (
            dialog.locator("[name=reason]").input_value() == "a fee was charged twice"
        )

    def test_fits_on_a_phone(self, visit, album):
        wallet = Wallet.objects.get(owner__external_id="alice", currency="USD")
        visitor = visit("support")
        visitor.take_a_phone()
        page = visitor.go(f"/admin/wallets/wallet/{wallet.pk}/change/")

        page.get_by_text("more_horiz").click()
        page.locator("a:visible", has_text="Request an adjustment").click()
        page.locator("#dialog [name=side]:focus").wait_for()
        visitor.picture(album, "dialog-phone")

        box = page.locator("#modal-content").bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)


class TestAdjustment:
    def test_is_asked_for_by_one_and_approved_by_another(self, visit, album):
        wallet = Wallet.objects.get(owner__external_id="alice", currency="USD")
        carol, dan = visit("support", "approver"), visit("approver")
        after = f"{wallet.balance + 5:,.2f} USD"

        carol.go(f"/admin/wallets/wallet/{wallet.pk}/change/")
        carol.press(
            "Request an adjustment",
            side="credit",
            amount="5.00",
            reason="a fee was charged twice",
        )
        request = carol.page.url
        carol.press("Approve", reason="I am sure")
        refused = carol.page.inner_text("body")
        dan.go(request)
        simulated = dan.page.inner_text("body")
        dan.picture(album, "approval")
        unmoved = Wallet.objects.get(pk=wallet.pk).balance
        dan.press("Approve", reason="the statement shows it")
        dan.page.locator("a[href*='/transaction/'][href$='/change/']").click()
        dan.page.wait_for_load_state("networkidle")
        entries = dan.page.locator(".t-accounts").inner_text()

        assert "pending" in refused
        assert "Somebody else" in refused
        assert after in simulated
        assert "house suspense USD" in simulated
        assert unmoved == wallet.balance
        assert Wallet.objects.get(pk=wallet.pk).balance == wallet.balance + 5
        assert after in entries
        assert "house suspense USD" in entries
