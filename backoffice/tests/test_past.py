"""How a row came to be as it is, whoever changed it."""

import pytest
from django.db import DatabaseError, connection
from django.db import transaction as db_transaction

from backoffice.past import changes_of, keeps_its_past
from backoffice.tests.conftest import act, in_role
from fx.models import Currency
from tests.domain import fund
from transactions.models import Transaction
from users.models import User
from users.services import create_api_key
from wallets.models import Wallet


def names_of(change):
    return {name: (was, became) for name, (was, became) in change.fields.items()}


@pytest.fixture
def wallet(alice) -> Wallet:
    return Wallet.objects.get(owner=alice)


class TestChanges:
    def test_are_kept_by_whatever_door(self, alice):
        User.objects.filter(pk=alice.pk).update(name="Alicia")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE users_user SET tier = 'gold' WHERE name = 'Alicia'")

        newest, before = changes_of(User.objects.get(pk=alice.pk))

        assert names_of(newest) == {"tier": ("standard", "gold")}
        assert names_of(before) == {"name": ("Alice", "Alicia")}

    def test_name_the_act_of_staff_that_they_were(self, console, sam, wallet):
        act(console, "wallets/wallet", "freeze", wallet)
        wallet.refresh_from_db()

        [change] = changes_of(wallet)

        assert names_of(change) == {"status": ("active", "frozen")}
        assert (change.act.kind, change.act.staff) == ("wallet.frozen", sam)
        assert change.act.reason == "the customer asked"

    def test_of_others_are_nobodys_act(self, wallet):
        Wallet.objects.filter(pk=wallet.pk).update(overdraft_limit=10)

        [change] = changes_of(Wallet.objects.get(pk=wallet.pk))

        assert change.act is None

    def test_are_not_written_when_money_moves(self, alice, wallet):
        fund(alice, "5.00 USD")
        wallet.refresh_from_db()

        assert wallet.version == 1
        assert changes_of(wallet) == []

    def test_tell_no_secret(self, alice):
        key, _ = create_api_key(name="shop", scopes=["users:read"], owner=alice)
        alice.set_password("a long passphrase")
        alice.save(update_fields=["password"])
        type(key).objects.filter(pk=key.pk).update(scopes=["users:read", "fx:read"])
        key.refresh_from_db()

        [change] = changes_of(key)

        assert changes_of(alice) == []
        assert set(change.fields) == {"scopes"}

    def test_take_two_queries_however_many_there_are(
        self, alice, django_assert_num_queries
    ):
        for number in range(5):
            User.objects.filter(pk=alice.pk).update(name=f"Alice {number}")
        alice.refresh_from_db()

        with django_assert_num_queries(2):
            assert len(changes_of(alice)) == 5

    @pytest.mark.parametrize(
        "attempt",
        [
            "UPDATE users_userpast SET name = 'x'",
            "DELETE FROM users_userpast",
            "TRUNCATE users_userpast",
            "DELETE FROM wallets_walletpast",
            "DELETE FROM users_apikeypast",
            "DELETE FROM fx_currencypast",
            "DELETE FROM fx_feedpast",
        ],
    )
    def test_cannot_be_changed_themselves(self, db, attempt):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            db_transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attempt)


class TestPage:
    def test_says_what_became_what_by_whom_and_why(self, console, wallet):
        act(console, "wallets/wallet", "freeze", wallet)

        page = console.get(f"/admin/wallets/wallet/{wallet.pk}/history/")

        told = page.content.decode()
        assert "status: active → frozen" in told
        assert ">Sam</a>" in told
        assert "the customer asked" in told

    def test_keeps_from_others_what_only_auditors_read(self, console, wallet):
        act(console, "wallets/wallet", "freeze", wallet)

        page = in_role("viewer").get(f"/admin/wallets/wallet/{wallet.pk}/history/")

        told = page.content.decode()
        assert "status: active → frozen" in told
        assert "the customer asked" not in told
        assert "staffact" not in told

    def test_says_when_nothing_has_changed(self, console, db):
        currency = Currency.objects.get(code="USD")

        page = console.get(f"/admin/fx/currency/{currency.pk}/history/")

        assert "Nothing that is kept has changed" in page.content.decode()

    def test_escapes_what_people_called_themselves(self, console, alice):
        User.objects.filter(pk=alice.pk).update(name="<script>alert(1)</script>")

        page = console.get(f"/admin/users/user/{alice.pk}/history/")

        assert "<script>alert(1)" not in page.content.decode()

    def test_is_written_down_as_a_reading(self, console, sam, alice):
        console.get(f"/admin/users/user/{alice.pk}/history/")

        [reading] = sam.acts.filter(kind="page.read")
        assert reading.customer_id == alice.pk

    @pytest.mark.parametrize(
        "row_id", ["nonsense", "01a20463-2ef1-7087-b72f-3143eda30fd1"]
    )
    def test_is_not_there_for_no_row(self, console, row_id):
        page = console.get(f"/admin/users/user/{row_id}/history/")

        assert page.status_code == 404


def test_the_ledger_needs_no_past():
    assert not keeps_its_past(Transaction)
