"""Reversals and refunds: corrections only add."""

from datetime import timedelta
from uuid import uuid4

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
from transactions.models import Entry, Transaction
from wallets.models import Wallet
from wallets.services import (
    close_wallet,
    delete_user,
    freeze_wallet,
    open_wallet,
)

pytestmark = pytest.mark.django_db


def undo(client, posted, action, **body):
    """Ask the API to undo a transaction; the body has a reason unless told."""
    path = f"/v1/transactions/{posted.transaction.id}/{action}"
    return client.post(path, {"reason": "By mistake"} | body)


def refusal(answer):
    return answer.status_code, answer.json()["code"]


class TestReverse:
    def test_takes_back_a_transfer_entry_by_entry(self, platform, alice, bob):
        #      cash USD              Alice USD             Bob USD
        #   100.00 |              30.00 | 100.00        30.00 | 30.00
        #                                |  30.00
        fund(alice, "100.00 USD")
        paid = transfer(alice, "30.00 USD", to=bob)

        answer = undo(platform, paid, "reverse", reference="r-1")

        assert answer.status_code == 201
        assert answer.json()["reverses"] == str(paid.transaction.id)
        assert answer.json()["description"] == "By mistake"
        assert [
            (e["wallet_user_id"], e["side"], e["amount"], e["balance_after"])
            for e in answer.json()["entries"]
        ] == [
            (str(alice.id), "credit", "30.00", "100.00"),
            (str(bob.id), "debit", "30.00", "0.00"),
        ]
        assert holdings(alice) == {"USD": "100.00"}
        assert holdings(bob) == {}

    def test_takes_back_money_in_and_money_out(self, alice):
        funded = fund(alice, "100.00 USD")
        withdrawn = withdraw(alice, "40.00 USD")

        reverse(withdrawn)
        reverse(funded)

        assert holdings(alice) == {}
        assert house() == {"cash USD": "0.00"}

    def test_takes_back_a_conversion_at_its_own_rate(self, alice, rates, settings):
        charge("45")
        fund(alice, "100.00 USD")
        converted = convert(alice, "100.00 USD", to="MXN")

        reverse(converted)

        assert holdings(alice) == {"USD": "100.00"}
        assert set(house().values()) == {"100.00", "0.00"}

    def test_leaves_the_original_as_it_was_and_shows_what_undid_it(
        self, platform, alice
    ):
        funded = fund(alice, "100.00 USD")
        before = list(Entry.objects.order_by("line").values_list())
        path = f"/v1/transactions/{funded.transaction.id}"
        assert platform.get(path).json()["reversed_by"] is None

        undone = reverse(funded)

        of_funded = Entry.objects.filter(transaction=funded.transaction)
        assert list(of_funded.order_by("line").values_list()) == before
        assert platform.get(path).json()["reversed_by"] == str(undone.transaction.id)
        [newest, _] = platform.get(f"/v1/wallets/{alice.id}/transactions").json()[
            "data"
        ]
        assert newest["reverses"] == str(funded.transaction.id)

    def test_happens_once(self, platform, alice):
        funded = fund(alice, "100.00 USD")
        fund(alice, "100.00 USD")

        answers = [undo(platform, funded, "reverse") for _ in range(2)]

        assert answers[0].status_code == 201
        assert refusal(answers[1]) == (409, "already_reversed")
        assert holdings(alice) == {"USD": "100.00"}

    def test_is_refused_when_the_receiver_has_spent_it(self, platform, alice, bob):
        fund(alice, "100.00 USD")
        paid = transfer(alice, "30.00 USD", to=bob)
        withdraw(bob, "0.01 USD")

        answer = undo(platform, paid, "reverse")

        assert refusal(answer) == (422, "insufficient_funds")
        assert answer.json()["available"] == "29.99"

    def test_of_a_reversal_is_refused(self, platform, alice):
        undone = reverse(fund(alice, "100.00 USD"))

        assert refusal(undo(platform, undone, "reverse")) == (422, "not_reversible")

    def test_of_a_refunded_payment_is_refused(self, platform, alice, bob):
        fund(alice, "100.00 USD")
        paid = transfer(alice, "30.00 USD", to=bob)
        given_back = refund(paid, "1.00")

        assert refusal(undo(platform, paid, "reverse")) == (422, "not_reversible")
        assert refusal(undo(platform, given_back, "reverse")) == (422, "not_reversible")

    def test_of_a_conversion_ends_with_its_window(
        self, platform, alice, rates, settings, time_machine
    ):
        settings.FX_REVERSAL_WINDOW = timedelta(minutes=30)
        fund(alice, "100.00 USD")
        converted = convert(alice, "100.00 USD", to="MXN")
        recorded_at = converted.transaction.recorded_at

        time_machine.move_to(recorded_at + timedelta(minutes=30, seconds=1))
        late = undo(platform, converted, "reverse")
        time_machine.move_to(recorded_at + timedelta(minutes=29))
        in_time = undo(platform, converted, "reverse")

        assert refusal(late) == (422, "reversal_window_passed")
        assert late.json()["until"].startswith(
            (recorded_at + timedelta(minutes=30)).isoformat()[:16]
        )
        assert in_time.status_code == 201

    def test_touches_no_frozen_closed_or_deleted_wallet(self, platform, alice, bob):
        in_euros = fund(alice, "5.00 EUR")
        withdraw(alice, "5.00 EUR")
        closed = Wallet.objects.get(owner=alice, currency="EUR")
        frozen = fund(alice, "100.00 USD")
        of_bob = fund(bob, "1.00 USD")
        close_wallet(closed.id, now=timezone.now())
        freeze_wallet(Wallet.objects.get(owner=alice, currency="USD").id)
        delete_user(bob.id, now=timezone.now())

        codes = [
            refusal(undo(platform, posted, "reverse"))
            for posted in (in_euros, frozen, of_bob)
        ]

        assert codes == [
            (404, "wallet_not_found"),
            (422, "wallet_frozen"),
            (404, "user_deleted"),
        ]

    def test_takes_no_other_wallet_for_one_that_was_closed(self, platform, alice):
        posted = fund(alice, "5.00 EUR")
        withdraw(alice, "5.00 EUR")
        close_wallet(posted.entries[1].wallet_id, now=timezone.now())
        open_wallet(alice.id, "EUR")

        answer = undo(platform, posted, "reverse")

        assert refusal(answer) == (404, "wallet_not_found")
        assert answer.json()["detail"] == "The EUR wallet of then was closed since."

    def test_needs_a_transaction_and_a_reason(self, platform, alice):
        funded = fund(alice, "1.00 USD")

        nowhere = platform.post(f"/v1/transactions/{uuid4()}/reverse", {"reason": "x"})
        silent = platform.post(f"/v1/transactions/{funded.transaction.id}/reverse", {})

        assert refusal(nowhere) == (404, "not_found")
        assert silent.json()["errors"][0]["pointer"] == "/reason"

    def test_takes_no_version_of_a_wallet(self, platform, alice):
        funded = fund(alice, "1.00 USD")
        path = f"/v1/transactions/{funded.transaction.id}/reverse"

        answer = platform.post(path, {"reason": "x"}, if_match='"1"')

        assert refusal(answer) == (400, "malformed_request")

    def test_is_the_platforms_to_do(self, as_alice, alice):
        funded = fund(alice, "1.00 USD")

        assert refusal(undo(as_alice, funded, "reverse")) == (403, "forbidden")

    def test_is_answered_again_under_its_key(self, platform, alice):
        funded = fund(alice, "1.00 USD")
        path = f"/v1/transactions/{funded.transaction.id}/reverse"

        answers = [
            platform.post(path, {"reason": "x"}, idempotency_key="k") for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert Transaction.objects.count() == 2


class TestRefund:
    @pytest.fixture
    def paid(self, alice, bob):
        fund(alice, "100.00 USD")
        return transfer(alice, "30.00 USD", to=bob)

    def test_in_three_parts_gives_all_of_it_back(self, platform, paid, alice, bob):
        #     Alice USD                  Bob USD
        #   30.00 | 100.00             10.00 | 30.00
        #         |  10.00             19.99 |
        #         |  19.99              0.01 |
        #         |   0.01
        path = f"/v1/transactions/{paid.transaction.id}"
        left = [platform.get(path).json()["refundable"]]

        for amount in ("10.00", "19.99", "0.01"):
            answer = undo(platform, paid, "refund", amount=amount)
            assert answer.status_code == 201
            assert answer.json()["refunds"] == str(paid.transaction.id)
            left.append(platform.get(path).json()["refundable"])

        assert left == ["30.00", "20.00", "0.01", "0.00"]
        assert len(platform.get(path).json()["refunded_by"]) == 3
        assert holdings(alice) == {"USD": "100.00"}
        assert holdings(bob) == {}

    def test_answers_with_what_the_giver_has_left(self, platform, paid, alice, bob):
        answer = undo(platform, paid, "refund", amount="10").json()

        assert {
            "type": "refund",
            "user_id": str(bob.id),
            "to_user_id": str(alice.id),
            "amount": "10.00",
            "new_balance": "20.00",
            "description": "By mistake",
        }.items() <= answer.items()

    def test_is_never_more_than_was_paid(self, platform, paid, bob):
        fund(bob, "100.00 USD")
        refund(paid, "20.00")

        answer = undo(platform, paid, "refund", amount="10.01")

        assert refusal(answer) == (422, "refund_too_large")
        assert (answer.json()["left"], answer.json()["currency"]) == ("10.00", "USD")

    def test_needs_the_money_to_be_there(self, platform, paid, bob):
        withdraw(bob, "25.00 USD")

        answer = undo(platform, paid, "refund", amount="5.01")

        assert refusal(answer) == (422, "insufficient_funds")

    def test_is_for_transfers(self, platform, alice, rates):
        posted = [fund(alice, "1.00 USD"), buy(alice, "10 JPY", with_="USD")]

        answers = [undo(platform, one, "refund", amount="1") for one in posted]

        assert [refusal(answer) for answer in answers] == [(422, "not_reversible")] * 2

    def test_of_a_reversed_payment_is_refused(self, platform, paid):
        reverse(paid)

        answer = undo(platform, paid, "refund", amount="1.00")

        assert refusal(answer) == (409, "already_reversed")
        path = f"/v1/transactions/{paid.transaction.id}"
        assert platform.get(path).json()["refundable"] == "0.00"

    @pytest.mark.parametrize("amount", ["0", "-1", "1.001", None])
    def test_refuses_amounts_that_are_none(self, platform, paid, amount):
        answer = undo(platform, paid, "refund", amount=amount)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/amount"
