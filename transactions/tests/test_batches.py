"""Batches: many movements in one request, in effect one after the other."""

import inspect
from decimal import Decimal

import pytest

from tests.domain import (
    at_most,
    charge,
    convert,
    fund,
    holdings,
    house,
    limit,
    transfer,
    withdraw,
)
from tests.factories import CustomerFactory
from transactions.models import Batch, Entry, IdempotencyKey, LimitUse, Transaction
from transactions.services import post_batch
from wallets.models import Wallet
from webhooks.models import Event

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-7000-8000-00000000dead"


def item(type_, user, money, **more):
    amount, currency = money.split()
    said = {"type": type_, "user_id": str(user.id), "amount": amount}
    return said | {"currency": currency} | more


def paying(payer, money, to, **more):
    return item("transfer", payer, money, to_user_id=str(to.id), **more)


def converting(user, money, to, **more):
    amount, currency = money.split()
    return {
        "type": "conversion",
        "user_id": str(user.id),
        "from_currency": currency,
        "to_currency": to,
        "from_amount": amount,
    } | more


def send(client, *items, atomic=True, **more):
    key = more.pop("key", None)
    headers = {"idempotency_key": key} if key else {}
    body = {"items": list(items), "atomic": atomic, **more}
    return client.post("/v1/batches", body, **headers)


def codes(answer):
    """What each item was told: the code of a refusal, or `posted`."""
    return [
        one.get("problem", {}).get("code", "posted") for one in answer.json()["results"]
    ]


def written():
    """Everything that a batch could write."""
    models = (Transaction, Entry, IdempotencyKey, Event, Batch, LimitUse)
    return [list(m.objects.order_by("pk").values_list()) for m in models] + [
        list(Wallet.all_objects.order_by("pk").values_list())
    ]


class TestItems:
    @pytest.mark.parametrize("atomic", [True, False])
    def test_take_effect_in_their_order(self, platform, alice, bob, rates, atomic):
        answer = send(
            platform,
            item("fund", alice, "100.00 USD"),
            paying(alice, "60.00 USD", bob),
            converting(bob, "50.00 USD", "EUR"),
            item("withdrawal", bob, "40.00 EUR"),
            atomic=atomic,
        )

        assert answer.status_code == 201, answer.content
        assert codes(answer) == ["posted"] * 4
        assert holdings(alice) == {"USD": "40.00"}
        assert holdings(bob) == {"USD": "10.00"}

    def test_are_answered_like_requests_by_themselves(
        self, platform, alice, bob, rates
    ):
        charge("25", fees=[{"operation": "transfer", "fixed": "1", "currency": "USD"}])
        carol = CustomerFactory()
        wallet = f"/v1/wallets/{alice.id}"
        usd = {"currency": "USD"}
        pair = {"from_currency": "USD", "to_currency": "MXN", "from_amount": "7.00"}
        words = {"reference": "r", "description": "d", "metadata": {"k": "v"}}
        alone = [
            platform.post(f"{wallet}/fund", usd | {"amount": "90.00"} | words),
            platform.post(
                f"{wallet}/transfer",
                usd | {"amount": "5.00", "to_user_id": str(bob.id)},
            ),
            platform.post(f"{wallet}/convert", pair),
            platform.post(f"{wallet}/withdraw", usd | {"amount": "3.00"}),
        ]

        answer = send(
            platform,
            item("fund", carol, "90.00 USD", **words),
            paying(carol, "5.00 USD", bob),
            converting(carol, "7.00 USD", "MXN"),
            item("withdrawal", carol, "3.00 USD"),
        )

        own = {"transaction_id", "user_id", "effective_at", "recorded_at"}
        together = [one["transaction"] for one in answer.json()["results"]]
        for single, one in zip(alone, together, strict=True):
            assert {k: v for k, v in one.items() if k not in own} == {
                k: v for k, v in single.json().items() if k not in own
            }

    def test_of_one_wallet_leave_no_gap(self, platform, alice):
        funds = [item("fund", alice, "1.00 USD") for _ in range(1_100)]

        answer = send(platform, *funds, item("withdrawal", alice, "1100.00 USD"))

        assert answer.status_code == 201
        entries = Entry.objects.filter(wallet__owner=alice).order_by("wallet_version")
        versions = list(entries.values_list("wallet_version", flat=True))
        balances = list(entries.values_list("balance_after", flat=True))
        assert versions == list(range(1, 1_102))
        assert balances == [*map(Decimal, range(1, 1_101)), Decimal(0)]
        assert holdings(alice) == {}

    def test_have_an_event_each(self, platform, alice, bob):
        send(platform, item("fund", alice, "9.00 USD"), paying(alice, "1.00 USD", bob))

        posted = Event.objects.filter(type="transaction.posted").order_by("id")
        assert [event.data["type"] for event in posted] == ["fund", "transfer"]

    def test_bear_fees(self, platform, alice):
        charge(fees=[{"operation": "fund", "fixed": "1", "currency": "USD"}])

        answer = send(
            platform,
            item("fund", alice, "10.00 USD"),
            item("fund", alice, "1.00 USD"),
            atomic=False,
        )

        assert codes(answer) == ["posted", "amount_too_small"]
        assert holdings(alice) == {"USD": "9.00"}
        assert house()["fee_income USD"] == "1.00"

    def test_keep_to_limits_of_positions(self, platform, alice, rates):
        fund(alice, "1000.00 USD")
        limit("USD", soft="50", hard="100")

        answer = send(
            platform,
            converting(alice, "60.00 USD", "MXN"),
            converting(alice, "60.00 USD", "MXN"),
            converting(alice, "2000.00 USD", "MXN"),
            converting(alice, "40.00 USD", "MXN"),
            atomic=False,
        )

        assert codes(answer) == ["posted", "limit_exceeded", "limit_exceeded", "posted"]
        passed = Event.objects.filter(type="position.soft_limit_passed")
        assert [event.data["position"] for event in passed] == ["60.00"]


