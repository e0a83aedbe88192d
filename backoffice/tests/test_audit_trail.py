"""What staff do is written down with it, and stays."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from django.db import transaction as db_transaction

from backoffice.admin.staff_acts import ACT_KINDS
from backoffice.export import harmless
from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import act, agreed, in_role, signed_in
from tests.domain import hold
from transactions.postings import Instruction
from transactions.services import fund
from users.acts import Actor, record_act
from users.models import StaffAct
from users.services import create_api_key, record_reading
from wallets import services
from wallets.models import Wallet


def acts(kind: str) -> list[StaffAct]:
    return list(StaffAct.objects.filter(kind=kind))


class TestActs:
    def test_say_who_what_why_and_from_where(self, console, sam, alice):
        wallet = Wallet.objects.get(owner=alice)

        console.post(
            "/admin/wallets/wallet/",
            {"action": "freeze", "_selected_action": [wallet.pk], "reason": "Fraud?"},
            REMOTE_ADDR="192.0.2.7",
            headers={"Request-Id": "call-17"},
        )

        [frozen] = acts("wallet.frozen")
        assert (frozen.staff, frozen.subject_id) == (sam, str(wallet.pk))
        assert (frozen.customer_id, frozen.reason) == (alice.pk, "Fraud?")
        assert (frozen.before, frozen.after) == (
            {"status": "active"},
            {"status": "frozen"},
        )
        assert (frozen.address, frozen.request_id) == ("192.0.2.7", "call-17")

    def test_are_not_written_for_what_changes_nothing(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)

        act(console, "wallets/wallet", "freeze", wallet)
        act(console, "wallets/wallet", "freeze", wallet)

        assert len(acts("wallet.frozen")) == 1

    def test_are_not_written_for_what_was_refused(self, console, alice):
        fund(Instruction(), alice.id, "USD", Decimal("1.00"))

        act(console, "wallets/wallet", "close", Wallet.objects.get(owner=alice))

        assert acts("wallet.closed") == []

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
    def test_need_a_reason(self, console, alice, reason):
        wallet = Wallet.objects.get(owner=alice)

        act(console, "wallets/wallet", "freeze", wallet, reason=reason)

        wallet.refresh_from_db()
        assert wallet.status == "active"
        assert not acts("wallet.frozen")

    def test_of_forms_need_a_reason_too(self, console, alice):
        url = f"/admin/users/user/{alice.pk}/change/"

        console.post(url, {"name": "Alicia", "external_id": "alice", "reason": ""})

        alice.refresh_from_db()
        assert alice.name == "Alice"

    def test_are_not_written_for_programs(self, alice):
        services.freeze_wallet(Wallet.objects.get(owner=alice).pk)

        assert not StaffAct.objects.exists()

    def test_keep_what_was_changed_and_nothing_else(self, console, alice):
        console.post(
            f"/admin/users/user/{alice.pk}/change/",
            {"name": "Alicia", "email": alice.email, "external_id": "alice"},
        )

        [updated] = acts("user.updated")
        assert (updated.before, updated.after) == (
            {"name": "Alice"},
            {"name": "Alicia"},
        )

    def test_tell_of_roles(self, console, carol):
        console.post(
            f"/admin/users/user/{carol.pk}/change/",
            {
                "username": "carol",
                "is_staff": "on",
                "groups": [Group.objects.get(name="viewer").pk],
            },
        )

        agreed()

        [changed] = acts("staff.changed")
        named = changed.after.pop("approval_request")
        assert ApprovalRequest.objects.get(pk=named).decision == "done"
        assert (changed.before, changed.after) == ({"roles": []}, {"roles": ["viewer"]})

    def test_never_hold_a_password_or_a_key(self, console, carol):
        page = act(console, "users/user", "reset_passwords", carol)
        console.post("/admin/users/apikey/add/", {"name": "k", "scopes": ["*"]})

        kept = str([(one.before, one.after) for one in StaffAct.objects.all()])
        assert "fxk_" not in kept
        assert "shown only now" in page
        assert {"temporary": True} in [one.after for one in StaffAct.objects.all()]

    @pytest.mark.django_db(transaction=True)
    def test_are_undone_with_what_they_tell(self, transactional_db, monkeypatch):
        alice = services.create_user(external_id="alice", name="Alice")
        wallet = Wallet.objects.get(owner=alice)

        def fails(*args, **kwargs):
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(StaffAct.objects, "create", fails)
        with pytest.raises(RuntimeError):
            services.freeze_wallet(wallet.pk, actor=Actor(None, "why"))

        wallet.refresh_from_db()
        assert wallet.status == "active"

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE users_staffact SET reason = ''",
            "DELETE FROM users_staffact",
            "TRUNCATE users_staffact",
        ],
    )
    def test_stay_as_they_are(self, console, alice, sql):
        act(console, "wallets/wallet", "freeze", Wallet.objects.get(owner=alice))

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with (
                pytest.raises(IntegrityError, match="append-only"),
                db_transaction.atomic(),
            ):
                cursor.execute(sql)

        assert acts("wallet.frozen")

    @pytest.mark.django_db(transaction=True)
    def test_are_not_written_on_their_own(self, transactional_db):
        alice = services.create_user(external_id="alice", name="Alice")

        with pytest.raises(AssertionError, match="with its effect"):
            record_act(Actor(None), "user.updated", alice)


class TestReading:
    def test_of_a_customers_pages_is_written_down(self, seeded, alice):
        client = in_role("viewer")
        wallet = Wallet.objects.get(owner=alice, currency="USD")

        for page in (
            f"users/user/{alice.pk}",
            f"wallets/wallet/{wallet.pk}",
            f"transactions/transaction/{seeded[0].pk}",
        ):
            client.get(f"/admin/{page}/change/")

        read = acts("page.read")
        assert {one.customer_id for one in read} == {alice.pk}
        assert len(read) == 3

    def test_of_the_houses_is_not(self, console, seeded):
        cash = Wallet.objects.get(purpose="cash", currency="USD")

        console.get(f"/admin/wallets/wallet/{cash.pk}/change/")

        assert not acts("page.read")

    def test_is_not_written_for_those_who_were_refused(self, carol, alice):
        signed_in(carol).get(f"/admin/users/user/{alice.pk}/change/")

        assert not acts("page.read")


class TestList:
    def test_is_found_by_customer_and_narrowed_by_kind(self, console, alice, bob):
        for owner in (alice, bob):
            act(console, "wallets/wallet", "freeze", Wallet.objects.get(owner=owner))
        console.get(f"/admin/users/user/{bob.pk}/change/")

        def found(query):
            page = console.get(f"/admin/users/staffact/?{query}")
            return len(page.context["cl"].result_list)

        assert found("q=Bob") == 2
        assert found("q=Bob&kind=change") == 1
        assert found("kind=wallet.frozen") == 2
        assert found("by=sam") == 3
        assert found("by=-") == 0

    def test_is_where_the_history_of_a_row_leads(self, console, alice):
        fund(Instruction(), alice.id, "USD", Decimal("5.00"))
        hold_id = hold(alice, "1.00 USD").hold.pk
        console.get(f"/admin/transactions/hold/{hold_id}/change/")

        page = console.get(f"/admin/transactions/hold/{hold_id}/history/", follow=True)

        assert [one.kind for one in page.context["cl"].result_list] == ["page.read"]

    def test_offers_the_kinds_that_the_glossary_explains(self):
        glossary = (settings.BASE_DIR / "docs" / "glossary.md").read_text()
        section = glossary.partition("\n## Staff acts\n")[2].partition("\n## ")[0]

        assert (
            tuple(re.findall(r"^\| `([a-z_.]+)`", section, re.MULTILINE)) == ACT_KINDS
        )

    def test_offers_every_kind_that_is_written(self, console, seeded, alice):
        record_reading(alice, customer_id=alice.pk, actor=Actor(None))

        kinds = set(StaffAct.objects.values_list("kind", flat=True))
        assert kinds <= set(ACT_KINDS)


class TestExport:
    def rows(self, client, address) -> list[list[str]]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    def test_holds_the_rows_of_the_filtered_list(self, console, alice, bob):
        act(console, "wallets/wallet", "freeze", Wallet.objects.get(owner=alice))
        console.get(f"/admin/users/user/{bob.pk}/change/")

        heading, *rows = self.rows(
            console, "/admin/users/staffact/export/?kind=wallet.frozen"
        )

        assert heading[:3] == ["occurred_at", "staff", "kind"]
        assert [row[1:3] for row in rows] == [["sam", "wallet.frozen"]]

    def test_holds_what_the_house_has(self, console, seeded):
        _, *rows = self.rows(console, "/admin/wallets/wallet/export/?purpose=cash")

        balances = {row[3]: Decimal(row[4]) for row in rows}
        assert balances == {"USD": 1000, "MXN": 0}

    def test_is_harmless_in_a_spreadsheet(self, console, db):
        services.create_user(name='=HYPERLINK("http://evil")')

        _, row = self.rows(console, "/admin/users/user/export/?staff=no")

        assert row[1] == '\'=HYPERLINK("http://evil")'

    @pytest.mark.parametrize(
        ("text", "safe"),
        [
            ("-5.00", "-5.00"),
            ("+1", "+1"),
            ("-5+cmd|' /C calc'!A0", "'-5+cmd|' /C calc'!A0"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("Alice", "Alice"),
        ],
    )
    def test_leaves_numbers_and_words_alone(self, text, safe):
        assert harmless(text) == safe

    def test_is_written_down_itself(self, console, db):
        self.rows(console, "/admin/fx/rate/export/?q=EUR")

        [exported] = acts("list.exported")
        assert (exported.subject_type, exported.after) == (
            "fx.rate",
            {"filters": "q=EUR", "file": "csv"},
        )

    @pytest.mark.parametrize(
        "model", ["users/user", "users/staffact", "wallets/wallet"]
    )
    def test_survives_what_is_typed(self, console, model):
        for query in ("q=%00", "type=%00", "p=99", "nothing=1", "q='"):
            answer = console.get(f"/admin/{model}/export/?{query}", follow=True)
            assert answer.status_code in (200, 400)

    def test_shows_its_own_row_in_the_trail(self, console, db):
        self.rows(console, "/admin/fx/rate/export/")

        [exported] = acts("list.exported")
        page = console.get(f"/admin/users/staffact/{exported.pk}/change/")
        assert page.status_code == 200


class TestSecrets:
    def test_of_keys_are_not_in_any_export(self, console, alice):
        key, _ = create_api_key(name="k", scopes=["*"], owner=alice)

        assert console.get("/admin/users/apikey/export/").status_code in (302, 404)
        assert key.pk
