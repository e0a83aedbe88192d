"""Previews: exactly what would happen, and nothing does."""

import pytest

from tests.domain import fund, holdings, transfer
from transactions.models import Entry, IdempotencyKey, Transaction
from wallets.models import Wallet
from webhooks.models import Event

pytestmark = pytest.mark.django_db

_OWN = {"transaction_id", "preview", "entries", "effective_at", "recorded_at"}


def rows():
    """Everything that a movement could write."""
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Transaction, Entry, IdempotencyKey, Event)
    ] + [list(Wallet.all_objects.order_by("pk").values_list())]


@pytest.fixture
def orders(alice, bob, rates):
    """A path and a body for each way in which money moves."""
    fund(alice, "100.00 USD")
    paid = transfer(alice, "10.00 USD", to=bob).transaction.id
    wallet = f"/v1/wallets/{alice.id}"
    money = {"currency": "USD", "amount": "5.00"}
    return {
        "fund": (f"{wallet}/fund", money),
        "fund in a new currency": (f"{wallet}/fund", money | {"currency": "EUR"}),
        "withdraw": (f"{wallet}/withdraw", money),
        "transfer": (f"{wallet}/transfer", money | {"to_user_id": str(bob.id)}),
        "convert": (
            f"{wallet}/convert",
            {"from_currency": "USD", "to_currency": "MXN", "amount": "5.00"},
        ),
        "reverse": (f"/v1/transactions/{paid}/reverse", {"reason": "x"}),
        "refund": (f"/v1/transactions/{paid}/refund", {"reason": "x", "amount": "1"}),
    }


class TestPreview:
    @pytest.mark.parametrize(
        "name",
        [
            "fund",
            "fund in a new currency",
            "withdraw",
            "transfer",
            "convert",
            "reverse",
            "refund",
        ],
    )
    def test_shows_what_then_happens_and_writes_nothing(self, platform, orders, name):
        path, body = orders[name]
        before = rows()

        preview = platform.post(path, body | {"preview": True}, idempotency_key="k")

        assert rows() == before
        real = platform.post(path, body, idempotency_key="k")
        assert (preview.status_code, real.status_code) == (200, 201)
        assert preview.json()["preview"] is True
        assert preview.json()["transaction_id"] is None
        shown, happened = preview.json(), real.json()
        assert {k: v for k, v in shown.items() if k not in _OWN} == {
            k: v for k, v in happened.items() if k not in _OWN
        }
        booked = platform.get(f"/v1/transactions/{happened['transaction_id']}").json()
        own = [
            entry
            for entry in booked["entries"]
            if name == "reverse" or entry["wallet_user_id"] == happened["user_id"]
        ]
        assert shown["entries"] == own

    def test_is_refused_like_the_real_thing_and_keeps_no_refusal(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/withdraw"
        body = {"currency": "USD", "amount": "5.00"}

        preview = platform.post(path, body | {"preview": True}, idempotency_key="k")
        fund(alice, "5.00 USD")
        real = platform.post(path, body, idempotency_key="k")

        assert preview.status_code == 422
        assert preview.json()["code"] == "insufficient_funds"
        assert real.status_code == 201

    def test_knows_a_taken_reference(self, platform, alice):
        fund(alice, "5.00 USD", reference="order-7")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            {
                "currency": "USD",
                "amount": "1",
                "reference": "order-7",
                "preview": True,
            },
        )

        assert answer.json()["code"] == "duplicate_reference"

    @pytest.mark.parametrize("preview", ["true", 1, None, "yes", []])
    def test_is_asked_for_by_true_and_by_nothing_else(self, platform, alice, preview):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            {"currency": "USD", "amount": "1", "preview": preview},
        )

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/preview"
        assert holdings(alice) == {}

    def test_by_false_is_the_real_thing(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund",
            {"currency": "USD", "amount": "1", "preview": False},
        )

        assert answer.status_code == 201
        assert holdings(alice) == {"USD": "1.00"}
