"""API keys: what they may do, whose things they see, and when they end."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.client import ApiClient, customer_client, platform_client
from tests.domain import fund, holdings, transfer
from users.models import ApiKey
from users.scopes import ALL_SCOPES, EVERYTHING
from users.services import create_api_key, revoke_api_key

pytestmark = pytest.mark.django_db

MONEY = {"currency": "USD", "amount": "1.00"}


class TestAuthentication:
    @pytest.mark.parametrize(
        "header",
        [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer é"],
    )
    def test_without_a_valid_key_is_refused(self, alice, header):
        client = ApiClient(None)
        headers = {} if header is None else {"authorization": header}

        answer = client.client.get(f"/v1/users/{alice.id}", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_ends_when_the_key_is_revoked(self, alice):
        key, token = create_api_key(name="x", scopes=[EVERYTHING])
        client = ApiClient(token)
        assert client.get("/v1/users").status_code == 200

        revoke_api_key(key, now=timezone.now())

        assert client.get("/v1/users").status_code == 401

    def test_ends_when_the_key_expires(self, time_machine):
        now = timezone.now()
        _, token = create_api_key(
            name="x", scopes=[EVERYTHING], expires_at=now + timedelta(hours=1)
        )
        client = ApiClient(token)
        assert client.get("/v1/users").status_code == 200

        time_machine.move_to(now + timedelta(hours=1))

        assert client.get("/v1/users").status_code == 401

    def test_keeps_no_secret(self, platform):
        key = ApiKey.objects.get()

        assert platform.token.encode() not in bytes(key.digest)
        assert key.prefix in platform.token
        assert len(platform.token.split("_", 2)[2]) == 43

    def test_notes_the_last_use_but_not_each(self, platform, django_assert_num_queries):
        platform.get("/v1/users")
        used_at = ApiKey.objects.get().last_used_at
        assert used_at is not None

        with django_assert_num_queries(2):
            platform.get("/v1/users")

        assert ApiKey.objects.get().last_used_at == used_at


# What each operation asks for: scope, and whether it is for the platform only.
OPERATIONS = [
    ("GET", "/v1/users", None, "users:read", True),
    ("POST", "/v1/users", {}, "users:write", True),
    ("GET", "/v1/users/{alice}", None, "users:read", False),
    ("PATCH", "/v1/users/{alice}", {}, "users:write", True),
    ("DELETE", "/v1/users/{carl}", None, "users:write", True),
    ("GET", "/v1/wallets/{alice}", None, "wallets:read", False),
    ("GET", "/v1/wallets/{alice}/USD", None, "wallets:read", False),
    ("GET", "/v1/wallets/{alice}/balances", None, "wallets:read", False),
    ("POST", "/v1/wallets/{alice}", {"currency": "EUR"}, "wallets:write", False),
    (
        "POST",
        "/v1/wallets",
        {"currency": "EUR", "user_id": "{alice}"},
        "wallets:write",
        False,
    ),
    ("POST", "/v1/wallets/{alice}/fund", MONEY, "transactions:write", True),
    ("POST", "/v1/wallets/{alice}/withdraw", MONEY, "transactions:write", False),
    (
        "POST",
        "/v1/wallets/{alice}/transfer",
        MONEY | {"to_user_id": "{bob}"},
        "transactions:write",
        False,
    ),
    (
        "POST",
        "/v1/wallets/{alice}/convert",
        {"from_currency": "USD", "to_currency": "EUR", "amount": "1.00"},
        "transactions:write",
        False,
    ),
    ("GET", "/v1/wallets/{alice}/transactions", None, "transactions:read", False),
    ("GET", "/v1/transactions", None, "transactions:read", True),
    ("GET", "/v1/transactions/{paid}", None, "transactions:read", False),
    (
        "POST",
        "/v1/transactions/{paid}/reverse",
        {"reason": "x"},
        "transactions:write",
        True,
    ),
    (
        "POST",
        "/v1/transactions/{paid}/refund",
        {"reason": "x", "amount": "1.00"},
        "transactions:write",
        True,
    ),
    ("GET", "/v1/currencies", None, "fx:read", False),
    ("GET", "/v1/rates?base=USD&quote=EUR", None, "fx:read", False),
    (
        "GET",
        "/v1/rates/history?base=USD&quote=EUR&from=2026-01-01&to=2026-01-02",
        None,
        "fx:read",
        False,
    ),
    ("GET", "/v1/trial-balance", None, "transactions:read", True),
    ("GET", "/v1/events", None, "events:read", True),
]
NAMES = [f"{method} {path}" for method, path, *_ in OPERATIONS]


@pytest.fixture
def world(alice, bob, rates):
    """Alice and Bob with money, one payment between them, and Carl to be deleted."""
    from tests.factories import CustomerFactory

    fund(alice, "100.00 USD")
    paid = transfer(alice, "1.00 USD", to=bob)
    carl = CustomerFactory(name="Carl")
    return {
        "alice": alice.id,
        "bob": bob.id,
        "carl": carl.id,
        "paid": paid.transaction.id,
    }


def send(client, world, method, path, body):
    text = json.dumps(body or {})
    for name, value in world.items():
        text = text.replace(f"{{{name}}}", str(value))
        path = path.replace(f"{{{name}}}", str(value))
    if method == "GET":
        return client.get(path)
    return client.send(method, path, text)


class TestScopes:
    @pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
    def test_allow_with_the_scope(self, world, operation):
        method, path, body, scope, _ = operation

        answer = send(platform_client((scope,)), world, method, path, body)

        assert answer.status_code in (200, 201), answer.content

    @pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
    def test_refuse_with_every_other_scope(self, world, operation):
        method, path, body, scope, _ = operation
        others = tuple(ALL_SCOPES - {scope, EVERYTHING})

        answer = send(platform_client(others), world, method, path, body)

        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert scope in answer.json()["detail"]

    @pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
    def test_of_a_customer_do_their_own_things_only(self, world, alice, operation):
        method, path, body, _, platform_only = operation

        answer = send(customer_client(alice), world, method, path, body)

        if platform_only:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        else:
            assert answer.status_code in (200, 201), answer.content


class TestForeignThings:
    """Somebody else's resource reads exactly as one that never existed."""

    FOREIGN = [op for op in OPERATIONS if "{alice}" in op[1] and not op[4]]

    @pytest.mark.parametrize("operation", FOREIGN, ids=[op[1] for op in FOREIGN])
    def test_are_as_if_they_were_not_there(self, world, bob, alice, operation):
        method, path, body, *_ = operation
        client = customer_client(bob)
        before = holdings(alice)

        theirs = send(client, world, method, path, body)
        nobodys = send(client, world | {"alice": uuid4()}, method, path, body)

        assert theirs.status_code == nobodys.status_code == 404
        for answer in theirs, nobodys:
            assert answer.json()["code"] == "user_not_found"
        assert _anonymous(theirs) == _anonymous(nobodys)
        assert holdings(alice) == before

    def test_hold_for_transactions_too(self, world, alice, bob, rates):
        theirs = fund(alice, "1.00 USD").transaction.id
        client = customer_client(bob)

        answers = [client.get(f"/v1/transactions/{id_}") for id_ in (theirs, uuid4())]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert _anonymous(answers[0]) == _anonymous(answers[1])

    def test_of_a_payment_show_the_payee_their_side_only(self, alice, bob):
        fund(alice, "100.00 USD")
        paid = transfer(
            alice,
            "1.00 USD",
            to=bob,
            reference="order-7",
            metadata={"note": "for my eyes"},
            idempotency_key="k",
            description="Dinner",
        )

        seen = (
            customer_client(bob).get(f"/v1/transactions/{paid.transaction.id}").json()
        )

        assert [entry["wallet_user_id"] for entry in seen["entries"]] == [str(bob.id)]
        assert seen["description"] == "Dinner"
        assert (seen["reference"], seen["metadata"], seen["idempotency_key"]) == (
            None,
            {},
            None,
        )

    def test_in_the_body_are_as_if_they_were_not_there(self, world, bob):
        client = customer_client(bob)
        body = {"currency": "EUR"}

        answers = [
            client.post("/v1/wallets", body | {"user_id": str(id_)})
            for id_ in (world["alice"], uuid4())
        ]

        assert [answer.status_code for answer in answers] == [404, 404]