class TestAtomic:
    def test_is_refused_as_a_whole_by_one_item(self, platform, alice, bob):
        fund(alice, "10.00 USD")
        before = written()

        answer = send(
            platform,
            item("fund", alice, "5.00 EUR", reference="first"),
            paying(alice, "10.00 USD", bob),
            item("withdrawal", alice, "0.01 USD"),
            item("fund", alice, "1.00 USD"),
        )

        assert answer.status_code == 422
        problem = answer.json()
        assert (problem["code"], problem["index"]) == ("insufficient_funds", 2)
        assert (problem["available"], problem["required"]) == ("0.00", "0.01")
        assert written() == before

    def test_says_where_a_currency_has_fewer_decimals(self, platform, alice):
        answer = send(
            platform,
            item("fund", alice, "1 JPY"),
            item("fund", alice, "1.5 JPY"),
        )

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/items/1/amount", "too_precise")
        assert holdings(alice) == {}

    def test_refuses_a_reference_twice(self, platform, alice, bob):
        before = written()

        answer = send(
            platform,
            item("fund", alice, "1.00 USD", reference="r"),
            item("fund", bob, "1.00 USD", reference="r"),
            item("fund", alice, "1.00 USD", reference="r"),
        )

        assert answer.status_code == 409
        problem = answer.json()
        assert (problem["code"], problem["index"]) == ("duplicate_reference", 2)
        assert written() == before

    @pytest.mark.django_db(transaction=True)
    def test_is_refused_while_a_part_of_it_is_being_written(
        self, platform, alice, monkeypatch
    ):
        """In a transaction of its own, which nobody looks at, as outside of tests."""
        monkeypatch.setattr(inspect.getmodule(post_batch), "AT_ONCE", 2)
        fund(alice, "10.00 USD")
        before = written()

        answer = send(
            platform,
            *[item("fund", alice, "5.00 EUR")] * 5,
            item("withdrawal", alice, "10.01 USD"),
        )

        assert answer.status_code == 422
        assert answer.json()["index"] == 5
        assert written() == before
        assert send(platform, item("fund", alice, "5.00 EUR")).status_code == 201


