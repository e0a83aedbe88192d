"""Lists by year, month and day, without reading them from end to end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import fund
from tests.wipe import let_time_pass
from transactions.models import Transaction
from users.models import StaffAct, User
from webhooks.models import Event

PAGE = "/admin/transactions/transaction/"


def shown(client, address: str) -> list[str]:
    page = client.get(address).content.decode()
    nav = page.partition('class="console-dates">')[2].partition("</nav>")[0]
    return [
        link.partition("</a>")[0].rpartition(">")[2] for link in nav.split("<a")[1:]
    ]


def rows(client, address: str) -> int:
    return len(client.get(address).context["cl"].result_list)


@pytest.fixture
def two_years(console, alice) -> list[Transaction]:
    fund(alice, "1.00 USD")
    let_time_pass(timedelta(days=400))
    fund(alice, "2.00 USD")
    return list(Transaction.objects.order_by("recorded_at"))


class TestDates:
    def test_lead_down_and_up_again(self, console, two_years):
        [old, new] = (one.recorded_at for one in two_years)

        top = shown(console, PAGE)
        down = shown(console, f"{PAGE}?on={new:%Y-%m}")

        assert top[0] == "All dates"
        assert {f"{old:%Y}", f"{new:%Y}"} <= set(top)
        assert down[:3] == ["All dates", f"{new:%Y}", f"{new:%B}"]
        assert f"{new:%d}" in down[3:]
        assert shown(console, f"{PAGE}?on={new:%Y-%m-%d}") == [
            "All dates", f"{new:%Y}", f"{new:%B}", f"{new:%d}",
        ]  # fmt: skip

    @pytest.mark.parametrize("how", ["%Y", "%Y-%m", "%Y-%m-%d"])
    def test_narrow_the_list(self, console, two_years, how):
        for one in two_years:
            assert rows(console, f"{PAGE}?on={one.recorded_at:{how}}") == 1

    def test_narrow_what_lies_in_the_order_of_ids(self, console, seeded, alice):
        console.get(f"/admin/users/user/{alice.pk}/change/")
        models = {
            "webhooks/event": (Event, "occurred_at"),
            "users/staffact": (StaffAct, "occurred_at"),
            "users/user": (User, "created_at"),
        }

        for page, (model, field) in models.items():
            day, count = getattr(model.objects.first(), field), model.objects.count()
            assert rows(console, f"/admin/{page}/?on={day:%Y-%m-%d}") == count
            day -= timedelta(days=2)
            assert rows(console, f"/admin/{page}/?on={day:%Y-%m-%d}") == 0

    def test_of_an_empty_list_are_none(self, console, db):
        assert shown(console, PAGE) == []

    @pytest.mark.parametrize(
        "said",
        [
            "x",
            "2026-13",
            "2026-02-31",
            "0000",
            "9999",
            "9999-12-31",
            "0001-01-01",
            "%00",
        ],
    )
    def test_that_are_none_do_no_harm(self, console, seeded, said):
        answer = console.get(f"{PAGE}?on={said}", follow=True)

        assert answer.status_code == 200

    def test_read_no_table_for_all_its_days(self, console, seeded):
        with CaptureQueriesContext(connection) as captured:
            assert len(shown(console, PAGE)) == 2

        table = 'FROM "transactions_transaction"'
        asked = [one["sql"] for one in captured if table in one["sql"]]
        assert sum(sql.endswith("LIMIT 1") for sql in asked) == 2
        assert not [sql for sql in asked if "DISTINCT" in sql or "TRUNC" in sql]
