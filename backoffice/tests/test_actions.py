"""What staff can do to people, keys, wallets and currencies."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from backoffice.models import ApprovalRequest
from backoffice.tests.conftest import act, allow, signed_in
from fx.models import Currency
from transactions.postings import Instruction
from transactions.services import fund, withdraw
from users.models import ApiKey, User
from users.services import create_api_key
from wallets.models import Wallet
from wallets.services import create_user
from webhooks.models import Event

HOSTILE = "<script>alert(1)</script>"


class TestUsers:
    def test_new_customers_get_their_wallet(self, console, db):
        console.post(
            "/admin/users/user/add/",
            {"name": "Eve", "email": "eve@example.com", "external_id": "eve"},
        )

        eve = User.objects.get(external_id="eve")
        assert [w.currency_id for w in Wallet.objects.filter(owner=eve)] == ["USD"]
        assert not eve.has_usable_password()

    def test_new_logins_are_staff_without_a_wallet(self, console, db):
        support = Group.objects.get(name="support")

        page = console.post(
            "/admin/users/user/add/",
            {"name": "Dan", "username": "dan", "groups": [support.pk]},
            follow=True,
        ).content.decode()

        dan = User.objects.get(username="dan")
        [password] = re.findall(r"shown only now: <code>([\w-]+)</code>", page)
        assert (dan.is_staff, dan.is_superuser) == (True, False)
        assert dan.check_password(password)
        assert dan.password_is_temporary
        assert list(dan.groups.all()) == []
        assert ApprovalRequest.objects.get().payload["roles"] == ["support"]
        assert not Wallet.all_objects.filter(owner=dan).exists()

    def test_are_changed_by_the_service(self, console, alice):
        console.post(
            f"/admin/users/user/{alice.pk}/change/",
            {"name": "Alicia", "email": alice.email, "external_id": "alice"},
        )

        alice.refresh_from_db()
        event = Event.objects.get(type="user.updated")
        assert alice.name == "Alicia"
        assert event.data == {"changed": ["name"]}

    def test_keep_names_apart_from_the_deleted(self, console, alice, bob):
        console.post(
            "/admin/users/user/",
            {"action": "delete_users", "_selected_action": [bob.pk]},
        )

        answer = console.post(
            f"/admin/users/user/{alice.pk}/change/", {"external_id": "bob"}
        )

        assert "perhaps a deleted one" in answer.content.decode()

    def test_get_no_rights_from_other_staff(self, carol, alice):
        allow(carol, "change_user", "view_user")

        signed_in(carol).post(
            f"/admin/users/user/{alice.pk}/change/",
            {"external_id": "alice", "username": "a", "is_superuser": "on"},
        )
        refused = signed_in(carol).post(f"/admin/users/user/{carol.pk}/change/", {})

        alice.refresh_from_db()
        assert (alice.username, alice.is_superuser) == (None, False)
        assert refused.status_code == 403

    def test_get_passwords_from_those_who_manage_staff(self, console, carol, bob):
        allow(carol, "change_user", "view_user", "delete_user")
        other = User.objects.create_user("dan", "old words", is_staff=True)

        act(signed_in(carol), "users/user", "reset_passwords", other)
        refused = User.objects.get(pk=other.pk)
        page = act(console, "users/user", "reset_passwords", other, bob)

        [password] = re.findall(r"shown only now: <code>([\w-]+)</code>", page)
        other.refresh_from_db()
        assert refused.check_password("old words")
        assert other.check_password(password)
        assert other.password_is_temporary
        assert "Only a login with a username" in page

    def test_are_deleted_and_restored(self, console, seeded, alice):
        deleted = act(console, "users/user", "delete_users", alice)
        was_deleted = not User.objects.filter(pk=alice.pk).exists()
        act(console, "users/user", "restore_users", alice)

        assert "Deleted Alice." in deleted
        assert was_deleted
        assert User.objects.filter(pk=alice.pk).exists()
        assert Wallet.objects.filter(owner=alice).count() == 2

    def test_are_deleted_once(self, console, alice):
        act(console, "users/user", "delete_users", alice)

        again = act(console, "users/user", "delete_users", alice)

        assert "has been deleted" in again

    def test_do_not_delete_themselves(self, console, sam):
        page = act(console, "users/user", "delete_users", sam)

        assert "cannot delete yourself" in page
        assert User.objects.filter(pk=sam.pk).exists()

    def test_are_not_deleted_all_at_once(self, console, alice, bob):
        page = act(console, "users/user", "delete_users", alice, select_across=1)

        assert "Tick the rows" in page
        assert User.objects.filter(pk__in=[alice.pk, bob.pk]).count() == 2

    def test_are_really_deleted_by_nobody(self, console, alice):
        answer = console.post(f"/admin/users/user/{alice.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403
        assert User.objects.filter(pk=alice.pk).exists()


class TestApiKeys:
    def make(self, console, **said) -> str:
        answer = console.post(
            "/admin/users/apikey/add/",
            {"name": "shop", "scopes": ["users:read"]} | said,
            follow=True,
        )
        return answer.content.decode()

    def test_show_their_token_once(self, console, db):
        page = self.make(console)

        [token] = re.findall(r"fxk_[0-9a-f]{12}_[\w-]+", page)
        key = ApiKey.objects.get()
        assert token.startswith(f"fxk_{key.prefix}_")
        for url in ("", f"{key.pk}/change/", f"{key.pk}/history/"):
            shown = console.get(f"/admin/users/apikey/{url}").content.decode()
            assert token not in shown
            assert bytes(key.digest).hex() not in shown

    def test_may_have_an_owner_and_an_end(self, console, alice):
        self.make(
            console, owner=alice.pk, expires_at_0="2099-01-01", expires_at_1="00:00"
        )

        key = ApiKey.objects.get()
        assert (key.owner_id, key.expires_at.year) == (alice.pk, 2099)

    def test_are_not_made_for_the_past_or_for_nothing(self, console, db):
        self.make(console, expires_at_0="2001-01-01", expires_at_1="00:00")
        self.make(console, scopes=[])
        self.make(console, scopes=["all"])

        assert not ApiKey.objects.exists()

    def test_are_revoked(self, console, db):
        key, _ = create_api_key(name="shop", scopes=["*"])

        act(console, "users/apikey", "revoke_keys", key)
        again = act(console, "users/apikey", "revoke_keys", key)

        key.refresh_from_db()
        assert key.revoked_at is not None
        assert "revoked before" in again

    def test_are_changed_or_deleted_by_nobody(self, console, db):
        key, _ = create_api_key(name="shop", scopes=["users:read"])

        for page in ("change", "delete"):
            url = f"/admin/users/apikey/{key.pk}/{page}/"
            assert console.post(url, {"name": "x", "post": "yes"}).status_code == 403

        key.refresh_from_db()
        assert (key.name, key.scopes) == ("shop", ["users:read"])

    def test_are_offered_live_owners(self, console, alice, bob):
        act(console, "users/user", "delete_users", bob)

        offered = console.get(
            "/admin/autocomplete/",
            {"app_label": "users", "model_name": "apikey", "field_name": "owner"},
        ).json()["results"]

        assert {"id": str(alice.pk), "text": "Alice"} in offered
        assert str(bob.pk) not in [one["id"] for one in offered]


class TestWallets:
    def test_are_frozen_and_unfrozen(self, console, seeded, alice):
        wallet = Wallet.objects.get(owner=alice, currency="USD")

        act(console, "wallets/wallet", "freeze", wallet)
        wallet.refresh_from_db()
        frozen = wallet.status
        act(console, "wallets/wallet", "unfreeze", wallet)

        wallet.refresh_from_db()
        assert (frozen, wallet.status) == ("frozen", "active")

    def test_are_closed_when_they_are_empty(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)
        fund(Instruction(), alice.id, "USD", Decimal("100.00"))

        full = act(console, "wallets/wallet", "close", wallet)
        withdraw(Instruction(), alice.id, "USD", Decimal("100.00"))
        act(console, "wallets/wallet", "close", wallet)
        closed = act(console, "wallets/wallet", "close", wallet)

        wallet.refresh_from_db()
        assert "USD of Alice: The USD wallet still holds 100.00 USD" in full
        assert wallet.status == "closed"
        assert "has been closed" in closed

    @pytest.mark.parametrize("action", ["freeze", "unfreeze", "close"])
    def test_of_the_house_stay_as_they_are(self, console, seeded, action):
        cash = Wallet.objects.get(purpose="cash", currency="USD")

        page = act(console, "wallets/wallet?purpose=house", action, cash)

        cash.refresh_from_db()
        assert "house account" in page
        assert cash.status == "active"

    def test_are_not_operated_by_those_who_may_only_look(self, carol, alice):
        allow(carol, "view_wallet", "change_wallet")
        wallet = Wallet.objects.get(owner=alice)

        act(signed_in(carol), "wallets/wallet", "freeze", wallet)

        wallet.refresh_from_db()
        assert wallet.status == "active"


class TestCurrencies:
    def test_are_added(self, console, db):
        said = {"code": "USDC", "name": "USD Coin", "exponent": 6, "enabled": "on"}

        console.post("/admin/fx/currency/add/", said)

        assert Currency.objects.get(pk="USDC").exponent == 6

    @pytest.mark.parametrize(
        "wrong", [{"exponent": 9}, {"exponent": -1}, {"code": "usdc"}, {"code": "\0AB"}]
    )
    def test_are_refused_when_they_cannot_be(self, console, db, wrong):
        before = Currency.objects.count()
        said = {"code": "ABC", "name": "A", "exponent": 6, "enabled": "on"}

        answer = console.post("/admin/fx/currency/add/", said | wrong)

        assert answer.status_code == 200
        assert Currency.objects.count() == before

    def test_change_their_name_and_state_only(self, console, db):
        console.post(
            "/admin/fx/currency/JPY/change/",
            {"name": "Yen!", "exponent": 2, "code": "JPX"},
        )

        yen = Currency.objects.get(pk="JPY")
        assert (yen.name, yen.exponent, yen.enabled) == ("Yen!", 0, False)


class TestTheLedger:
    @pytest.mark.parametrize("model", ["transactions/transaction", "webhooks/event"])
    def test_is_read_only_for_superusers_too(self, console, seeded, model):
        row = console.get(f"/admin/{model}/").context["cl"].result_list[0]
        before = type(row).objects.filter(pk=row.pk).values().get()
        number = type(row).objects.count()

        said = {"type": "fund", "description": "x", "bid": "1", "post": "yes"}
        for page in ("add", f"{row.pk}/change", f"{row.pk}/delete"):
            assert console.post(f"/admin/{model}/{page}/", said).status_code == 403
        console.post(
            f"/admin/{model}/",
            {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
        )

        assert type(row).objects.filter(pk=row.pk).values().get() == before
        assert type(row).objects.count() == number

    def test_wallets_are_not_written_either(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)

        answer = console.post(
            f"/admin/wallets/wallet/{wallet.pk}/change/", {"balance": "9"}
        )

        wallet.refresh_from_db()
        assert answer.status_code == 403
        assert wallet.balance == 0


class TestHostileText:
    def test_is_shown_as_text_everywhere(self, console, db):
        mallory = create_user(external_id=HOSTILE, name=HOSTILE)
        key, _ = create_api_key(name=HOSTILE, scopes=["*"], owner=mallory)
        words = Instruction(
            api_key_id=key.pk,
            reference=HOSTILE,
            description=HOSTILE,
            metadata={HOSTILE: HOSTILE},
        )
        posted = fund(words, mallory.id, "USD", Decimal("1.00"))
        act(console, "users/user", "delete_users", mallory)
        act(console, "users/user", "restore_users", mallory)
        wallet = Wallet.objects.get(owner=mallory)

        for path in (
            "",
            "users/user/",
            f"users/user/{mallory.pk}/change/",
            "users/apikey/",
            f"users/apikey/{key.pk}/change/",
            "wallets/wallet/",
            f"wallets/wallet/{wallet.pk}/change/",
            "transactions/transaction/",
            f"transactions/transaction/{posted.transaction.pk}/change/",
            "webhooks/event/",
            f"webhooks/event/{Event.objects.get(type='user.created').pk}/change/",
        ):
            page = console.get(f"/admin/{path}").content.decode()
            assert HOSTILE not in page, path
        assert (
            "&lt;script&gt;alert(1)"
            in console.get("/admin/users/user/").content.decode()
        )
        assert HOSTILE not in act(console, "users/user", "delete_users", mallory)
