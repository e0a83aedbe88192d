"""Who may do what: every page, every action, every role. What is not here fails."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse

from backoffice.tests.conftest import act, asked_for, in_role, signed_in
from fx.models import Feed, Rate
from tests.domain import at_most, hold, limit
from transactions.audit import audit
from transactions.models import PositionBook, Transaction
from transactions.services import keep_audit
from users.models import StaffAct, User
from users.services import create_api_key
from wallets.models import Wallet
from webhooks.models import Event

ROLES = {"viewer", "support", "treasury", "compliance", "approver", "administrator"}
NOBODY: set[str] = set()
SUPPORT = {"support"}
PEOPLE = {"support", "administrator"}
HIDERS = PEOPLE | {"compliance"}
FREEZERS = {"support", "compliance"}
AUDITORS = {"compliance", "approver", "administrator"}
TREASURY = {"treasury"}
CURRENCIES = {"treasury", "administrator"}
DECIDERS = {"approver", "administrator"}
MAKERS = {"support", "treasury"}
MANAGERS = {"administrator"}
TREASURY = {"treasury"}
LIMITERS = {"compliance"}

# Who may open a page, and who may send something to it.
EVERY_MODEL = {"delete": (NOBODY, NOBODY), "history": (ROLES, ROLES)}
LOOKED_AT = {
    "changelist": (ROLES, ROLES),
    "add": (NOBODY, NOBODY),
    "change": (ROLES, NOBODY),
}
PAGES = {
    "users_user": {
        "changelist": (ROLES, ROLES),
        "add": (PEOPLE, PEOPLE),
        "change": (ROLES, PEOPLE),
        "export": (ROLES, ROLES),
        "export_xlsx": (ROLES, ROLES),
        "open_wallet_here": (SUPPORT, SUPPORT),
        "delete_users_here": (HIDERS, HIDERS),
        "restore_users_here": (HIDERS, HIDERS),
        "reset_passwords_here": (MANAGERS, MANAGERS),
        "reset_second_factors_here": (MANAGERS, MANAGERS),
    },
    "users_apikey": {
        "changelist": (ROLES, ROLES),
        "add": (MANAGERS, MANAGERS),
        "change": (ROLES, NOBODY),
        "revoke_keys_here": (PEOPLE, PEOPLE),
    },
    "users_staffact": {
        "changelist": (AUDITORS, AUDITORS),
        "add": (NOBODY, NOBODY),
        "change": (AUDITORS, NOBODY),
        "export": (AUDITORS, AUDITORS),
        "export_xlsx": (AUDITORS, AUDITORS),
    },
    "wallets_wallet": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
        "export": (ROLES, ROLES),
        "export_xlsx": (ROLES, ROLES),
        "freeze_here": (FREEZERS, FREEZERS),
        "unfreeze_here": (FREEZERS, FREEZERS),
        "close_here": (SUPPORT, SUPPORT),
        "adjust_here": (MAKERS, MAKERS),
    },
    "wallets_limit": {
        "changelist": (ROLES, ROLES),
        "add": (LIMITERS, LIMITERS),
        "change": (ROLES, NOBODY),
        "end_here": (LIMITERS, LIMITERS),
    },
    "transactions_transaction": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
        "export": (ROLES, ROLES),
        "reverse_here": (MAKERS, MAKERS),
        "export_xlsx": (ROLES, ROLES),
    },
    "backoffice_approvalrequest": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
        "approve_here": (DECIDERS, DECIDERS),
        "reject_here": (DECIDERS, DECIDERS),
        "carry_out_here": (DECIDERS, DECIDERS),
    },
    "transactions_ledgeraudit": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
    },
    "transactions_hold": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
        "export": (ROLES, ROLES),
        "export_xlsx": (ROLES, ROLES),
        "void_here": (SUPPORT, SUPPORT),
    },
    "transactions_positionbook": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
        "hedge": (TREASURY, TREASURY),
    },
    "transactions_positionlimit": {
        "changelist": (ROLES, ROLES),
        "add": (TREASURY, TREASURY),
        "change": (ROLES, NOBODY),
    },
    "fx_feed": {
        "changelist": (ROLES, ROLES),
        "add": (TREASURY, TREASURY),
        "change": (ROLES, TREASURY),
    },
    "fx_feederror": LOOKED_AT,
    "fx_verdict": LOOKED_AT | {"close_here": (TREASURY, TREASURY)},
    "fx_pricingpolicy": {
        "changelist": (ROLES, ROLES),
        "add": (TREASURY, TREASURY),
        "change": (ROLES, NOBODY),
    },
    "fx_quote": LOOKED_AT,
    "fx_rate": {
        "changelist": (ROLES, ROLES),
        "add": (TREASURY, TREASURY),
        "change": (ROLES, NOBODY),
        "export": (ROLES, ROLES),
        "export_xlsx": (ROLES, ROLES),
    },
    "fx_currency": {
        "changelist": (ROLES, ROLES),
        "add": (CURRENCIES, CURRENCIES),
        "change": (ROLES, CURRENCIES),
    },
    "webhooks_event": {
        "changelist": (ROLES, ROLES),
        "add": (NOBODY, NOBODY),
        "change": (ROLES, NOBODY),
    },
}
ACTIONS = {
    "fx_verdict": {"close": TREASURY},
    "users_user": {
        "delete_users": HIDERS,
        "restore_users": HIDERS,
        "reset_passwords": MANAGERS,
        "reset_second_factors": MANAGERS,
    },
    "users_apikey": {"revoke_keys": PEOPLE},
    "wallets_wallet": {"freeze": FREEZERS, "unfreeze": FREEZERS, "close": SUPPORT},
    "transactions_hold": {"void": SUPPORT},
    "wallets_limit": {"end": LIMITERS},
}
# Pages that are about nobody's data: whoever has signed in may open them.
OPEN = {
    "index", "login", "logout", "password_change", "password_change_done", "jsi18n",
    "search", "app_list", "view_on_site", "autocomplete",
}  # fmt: skip


def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += names(pattern.url_patterns)
        elif pattern.name:
            found.append(pattern.name)
    return found


def table() -> dict[str, tuple[set[str], set[str]]]:
    return {
        f"{model}_{page}": roles
        for model, pages in PAGES.items()
        for page, roles in (EVERY_MODEL | pages).items()
    }


@pytest.fixture
def rows(seeded, alice, console, sam) -> dict[str, object]:
    """One row of everything, none of them staff's own."""
    key, _ = create_api_key(name="shop", scopes=["*"], owner=alice)
    act(console, "users/apikey", "revoke_keys", key)
    return {
        "users_user": alice.pk,
        "users_apikey": key.pk,
        "users_staffact": StaffAct.objects.first().pk,
        "wallets_wallet": Wallet.objects.filter(owner=alice).first().pk,
        "wallets_limit": at_most("1000.00 USD", per="operation", user=alice).pk,
        "transactions_transaction": Transaction.objects.first().pk,
        "transactions_hold": hold(alice, "1.00 USD").hold.pk,
        "transactions_positionbook": PositionBook.objects.create().pk,
        "transactions_positionlimit": limit("EUR", hard="100.00").pk,
        "fx_rate": Rate.objects.first().pk,
        "fx_feed": Feed.objects.create(name="desk", url="https://rates.example").pk,
        "backoffice_approvalrequest": asked_for(alice, sam).pk,
        "transactions_ledgeraudit": keep_audit(audit()).pk,
        "fx_currency": "USD",
        "webhooks_event": Event.objects.first().pk,
    }


