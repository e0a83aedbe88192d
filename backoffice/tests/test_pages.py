"""Every page opens, costs the same for many rows, and survives what is typed at it."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.admin.events import EVENT_TYPES
from backoffice.admin.html import wallet_name
from backoffice.tests.conftest import signed_in, staff_in
from fx.models import Rate
from transactions.postings import Instruction
from transactions.services import fund
from users.models import User
from users.services import create_api_key
from wallets import services
from wallets.models import Wallet
from wallets.services import create_user
from webhooks.models import Event

LISTS = [
    "users/user",
    "users/apikey",
    "wallets/wallet",
    "wallets/limit",
    "transactions/transaction",
    "transactions/hold",
    "fx/rate",
    "fx/currency",
    "fx/feed",
    "fx/feederror",
    "fx/verdict",
    "fx/pricingpolicy",
    "fx/quote",
    "webhooks/event",
]


FORMS = [
    "users/user",
    "users/apikey",
    "wallets/limit",
    "transactions/positionlimit",
    "fx/rate",
    "fx/currency",
    "fx/feed",
    "fx/pricingpolicy",
]


def customer_with_everything(number: int) -> None:
    user = create_user(external_id=f"customer-{number}", name=f"Customer {number}")
    fund(Instruction(), user.id, "USD", Decimal("10.00"))
    create_api_key(name=f"key {number}", scopes=["users:read"], owner=user)


def queries_for(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


class TestForms:
    @pytest.mark.parametrize("model", FORMS)
    def test_have_no_field_without_the_looks_of_the_console(self, console, model):
        form = console.get(f"/admin/{model}/add/").context["adminform"].form

        bare = [
            name
            for name, field in form.fields.items()
            if type(field.widget).__module__ == "django.forms.widgets"
        ]
        assert bare == []


class TestHeadings:
    def test_name_the_row(self, console, alice):
        wallet = Wallet.objects.get(owner=alice)

        def heading(path: str) -> str:
            return console.get(f"/admin/{path}/change/").context["subtitle"]

        assert heading(f"users/user/{alice.pk}") == str(alice)
        assert heading(f"wallets/wallet/{wallet.pk}") == wallet_name(wallet)


class TestLists:
    @pytest.mark.parametrize("model", LISTS)
    def test_open(self, console, seeded, model):
        answer = console.get(f"/admin/{model}/")

        assert answer.status_code == 200
        assert "FX Payment Processor" in answer.content.decode()

    def test_count_what_is_ticked_and_offer_no_other_pages(self, console, monkeypatch):
        monkeypatch.setattr(admin.site.get_model_admin(User), "list_per_page", 2)
        for number in range(3):
            customer_with_everything(number)

        page = console.get("/admin/users/user/").content.decode()

        # Django's script fails on every page without it.
        assert '<span class="action-counter" data-actions-icnt="2">0 of 2' in page
        assert "across all pages" not in page

    def test_of_people_tell_what_staff_may_do_in_one_query(self, console):
        console.get("/admin/users/user/")
        before = queries_for(console, "/admin/users/user/")
        both = staff_in("support", "erin")
        both.groups.add(Group.objects.get(name="approver"))
        staff_in("treasury", "otto")

        page = console.get("/admin/users/user/").content.decode()

        assert "erin: approver, support" in page
        assert "otto: treasury" in page
        assert queries_for(console, "/admin/users/user/") == before

    @pytest.mark.parametrize("model", LISTS)
    def test_cost_the_same_for_3_and_for_30_rows(self, console, seeded, model):
        for number in range(3):
            customer_with_everything(number)
        console.get(f"/admin/{model}/")
        few = queries_for(console, f"/admin/{model}/")

        for number in range(3, 33):
            customer_with_everything(number)

        assert queries_for(console, f"/admin/{model}/") == few

    @pytest.mark.parametrize("model", LISTS)
    def test_count_no_table(self, console, seeded, model):
        with CaptureQueriesContext(connection) as captured:
            console.get(f"/admin/{model}/")

        assert not [q["sql"] for q in captured if "COUNT(" in q["sql"].upper()]

    @pytest.mark.parametrize("model", LISTS)
    @pytest.mark.parametrize(
        "query",
        [
            "q=%00",
            "q=' OR 1=1",
            "q=" + "a" * 5000,
            "q=" + "0" * 32,
            "q=------",
            "q=9999-12-31",
            "q=0001-01-01",
            "q=%25_%5C",
            "q=019",
            "q=EUR/",
            "p=0",
            "p=99999999999999999999",
            "p=x",
            "p=101",
            "all=",
            "o=1.2",
            "_facets=True",
            "type=%00",
            "type__exact=%00",
            "currency=%00",
            "deleted=maybe",
            "recorded_at__gte=yesterday",
            "provider=%00",
            "purpose=house",
            "purpose=%27",
            "staff=yes",
            "password__startswith=p",
            "digest__gt=0",
            "owner__password__startswith=p",
            "api_keys__digest__gt=0",
        ],
    )
    def test_survive_what_is_typed(self, console, seeded, model, query):
        answer = console.get(f"/admin/{model}/?{query}", follow=True)

        assert answer.status_code in (200, 400)

    def test_say_that_there_is_more_without_saying_how_much(self, console, db):
        for number in range(52):
            create_api_key(name=f"key {number}", scopes=["users:read"])

        first = console.get("/admin/users/apikey/").content.decode()
        second = console.get("/admin/users/apikey/?p=2").content.decode()

        assert "more than 50 API keys" in first
        assert "52 API keys" in second
        assert "key 51 " in first
        assert "key 0 " in second

    @pytest.mark.parametrize("page", ["0", "101", "-1", "000000101"])
    def test_never_show_the_whole_table(self, console, db, page):
        for number in range(52):
            create_api_key(name=f"key {number}", scopes=["users:read"])

        answer = console.get(f"/admin/users/apikey/?p={page}", follow=True)

        assert len(answer.context["cl"].result_list) == 50

    @pytest.mark.parametrize(
        ("address", "number"),
        [
            ("users/user/?staff=yes", 1),
            ("users/user/?staff=no", 2),
            ("users/user/?deleted=no", 3),
            ("users/user/?deleted=yes", 0),
            ("wallets/wallet/", 3),
            ("wallets/wallet/?currency=MXN", 1),
            ("wallets/wallet/?purpose=house", 10),
            ("wallets/wallet/?purpose=house&currency=MXN", 5),
            ("wallets/wallet/?purpose=cash", 2),
            ("wallets/wallet/?status__exact=frozen", 0),
            ("wallets/wallet/?deleted=no", 3),
            ("transactions/transaction/?type__exact=fund", 1),
            ("fx/rate/?provider=ecb", 2),
            ("fx/currency/?enabled__exact=0", 0),
            ("webhooks/event/?type=transaction.posted", 3),
        ],
    )
    def test_are_narrowed_by_filters(self, console, seeded, address, number):
        answer = console.get(f"/admin/{address}")

        assert len(answer.context["cl"].result_list) == number

    def test_refuse_to_be_filtered_by_secrets(self, console, alice):
        create_api_key(name="k", scopes=["*"], owner=alice)

        users = console.get("/admin/users/user/?password__startswith=!")
        keys = console.get("/admin/users/apikey/?prefix__startswith=a")

        assert (users.status_code, keys.status_code) == (400, 400)


class TestAddPages:
    @pytest.mark.parametrize("model", ["wallets/limit", "users/user", "users/apikey"])
    @pytest.mark.parametrize(
        "query", ["user=nobody", "wallet=1", "name=Eve", "owner=x"]
    )
    def test_take_nothing_from_the_address(self, console, db, model, query):
        empty = console.get(f"/admin/{model}/add/").context["adminform"].form.initial

        answer = console.get(f"/admin/{model}/add/?{query}")

        assert answer.context["adminform"].form.initial == empty


class TestChangePages:
    def test_open(self, console, seeded, alice):
        key, _ = create_api_key(name="shop", scopes=["*"], owner=alice)
        rows = [
            *(("transactions/transaction", row) for row in seeded),
            *(("wallets/wallet", row) for row in Wallet.all_objects.all()),
            *(("webhooks/event", row) for row in Event.objects.all()),
            ("users/user", alice),
            ("users/apikey", key),
            ("fx/rate", Rate.objects.first()),
        ]

        for model, row in rows:
            assert console.get(f"/admin/{model}/{row.pk}/change/").status_code == 200
        assert console.get("/admin/fx/currency/USD/change/").status_code == 200

    @pytest.mark.parametrize("model", LISTS)
    @pytest.mark.parametrize("row", ["_00", "nobody", "0" * 32, "1" * 300])
    def test_of_nothing_lead_back(self, console, db, model, row):
        answer = console.get(f"/admin/{model}/{row}/change/")

        assert answer.status_code == 302

    @pytest.mark.parametrize("model", LISTS)
    @pytest.mark.parametrize("action", ["freeze", "delete_users", "revoke_keys"])
    def test_survive_actions_on_no_rows(self, console, seeded, model, action):
        answer = console.post(
            f"/admin/{model}/",
            {"action": action, "_selected_action": ["nobody", "1"]},
            follow=True,
        )

        assert answer.status_code == 200

    def test_show_a_conversion_with_its_figures(self, console, seeded):
        conversion = seeded[-1]

        page = console.get(
            f"/admin/transactions/transaction/{conversion.pk}/change/"
        ).content.decode()

        assert "100.00 USD" in page
        assert "45 bps" in page
        assert "house fx_income MXN" in page
        assert "EUR/MXN" in page
        assert "transaction.posted" in page
        assert "USD of Alice" in page

    def test_show_no_price_where_there_is_none(self, console, seeded):
        page = console.get(f"/admin/transactions/transaction/{seeded[0].pk}/change/")

        assert "Mid rate" not in page.content.decode()

    def test_show_the_history_of_a_deleted_user(self, console, seeded, alice):
        act_url = f"/admin/users/user/{alice.pk}/change/"
        console.post(
            "/admin/users/user/",
            {"action": "delete_users", "_selected_action": [alice.pk]},
        )

        page = console.get(act_url).content.decode()

        assert "895.00 USD" in page
        assert "Conversion" in page
        assert 'name="_save"' not in page


class TestSearch:
    def find(self, console, model: str, term: str) -> int:
        answer = console.get(f"/admin/{model}/", {"q": term})
        return len(answer.context["cl"].result_list)

    def test_finds_users(self, console, alice, bob):
        for term in (str(bob.pk), str(bob.pk)[:35], "bob", "Bob", "bob@exam"):
            assert self.find(console, "users/user", term) == 1

    def test_finds_wallets_by_owner(self, console, alice, bob):
        for term in (str(bob.pk), "bob", "bob@example.com"):
            assert self.find(console, "wallets/wallet", term) == 1

    def test_finds_transactions(self, console, seeded, bob):
        today = f"{seeded[0].recorded_at:%Y-%m-%d}"

        expected = {str(seeded[0].pk): 1, "bob": 1, "alice@example.com": 3, today: 3}

        for term, number in expected.items():
            assert self.find(console, "transactions/transaction", term) == number

    def test_finds_a_transaction_by_its_reference(self, console, alice):
        fund(Instruction(reference="INV-7"), alice.id, "USD", Decimal("1.00"))

        for term in ("INV-7", "INV-", "nv-7"):
            assert self.find(console, "transactions/transaction", term) == 1
        assert self.find(console, "transactions/transaction", "INV-8") == 0

    def test_finds_keys_by_the_key_itself(self, console, db):
        key, token = create_api_key(name="shop", scopes=["*"])
        create_api_key(name="other", scopes=["*"])

        for term in (token, key.prefix, f"fxk_{key.prefix}", "sho"):
            assert self.find(console, "users/apikey", term) == 1

    def test_finds_rates_and_events(self, console, seeded):
        assert self.find(console, "fx/rate", "eur/mxn") == 1
        assert self.find(console, "webhooks/event", str(seeded[0].pk)) == 1


class TestHouseAccounts:
    def test_show_what_their_entries_add_up_to(self, console, seeded):
        rows = console.get("/admin/wallets/wallet/?purpose=cash")

        assert "1,000.00 USD" in rows.content.decode()

    def test_show_it_on_their_own_page(self, console, seeded):
        cash = Wallet.objects.get(purpose="cash", currency="USD")

        page = console.get(f"/admin/wallets/wallet/{cash.pk}/change/")

        assert "1,000.00 USD" in page.content.decode()


class TestStaffWithoutPermissions:
    def test_see_nothing(self, carol, seeded):
        client = signed_in(carol)

        assert "have permission to view" in client.get("/admin/").content.decode()
        for model in LISTS:
            assert client.get(f"/admin/{model}/").status_code == 403

    def test_and_customers_are_sent_to_sign_in(self, alice):
        answer = signed_in(alice).get("/admin/users/user/")

        assert answer.status_code == 302


class TestEventFilter:
    def test_knows_all_types(self, console, seeded, alice, bob):
        wallet = Wallet.objects.get(owner=bob)
        services.freeze_wallet(wallet.pk)
        services.unfreeze_wallet(wallet.pk)
        services.update_user(bob.pk, {"name": "Robert"})

        assert set(Event.objects.values_list("type", flat=True)) <= set(EVENT_TYPES)