class TestNotAtomic:
    def test_has_a_result_for_each_item(self, platform, alice, bob):
        fund(alice, "10.00 USD", reference="old")
        unknown = item("fund", alice, "1.00 USD") | {"user_id": NOBODY}

        answer = send(
            platform,
            paying(alice, "10.01 USD", bob),
            paying(alice, "10.00 USD", alice),
            unknown,
            item("withdrawal", alice, "1.00 EUR"),
            item("fund", alice, "1.00 USD", reference="old"),
            item("fund", alice, "1.00 XXX"),
            item("fund", alice, "1.234 USD"),
            paying(alice, "10.00 USD", bob),
            item("withdrawal", alice, "0.01 USD"),
            atomic=False,
        )

        assert answer.status_code == 201
        assert codes(answer) == [
            "insufficient_funds",
            "same_user",
            "user_not_found",
            "wallet_not_found",
            "duplicate_reference",
            "unsupported_currency",
            "validation_error",
            "posted",
            "insufficient_funds",
        ]
        counts = [answer.json()[f"{kind}_count"] for kind in ("posted", "refused")]
        assert counts == [1, 8]
        assert holdings(bob) == {"USD": "10.00"}

    def test_may_be_refused_item_by_item(self, platform, alice):
        answer = send(platform, *[paying(alice, "1.00 USD", alice)] * 2, atomic=False)

        assert codes(answer) == ["same_user", "same_user"]
        assert set(Batch.objects.get().refusals) == {"0", "1"}
        assert not Transaction.objects.exists()

    def test_goes_on_behind_a_chunk_that_was_refused(
        self, platform, alice, monkeypatch
    ):
        monkeypatch.setattr(inspect.getmodule(post_batch), "AT_ONCE", 2)
        refused = item("withdrawal", alice, "1.00 USD")
        paid = item("fund", alice, "1.00 USD")

        answer = send(platform, refused, refused, paid, paid, refused, atomic=False)

        assert codes(answer) == ["insufficient_funds"] * 2 + ["posted"] * 3
        assert holdings(alice) == {"USD": "1.00"}

    def test_leaves_no_trace_of_what_was_refused(self, platform, alice, bob):
        at_most("5.00 USD", per="day")

        answer = send(
            platform,
            item("fund", alice, "6.00 USD", reference="r"),
            # Would open a wallet, and would have been the first of its series.
            paying(bob, "1.00 EUR", alice),
            converting(bob, "1.00 USD", "GBP"),
            item("fund", alice, "5.00 USD", reference="r"),
            item("fund", alice, "0.01 USD"),
            atomic=False,
        )

        assert codes(answer) == [
            "limit_exceeded",
            "wallet_not_found",
            "rate_unavailable",
            "posted",
            "limit_exceeded",
        ]
        assert holdings(alice) == {"USD": "5.00"}
        assert set(Wallet.objects.filter(owner=bob).values_list("currency")) == {
            ("USD",)
        }
        assert [use.total_amount for use in LimitUse.objects.all()] == [5]

    def test_counts_the_past_of_whoever_is_refused_later(self, platform, alice, bob):
        """A series catches up with the past when it is first asked; see the audit."""
        fund(alice, "10.00 USD")
        at_most("15.00 USD", per="day")

        answer = send(
            platform,
            item("fund", alice, "6.00 USD"),
            item("fund", bob, "1.00 USD"),
            atomic=False,
        )

        assert codes(answer) == ["limit_exceeded", "posted"]
        assert not LimitUse.objects.filter(series__user_id=alice.id).exists()
        fund(alice, "5.00 USD")
        uses = LimitUse.objects.filter(series__user_id=alice.id).order_by("number")
        assert [use.total_amount for use in uses] == [10, 15]

    def test_limits_what_leaves_a_wallet_that_it_opens(self, platform, alice):
        at_most("5.00 GBP", per="day", type="withdrawal")

        answer = send(
            platform,
            item("fund", alice, "9.00 GBP"),
            item("withdrawal", alice, "5.00 GBP"),
            item("withdrawal", alice, "0.01 GBP"),
            atomic=False,
        )

        assert codes(answer) == ["posted", "posted", "limit_exceeded"]

    def test_opens_a_wallet_when_money_arrives_there(self, platform, alice, bob):
        fund(alice, "3.00 GBP")

        answer = send(
            platform,
            item("withdrawal", bob, "1.00 GBP"),
            paying(alice, "2.00 GBP", bob),
            item("withdrawal", bob, "1.00 GBP"),
            paying(bob, "1.00 GBP", alice),
            atomic=False,
        )

        assert codes(answer) == ["wallet_not_found", "posted", "posted", "posted"]
        opened = Event.objects.filter(type="wallet.opened", user_id=bob.id)
        assert [e.data["currency"] for e in opened].count("GBP") == 1
        assert holdings(alice) == {"GBP": "2.00"}


class TestTheSameAsOneByOne:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("at_once", [1, 100])
    def test_over_many_wallets(self, platform, alice, bob, rates, at_once, monkeypatch):
        """The same movements as requests of their own leave the same books.

        One by one, each has to ask for something while the one before is written: a
        rate, or to open a wallet.
        """
        monkeypatch.setattr(inspect.getmodule(post_batch), "AT_ONCE", at_once)
        charge("30", fees=[{"operation": "withdrawal", "bps": "100"}])
        at_most("40.00 USD", per="day", type="withdrawal")
        carol, dan = CustomerFactory(), CustomerFactory()
        fund(alice, "50.00 USD")
        withdraw(alice, "30.00 USD")
        convert(alice, "10.00 USD", to="JPY")
        transfer(alice, "5.00 USD", to=bob)

        send(
            platform,
            item("fund", carol, "50.00 USD"),
            item("withdrawal", carol, "30.00 USD"),
            converting(carol, "10.00 USD", "JPY"),
            paying(carol, "5.00 USD", dan),
        )

        assert holdings(carol) == holdings(alice)
        assert holdings(dan) == holdings(bob)
        halves = [Decimal(amount) / 2 for amount in house().values()]
        assert all(half == half.quantize(Decimal("0.01")) for half in halves)
