"""The first page: its figures, its links, and what it costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.dashboard import dashboard
from backoffice.tests.conftest import allow, in_role, signed_in
from fx.models import Currency
from fx.services import set_rate
from tests.threads import wait_for_older_writers
from transactions.models import LedgerAudit, Transaction
from transactions.postings import Instruction
from transactions.services import fund, roll_up_days
from users.acts import Actor
from wallets.services import create_user


def figures(now=None):
    return dashboard(now or timezone.now())


def held(board) -> dict[str, tuple[Decimal, Decimal | None]]:
    return {
        one.owed.currency.code: (one.owed.amount, one.worth) for one in board.holdings
    }


class TestFigures:
    def test_say_what_is_held_for_customers(self, seeded):
        board = figures()

        in_pesos = held(board)["MXN"][0]
        assert held(board)["USD"] == (Decimal("900.00"), Decimal("900.00"))
        assert held(board)["MXN"][1] == (in_pesos * Decimal("0.054")).quantize(
            Decimal("0.01")
        )
        assert board.owed == sum(worth for _, worth in held(board).values())

    def test_come_to_nothing_right_after_a_trade_at_mid(self, seeded):
        board = figures()

        assert board.result.copy_abs() <= Decimal("0.01")
        positions = {one.position.currency.code: one.position for one in board.holdings}
        assert positions["USD"].amount == Decimal("100.00")
        assert positions["MXN"].amount < 0

    def test_leave_out_what_has_no_rate_and_say_so(self, alice, rates):
        fund(Instruction(), alice.id, "HUF", Decimal("100.00"))
        fund(Instruction(), alice.id, "USD", Decimal("1.00"))

        board = figures()

        assert held(board)["HUF"] == (Decimal("100.00"), None)
        assert (board.unknown, board.owed) == (["HUF"], Decimal("1.00"))

    def test_are_nothing_where_nothing_happened(self, db):
        board = figures()

        assert (board.owed, board.holdings, board.audit) == (0, [], None)
        assert len(board.days) == 30
        assert not any(day.transactions for day in board.days)

    def test_warn_of_rates_that_are_too_old(self, seeded, settings):
        fresh = figures().oldest_rates[0].rate_is_old
        settings.FX_MAX_RATE_AGE = timedelta(minutes=30)

        assert (fresh, figures().oldest_rates[0].rate_is_old) == (False, True)

    @pytest.mark.django_db(transaction=True)
    def test_count_what_moved_today(self, transactional_db):
        alice = create_user(name="Alice")
        fund(Instruction(), alice.id, "USD", Decimal("100.00"))
        fund(Instruction(), alice.id, "USD", Decimal("5.00"))
        wait_for_older_writers()
        roll_up_days()

        *before, today = figures().days

        assert (today.transactions, today.volume) == (2, Decimal("105.00"))
        assert (today.conversions, today.converted) == (0, 0)
        assert not any(day.transactions for day in before)


class TestPage:
    def test_shows_the_figures_with_their_links(self, console, seeded):
        page = console.get("/admin/").content.decode()

        for shown in (
            "900.00 USD",
            "/admin/wallets/wallet/?currency=MXN",
            "/admin/fx/rate/?q=MXN",
            "/admin/transactions/positionbook/",
            "Never run",
        ):
            assert shown in page

    def test_counts_the_breakers_that_are_open(self, console, sam):
        for level in (150, 15, 14):
            set_rate(
                "KES",
                Decimal(level),
                Decimal(level),
                actor=Actor(sam.pk, "a try"),
                now=timezone.now(),
            )

        page = console.get("/admin/").content.decode()
        listed = console.get("/admin/fx/verdict/?open=now")

        assert '<strong class="bad">1</strong>' in page
        assert len(listed.context["cl"].result_list) == 1

    def test_opens_where_nothing_happened(self, console):
        page = console.get("/admin/").content.decode()

        assert "Nothing is held yet" in page

    def test_shows_staff_only_what_they_may_see(self, carol, seeded):
        allow(carol, "view_transaction")

        page = signed_in(carol).get("/admin/").content.decode()

        assert "Held for customers" in page
        assert "?currency=MXN" not in page
        assert "Last ledger audit" not in page

    def test_costs_the_same_however_much_there_is(self, console, alice, rates):
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert console.get("/admin/").status_code == 200
            return len(captured)

        fund(Instruction(), alice.id, "USD", Decimal("100.00"))
        console.get("/admin/")
        few = cost()
        for code in Currency.objects.exclude(pk="USD").values_list("pk", flat=True)[
            :20
        ]:
            fund(Instruction(), alice.id, code, Decimal(100))

        assert cost() == few
        assert few <= 20

    def test_looks_at_no_entry_of_what_was_folded(self, console, seeded):
        with CaptureQueriesContext(connection) as captured:
            console.get("/admin/")

        reads = [q["sql"] for q in captured if "transactions_entry" in q["sql"]]
        # The tail since the last fold, and that alone.
        assert len(reads) == 1
        assert "transaction.xid >=" in reads[0]


class TestAudits:
    def test_are_kept_and_shown(self, console, seeded, capsys):
        call_command("audit_ledger")

        kept = LedgerAudit.objects.get()
        page = console.get("/admin/").content.decode()
        found = console.get(f"/admin/transactions/ledgeraudit/{kept.pk}/change/")
        assert kept.is_clean
        assert kept.transactions == Transaction.objects.count()
        assert "The books add up" in page
        assert "debits equal credits" in found.content.decode()

    @pytest.mark.books_are_broken
    def test_that_found_something_are_kept_too(self, console, seeded, capsys):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE wallets_wallet SET balance = balance + 1, version = version + 1"
                " WHERE purpose = 'customer' AND currency_id = 'USD'"
            )

        with pytest.raises(SystemExit):
            call_command("audit_ledger")

        page = console.get("/admin/").content.decode()
        assert not LedgerAudit.objects.get().is_clean
        assert "Laws are broken" in page

    def test_are_everybodys_to_see(self, db):
        client = in_role("viewer")

        page = client.get("/admin/transactions/ledgeraudit/")

        assert "audit_ledger" in page.content.decode()
