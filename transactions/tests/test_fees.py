"""Fees: lines of their own, a field of their own, and part of what must be there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.domain import (
    buy,
    charge,
    convert,
    fund,
    holdings,
    house,
    refund,
    reverse,
    transfer,
    withdraw,
)
from transactions.errors import NotReversible
from transactions.models import Transaction
from wallets.services import update_user

pytestmark = pytest.mark.django_db

# Everything costs one dollar and one percent; a VIP pays half a percent.
FEES = [
    {"operation": operation, "currency": "USD", "fixed": "1.00", "bps": "100"}
    for operation in ("fund", "withdrawal", "transfer", "conversion")
] + [
    {"operation": operation, "currency": "USD", "tier": "vip", "bps": "50"}
    for operation in ("fund", "withdrawal", "transfer", "conversion")
]


@pytest.fixture
def rich(alice, rates):
    """Alice with 1,000 dollars from the time when nothing cost anything."""
    fund(alice, "1000.00 USD")
    charge(fees=FEES)
    return alice


def lines(posted):
    """The entries as an accountant writes them."""
    return [
        f"{entry.side} {entry.wallet.purpose} {entry.wallet.money(entry.amount)}"
        for entry in posted.entries
    ]


def order(name, bob):
    """Path and body of each movement of ten dollars."""
    money = {"currency": "USD", "amount": "10.00"}
    return {
        "fund": ("fund", money),
        "withdrawal": ("withdraw", money),
        "transfer": ("transfer", money | {"to_user_id": str(bob.id)}),
        "conversion": (
            "convert",
            {"from_currency": "USD", "to_currency": "MXN", "from_amount": "10.00"},
        ),
    }[name]


def ask(client, user, name, bob, *, more=None, **headers):
    action, body = order(name, bob)
    return client.post(
        f"/v1/wallets/{user.id}/{action}", body | (more or {}), **headers
    )


MOVEMENTS = ["fund", "withdrawal", "transfer", "conversion"]


class TestEntries:
    def test_of_a_fund(self, rich):
        posted = fund(rich, "100.00 USD")

        assert lines(posted) == [
            "debit cash 100.00 USD",
            "credit customer 98.00 USD",
            "credit fee_income 2.00 USD",
        ]

    def test_of_a_withdrawal(self, rich):
        posted = withdraw(rich, "100.00 USD")

        assert lines(posted) == [
            "debit customer 102.00 USD",
            "credit cash 100.00 USD",
            "credit fee_income 2.00 USD",
        ]

    def test_of_a_transfer_whose_payer_bears_it(self, rich, bob):
        posted = transfer(rich, "100.00 USD", to=bob)

        assert lines(posted) == [
            "debit customer 102.00 USD",
            "credit customer 100.00 USD",
            "credit fee_income 2.00 USD",
        ]
        assert holdings(bob) == {"USD": "100.00"}

    def test_of_a_conversion_in_what_is_sold(self, rich):
        charge("45", fees=FEES)

        posted = convert(rich, "100.00 USD", to="MXN")

        assert lines(posted) == [
            "debit customer 102.00 USD",
            "credit fx_position 100.00 USD",
            "credit fee_income 2.00 USD",
            "debit fx_position 1600.00 MXN",
            "credit customer 1592.80 MXN",
            "credit fx_income 7.20 MXN",
        ]

    def test_of_a_purchase_on_what_it_costs(self, rich):
        # 1600 pesos are 100 dollars.
        posted = buy(rich, "1600.00 MXN", with_="USD")

        assert lines(posted)[:3] == [
            "debit customer 102.00 USD",
            "credit fx_position 100.00 USD",
            "credit fee_income 2.00 USD",
        ]

    def test_have_no_line_where_there_is_no_fee(self, rich, bob):
        posted = fund(bob, "100 JPY")

        assert lines(posted) == ["debit cash 100 JPY", "credit customer 100 JPY"]
        assert "fee_income JPY" not in house()


class TestAnswer:
    @pytest.mark.parametrize(
        ("name", "balance"),
        [("fund", "1008.90"), ("withdrawal", "988.90"), ("transfer", "988.90")],
    )
    def test_tells_the_amount_the_fee_and_what_is_left(
        self, platform, rich, bob, name, balance
    ):
        answer = ask(platform, rich, name, bob)

        assert answer.status_code == 201
        shown = answer.json()
        assert (shown["amount"], shown["fee"]) == ("10.00", "1.10")
        assert shown["new_balance"] == balance
        read = platform.get(f"/v1/transactions/{shown['transaction_id']}").json()
        assert read["fee"] == "1.10"

    def test_of_a_conversion_has_it_beside_what_is_sold(self, platform, rich, bob):
        shown = ask(platform, rich, "conversion", bob).json()

        assert (shown["from_amount"], shown["fee"]) == ("10.00", "1.10")
        assert shown["balances"] == {"USD": "988.90", "MXN": "160.00"}

    @pytest.mark.parametrize("name", MOVEMENTS)
    def test_says_zero_at_the_currencys_scale_where_there_is_none(
        self, platform, rich, bob, name
    ):
        charge()

        assert ask(platform, rich, name, bob).json()["fee"] == "0.00"

    @pytest.mark.parametrize("name", MOVEMENTS)
    def test_depends_on_the_tier(self, platform, rich, bob, name):
        update_user(rich.id, {"tier": "vip"})

        assert ask(platform, rich, name, bob).json()["fee"] == "0.05"

    @pytest.mark.parametrize("name", MOVEMENTS)
    def test_is_word_for_word_the_first_when_the_policy_has_changed(
        self, platform, rich, bob, name
    ):
        first = ask(platform, rich, name, bob, idempotency_key="k")
        charge("300", fees=[FEES[0] | {"fixed": "7.00"}])

        again = ask(platform, rich, name, bob, idempotency_key="k")

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.content == first.content

    @pytest.mark.parametrize("name", MOVEMENTS)
    def test_is_previewed(self, platform, rich, bob, name):
        shown = ask(platform, rich, name, bob, more={"preview": True}).json()
        told = ask(platform, rich, name, bob).json()

        assert shown["fee"] == told["fee"] == "1.10"
        assert shown.get("new_balance") == told.get("new_balance")
        [own] = [entry for entry in shown["entries"] if entry["currency"] == "USD"]
        assert own["amount"] == ("8.90" if name == "fund" else "11.10")

    @pytest.mark.parametrize("name", MOVEMENTS)
    def test_goes_with_if_match(self, platform, rich, bob, name):
        late = ask(platform, rich, name, bob, If_Match='"7"')
        right = ask(platform, rich, name, bob, If_Match='"1"')

        assert (late.status_code, late.json()["version"]) == (412, 1)
        assert (right.status_code, right.json()["fee"]) == (201, "1.10")

    def test_is_the_payers_affair(self, as_alice, as_bob, rich, bob):
        paid = ask(as_alice, rich, "transfer", bob).json()["transaction_id"]

        as_payer, as_payee = (
            client.get(f"/v1/transactions/{paid}").json()
            for client in (as_alice, as_bob)
        )

        assert (as_payer["fee"], as_payee["fee"]) == ("1.10", None)
        # What can be given back is what was paid, and not what it cost to pay.
        assert as_payer["refundable"] == as_payee["refundable"] == "10.00"
        for client, user in ((as_alice, rich), (as_bob, bob)):
            path = f"/v1/wallets/{user.id}/transactions"
            assert client.get(path).json()["data"][0]["refundable"] == "10.00"


class TestFunds:
    @pytest.mark.parametrize("name", ["withdrawal", "transfer", "conversion"])
    @pytest.mark.parametrize("left", ["11.09", "11.10"])
    def test_must_suffice_for_the_fee_as_well(self, platform, rich, bob, name, left):
        charge()
        withdraw(rich, f"{Decimal(1000) - Decimal(left)} USD")
        charge(fees=FEES)

        answer = ask(platform, rich, name, bob)

        if left == "11.10":
            assert answer.status_code == 201
            assert "USD" not in holdings(rich)
        else:
            assert answer.json()["code"] == "insufficient_funds"
            assert answer.json()["required"] == "11.10"
            assert answer.json()["available"] == "11.09"

    @pytest.mark.parametrize("amount", ["0.01", "1.00", "1.01"])
    def test_that_the_fee_would_take_whole_do_not_arrive(self, platform, rich, amount):
        answer = platform.post(
            f"/v1/wallets/{rich.id}/fund", {"currency": "USD", "amount": amount}
        )

        assert answer.status_code == 422
        assert answer.json()["code"] == "amount_too_small"
        assert answer.json()["fee"] == ("1.01" if amount != "1.01" else "1.02")
        assert holdings(rich) == {"USD": "1000.00"}

    def test_that_the_fee_leaves_a_unit_of_arrive(self, rich):
        fund(rich, "1.03 USD")

        assert holdings(rich) == {"USD": "1000.01"}

    def test_beyond_what_the_books_hold_are_refused(self, platform, rich):
        most = "99999999999999999999.99"
        charge(fees=[{"operation": "withdrawal", "currency": "USD", "fixed": most}])

        answer = platform.post(
            f"/v1/wallets/{rich.id}/withdraw", {"currency": "USD", "amount": most}
        )

        assert answer.json()["code"] == "insufficient_funds"
        assert answer.json()["required"] == "199999999999999999999.98"


class TestUndoing:
    @pytest.mark.parametrize("move", [fund, withdraw])
    def test_by_a_reversal_gives_the_fee_back(self, rich, move):
        before = house()

        undone = reverse(move(rich, "100.00 USD"))

        assert holdings(rich) == {"USD": "1000.00"}
        assert house() == before | {"fee_income USD": "0.00"}
        assert undone.transaction.fee == 0

    def test_of_a_transfer_and_a_conversion_by_a_reversal_gives_it_back(
        self, rich, bob
    ):
        reverse(transfer(rich, "100.00 USD", to=bob))
        reverse(convert(rich, "100.00 USD", to="MXN"))

        assert holdings(rich) == {"USD": "1000.00"}
        assert holdings(bob) == {}
        assert house()["fee_income USD"] == "0.00"

    def test_by_a_refund_keeps_it(self, platform, rich, bob):
        paid = transfer(rich, "100.00 USD", to=bob)

        refund(paid, "40.00")
        left = platform.get(f"/v1/transactions/{paid.transaction.id}").json()
        refund(paid, "60.00")

        assert left["refundable"] == "60.00"
        assert holdings(rich) == {"USD": "998.00"}
        assert house()["fee_income USD"] == "2.00"
        with pytest.raises(NotReversible):
            reverse(paid)

    def test_charges_nothing_itself(self, platform, rich, bob):
        paid = transfer(rich, "100.00 USD", to=bob)

        refund(paid, "10.00")

        newest = Transaction.objects.latest("recorded_at")
        assert (newest.type, newest.fee) == ("refund", 0)


class TestPolicy:
    def test_charges_from_its_instant_on(self, platform, rich, bob):
        body = {
            "document": {"spreads": [{"bps": "0"}]},
            "effective_at": (timezone.now() + timedelta(hours=1)).isoformat(),
            "reason": "Everything is free.",
        }
        assert platform.post("/v1/pricing-policies", body).status_code == 201
        assert ask(platform, rich, "fund", bob).json()["fee"] == "1.10"

        del body["effective_at"]
        platform.post("/v1/pricing-policies", body)

        assert ask(platform, rich, "fund", bob).json()["fee"] == "0.00"

    def test_keeps_the_fee_with_the_transaction(self, rich):
        posted = fund(rich, "100.00 USD")

        assert Transaction.objects.get(pk=posted.transaction.pk).fee == Decimal(2)