def address(name: str, rows: dict[str, object]) -> str:
    [model] = [model for model in PAGES if name.startswith(f"{model}_")]
    page = name.removeprefix(f"{model}_")
    of_list = page in ("changelist", "add", "export", "export_xlsx", "hedge")
    # Whether one may is asked before whether it is there.
    row = rows.get(model, "nobody")
    return reverse(f"admin:{name}", args=[] if of_list else [row])


def refused(client: Client, url: str, method: str) -> bool:
    """Whether the page says no; a redirect to sign in says no as well."""
    answer = getattr(client, method)(url)
    # What is sent from a file is not read here.
    if answer.streaming:
        # To its end, where its file is closed.
        list(answer)
    if answer.status_code == 302 and "login" in answer["Location"]:
        return True
    assert answer.status_code in (200, 302, 403, 405), (url, answer.status_code)
    return answer.status_code == 403


class TestTable:
    def test_has_a_row_for_every_page_and_no_other(self):
        known = set(names(admin.site.get_urls())) - OPEN

        assert known == set(table())

    def test_names_the_roles_that_there_are(self, db):
        assert set(Group.objects.values_list("name", flat=True)) == ROLES

    @pytest.mark.parametrize("role", sorted(ROLES))
    def test_is_kept_by_every_page(self, rows, role):
        client = in_role(role)

        wrong = [
            (name, method)
            for name, (may_get, may_post) in table().items()
            for method, allowed in (("get", may_get), ("post", may_post))
            if refused(client, address(name, rows), method) == (role in allowed)
        ]

        assert wrong == []

    @pytest.mark.parametrize("role", sorted(ROLES))
    def test_is_kept_by_every_action(self, db, role):
        request = RequestFactory().get("/admin/")
        in_role(role)
        request.user = User.objects.get(username=role)

        offered = {
            model.replace(".", "_"): set(model_admin.get_actions(request))
            for model, model_admin in (
                (each._meta.label_lower, admin.site.get_model_admin(each))
                for each in admin.site._registry
            )
        }

        assert {model: found for model, found in offered.items() if found} == {
            model: found
            for model, actions in ACTIONS.items()
            if (found := {name for name, who in actions.items() if role in who})
        }

    def test_gives_nothing_to_staff_without_a_role(self, rows, carol):
        client = signed_in(carol)

        let_in = [
            (name, method)
            for name in table()
            if not name.endswith("_history")
            for method in ("get", "post")
            if not refused(client, address(name, rows), method)
        ]

        assert let_in == []

    def test_lets_nobody_in_who_has_not_signed_in(self, rows):
        client = Client()

        let_in = [
            (name, method)
            for name in [*table(), *(OPEN - {"login", "app_list", "view_on_site"})]
            for method in ("get", "post")
            if not refused(
                client,
                address(name, rows) if name in table() else reverse(f"admin:{name}"),
                method,
            )
        ]

        # Scripts' translations, and leaving, are for everybody.
        assert {name for name, _ in let_in} <= {"jsi18n", "logout"}


class TestAdministrator:
    def test_makes_no_superuser(self, alice):
        client = in_role("administrator")

        client.post(
            f"/admin/users/user/{alice.pk}/change/",
            {"external_id": "alice", "username": "alice", "is_superuser": "on"},
        )

        alice.refresh_from_db()
        assert (alice.username, alice.is_superuser) == ("alice", False)

    def test_does_not_touch_a_superuser_or_their_own_rights(self, sam):
        client = in_role("administrator")
        own = User.objects.get(username="administrator")

        for user in (sam, own):
            url = f"/admin/users/user/{user.pk}/change/"
            assert client.post(url, {"username": "other"}).status_code == 403
            act(client, "users/user", "reset_passwords", user)

        sam.refresh_from_db()
        assert sam.check_password("a long passphrase")
        own.refresh_from_db()
        assert own.check_password("a passphrase")
