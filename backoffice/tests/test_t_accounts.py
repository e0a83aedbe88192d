"""A transaction's page: its accounts, its price step by step, and its relations."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import capture, fund, hold, pay, refund, reverse, transfer
from tests.wipe import laws_put_aside
from transactions.models import Transaction


def page_of(client, transaction: Transaction) -> str:
    answer = client.get(f"/admin/transactions/transaction/{transaction.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def accounts(page: str) -> dict[str, list[list[str]]]:
    """The rows of each T by what it is called."""
    found = {}
    for table in re.findall(r'<table class="console t-account">(.*?)</table>', page):
        [name] = re.findall(r"<caption>.*?>([^<]+)</a>", table)
        rows = re.findall(r"<tr class=.*?</tr>", table)
        found[name] = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return found


class TestAccounts:
    def test_show_each_side_and_the_balances(self, console, alice, bob):
        fund(alice, "100.00 USD")

        page = page_of(console, transfer(alice, "30.00 USD", to=bob).transaction)

        assert accounts(page) == {
            "USD of Alice": [
                ["", "before", "100.00 USD"],
                ["30.00 USD", "", "70.00 USD"],
            ],
            "USD of Bob": [["", "before", "0.00 USD"], ["", "30.00 USD", "30.00 USD"]],
        }
        assert re.search(r"30\.00 USD</td><td[^>]*>30\.00 USD</td><td[^>]*>equal", page)

    def test_of_the_house_have_no_balance(self, console, alice):
        page = page_of(console, fund(alice, "1.00 USD").transaction)

        assert accounts(page)["house cash USD"] == [["1.00 USD", ""]]


class TestPrice:
    def test_is_worked_out_again(self, console, seeded):
        page = page_of(console, seeded[-1])

        assert "mid x (1 - 45 / 10000)" in page
        assert "it is what was booked" in page

    @pytest.mark.books_are_broken
    def test_that_is_not_what_was_booked_is_told(self, console, seeded):
        with laws_put_aside() as cursor:
            cursor.execute("UPDATE fx_rate SET bid = bid + 1, ask = ask + 1")

        assert "Worked out again it is different" in page_of(console, seeded[-1])

    def test_of_what_does_not_convert_is_not_there(self, console, alice):
        page = page_of(console, fund(alice, "1.00 USD").transaction)

        assert "step by step" not in page


class TestRelations:
    def test_lead_both_ways(self, console, alice, bob):
        fund(alice, "100.00 USD")
        paid = transfer(alice, "30.00 USD", to=bob)
        back = refund(paid, "10.00").transaction
        wrong = transfer(alice, "5.00 USD", to=bob)
        undone = reverse(wrong).transaction

        for one, other in ((paid.transaction, back), (wrong.transaction, undone)):
            assert f"/transaction/{other.pk}/change/" in page_of(console, one)
            assert f"/transaction/{one.pk}/change/" in page_of(console, other)

    def test_lead_to_the_hold_and_its_events(self, console, alice, bob):
        fund(alice, "100.00 USD")
        held = hold(alice, "30.00 USD", to=bob)

        page = page_of(console, capture(held, "30.00").transaction)

        assert f"/hold/{held.hold.pk}/change/" in page
        assert "hold.captured" in page
        assert "transaction.posted" in page

    def test_lead_to_parts(self, console, alice, bob, rates):
        fund(alice, "100.00 USD")

        paid = pay(alice, "500.00 MXN", ["USD"], to=bob).transaction
        [part] = Transaction.objects.filter(part_of=paid)

        assert f"/transaction/{part.pk}/change/" in page_of(console, paid)
        assert f"/transaction/{paid.pk}/change/" in page_of(console, part)

    def test_name_the_request(self, console, platform, alice):
        platform.post(
            f"/v1/wallets/{alice.pk}/fund",
            {"currency": "USD", "amount": "1.00"},
            request_id="call-17",
            idempotency_key="salary-1",
        )

        page = page_of(console, Transaction.objects.get())

        assert "call-17" in page
        assert "salary-1" in page


class TestCost:
    def test_is_of_each_part_once(self, console, seeded, alice):
        for path in (
            f"transactions/transaction/{seeded[-1].pk}",
            f"users/user/{alice.pk}",
        ):
            page = f"/admin/{path}/change/"
            console.get(page)
            with CaptureQueriesContext(connection) as captured:
                console.get(page)
            asked = Counter(query["sql"] for query in captured)

            # A row is looked up again for the acts that its page offers.
            assert not [sql for sql, times in asked.items() if times > 3]
            assert len(captured) < 45