def _anonymous(answer):
    """The body without what names this very request."""
    body = answer.json()
    return {k: v for k, v in body.items() if k not in ("instance", "request_id")}


class TestCommand:
    def test_prints_a_key_that_works(self, capsys):
        call_command("create_api_key", name="CI", scopes="users:read, wallets:read")

        token = capsys.readouterr().out.splitlines()[-1]
        assert ApiClient(token).get("/v1/users").status_code == 200

    def test_prints_json_for_a_customer(self, alice, capsys):
        call_command("create_api_key", name="A", scopes="*", user="alice", json=True)

        made = json.loads(capsys.readouterr().out)
        client = ApiClient(made["api_key"])
        assert client.get(f"/v1/users/{alice.id}").status_code == 200
        assert client.get("/v1/users").status_code == 403

    def test_limits_the_days(self, capsys):
        call_command("create_api_key", name="CI", scopes="*", days=7)

        expires_at = ApiKey.objects.get().expires_at
        assert timedelta(days=6) < expires_at - timezone.now() < timedelta(days=8)

    @pytest.mark.parametrize(
        "options",
        [
            {"scopes": "users:fly"},
            {"scopes": ""},
            {"scopes": "*", "user": "nobody"},
            {"scopes": "*", "user": str(uuid4())},
            {"scopes": "*", "days": 0},
            {"scopes": "*", "days": -3},
        ],
    )
    def test_refuses_what_makes_no_key(self, options):
        with pytest.raises(CommandError):
            call_command("create_api_key", name="x", **options)

        assert not ApiKey.objects.exists()
