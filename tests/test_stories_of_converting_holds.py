"""Accounting stories of holds that convert. T-accounts in the comments."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fx.models import FixedSide, Quote
from tests.domain import (
    capture,
    charge,
    fund,
    hold_converting,
    holdings,
    house,
    publish_rates,
    reserved,
    reverse,
    void,
)
from tests.test_audit import broken, sabotage
from transactions import services
from transactions.errors import NotReversible
from transactions.explain import explain
from transactions.models import Conversion, Hold
from transactions.postings import Instruction
from transactions.queries import held
from wallets.models import Wallet

pytestmark = pytest.mark.django_db

LOCKS = {"30s": "0", "24h": "40"}


@pytest.fixture
def priced(rates):
    """Five basis points, and what a lock costs."""
    charge("5", locks=LOCKS)


def targets():
    return [row.target_amount for row in Conversion.objects.order_by("transaction_id")]


class TestConvertingHold:
    def test_captured_in_three_parts_leaves_no_unit_over(self, alice, bob, priced):
        # One dollar is 16 pesos, less 45 basis points: 10.00 are 159.28, and the
        # spread is 0.72. A third of that is 53.09(33) and 0.24.
        #
        #    Alice USD      fx_position USD     fx_position MXN     Bob MXN   fx_income
        #   3.33 | 10.00         |  3.33         53.27 |           | 53.04      | 0.23
        #   3.33 |               |  3.33         53.28 |           | 53.04      | 0.24
        #   3.34 |               |  3.34         53.45 |           | 53.20      | 0.25
        fund(alice, "10.00 USD")
        placed = hold_converting(alice, "10.00 USD", into="MXN", to=bob)
        assert placed.hold.quote.target_amount == Decimal("159.28")
        publish_rates({"USD": "1", "MXN": "5"})

        for part in ("3.33", "3.33", None):
            capture(placed, part)

        assert targets() == [Decimal("53.04"), Decimal("53.04"), Decimal("53.20")]
        assert holdings(bob) == {"MXN": "159.28"}
        assert holdings(alice) == {}
        assert house() == {
            "cash USD": "10.00",
            "fx_position USD": "10.00",
            "fx_position MXN": "-160.00",
            "fx_income MXN": "0.72",
        }

    def test_pays_the_house_abroad_out_of_its_cash_there(self, alice, priced):
        # Nobody has held a yen before: the house's accounts come with the promise.
        fund(alice, "10.00 USD")

        posted = capture(hold_converting(alice, "10.00 USD", into="JPY"))

        assert house()["cash JPY"] == f"-{posted.conversion.target_amount:.0f}"

    @pytest.mark.parametrize("reader", ["platform", "as_alice", "as_bob"])
    @pytest.mark.parametrize("whose", ["alice", "bob"])
    def test_is_in_both_histories(self, request, alice, bob, priced, reader, whose):
        # Of the two currencies each of the two has an entry in one.
        fund(alice, "10.00 USD")
        capture(hold_converting(alice, "10.00 USD", into="JPY", to=bob))
        user = {"alice": alice, "bob": bob}[whose]
        client = request.getfixturevalue(reader)

        answer = client.get(f"/v1/wallets/{user.id}/transactions", type="capture")

        if reader not in ("platform", f"as_{whose}"):
            assert answer.status_code == 404
            return
        [shown] = answer.json()["data"]
        [entry] = shown["entries"]
        assert entry["wallet_user_id"] == str(user.id)
        if reader == "as_bob":
            assert shown["conversion"] is shown["fee"] is None
        else:
            assert shown["conversion"]["to_currency"] == "JPY"
            assert shown["fee"] == "0.00"

    def test_to_oneself_is_a_conversion_to_come(self, alice, priced):
        fund(alice, "10.00 USD")

        capture(hold_converting(alice, "10.00 USD", into="MXN", to=alice))

        assert holdings(alice) == {"MXN": "159.28"}

    def test_final_part_gets_its_share_and_no_more(self, alice, bob, priced):
        fund(alice, "10.00 USD")
        placed = hold_converting(alice, "10.00 USD", into="MXN", to=bob)

        capture(placed, "3.33", final=True)

        assert holdings(bob) == {"MXN": "53.04"}
        assert reserved(alice)["USD"] == ("0.00", "6.67")

    def test_fee_is_that_of_a_conversion_and_shared_as_well(self, alice, bob, rates):
        charge(
            "0",
            locks={"24h": "0"},
            fees=[{"operation": "conversion", "currency": "USD", "fixed": "0.10"}],
        )
        fund(alice, "10.10 USD")
        placed = hold_converting(alice, "10.00 USD", into="MXN", to=bob)
        assert reserved(alice)["USD"] == ("10.10", "0.00")

        for part in ("3.33", "3.33", None):
            capture(placed, part)

        assert holdings(alice) == {}
        assert house()["fee_income USD"] == "0.10"

    def test_is_reversed_at_its_own_rate_and_never_refunded(
        self, alice, bob, priced, settings
    ):
        fund(alice, "10.00 USD")
        placed = hold_converting(alice, "10.00 USD", into="MXN", to=bob)
        first, second = capture(placed, "5.00"), capture(placed)
        with pytest.raises(NotReversible):
            services.refund(Instruction(), first.transaction.id, Decimal(1))

        reverse(first)
        settings.FX_REVERSAL_WINDOW = timedelta(0)
        with pytest.raises(Exception, match="could be reversed until"):
            reverse(second)

        assert holdings(alice) == {"USD": "5.00"}
        assert holdings(bob) == {"MXN": "79.64"}

    def test_refuses_a_part_that_buys_nothing_yet(self, alice, bob, rates):
        charge("0", locks=LOCKS)
        publish_rates({"JPY": "150", "KWD": "0.4"})
        fund(alice, "2 JPY")
        placed = hold_converting(alice, "2 JPY", into="EUR", to=bob)

        with pytest.raises(Exception, match="buy nothing yet"):
            capture(placed, "1")
        capture(placed)

        assert holdings(bob) == {"EUR": "0.01"}

    def test_voided_costs_nothing(self, alice, bob, priced):
        fund(alice, "10.00 USD")

        void(hold_converting(alice, "10.00 USD", into="MXN", to=bob))

        assert reserved(alice)["USD"] == ("0.00", "10.00")


class TestAnyParts:
    @settings(
        max_examples=15,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        cents=st.integers(1, 400),
        cuts=st.lists(st.integers(1, 100), max_size=5),
        into=st.sampled_from(["MXN", "JPY", "KWD", "EUR"]),
    )
    def test_add_up_to_what_was_agreed(self, alice, bob, priced, cents, cuts, into):
        amount = Decimal(cents) / 100
        fund(alice, f"{amount:.2f} USD")
        before = holdings(bob).get(into, "0")
        try:
            placed = hold_converting(alice, f"{amount:.2f} USD", into=into, to=bob)
        except Exception as error:
            assert "smallest unit" in str(error)  # noqa: PT017
            return

        for cut in cuts:
            left = held(placed.hold.id).hold.left
            part = min(left - Decimal("0.01"), Decimal(cut) / 100)
            if part > 0:
                try:
                    capture(placed, f"{part:.2f}")
                except Exception as error:
                    assert "buy nothing" in str(error)  # noqa: PT017
        capture(placed)

        got = Decimal(holdings(bob)[into]) - Decimal(before)
        assert got == placed.hold.quote.target_amount
        assert Wallet.objects.get(owner=alice, currency="USD").held == 0


class TestExplanation:
    def test_does_each_capture_again(self, alice, bob, priced):
        fund(alice, "10.00 USD")
        placed = hold_converting(alice, "10.00 USD", into="MXN", to=bob)
        posted = [capture(placed, part) for part in ("3.33", "3.33", None)]

        for one in posted:
            explained = explain(one.transaction.id)
            assert explained.matches, explained
        assert explained.steps[-2].calculation == (
            "159.28 MXN x 10.00 / 10.00, rounded down: 159.28 MXN, "
            "less 106.08 MXN of earlier captures"
        )

    @pytest.mark.books_are_broken
    def test_finds_a_quote_that_its_rates_do_not_give(self, alice, bob, priced):
        fund(alice, "10.00 USD")
        capture(hold_converting(alice, "10.00 USD", into="MXN", to=bob))
        sabotage("UPDATE transactions_conversion SET mid_rate = mid_rate + 1")

        assert "conversions_recompute" in broken()

    @pytest.mark.books_are_broken
    @pytest.mark.parametrize(
        "change",
        [
            "target_amount = target_amount - 0.01, residual = residual + 0.01",
            "spread_amount = spread_amount + 0.01",
            "client_rate = client_rate + 0.1",
            "residual = residual + 1",
            "source_amount = source_amount - 1",
        ],
    )
    def test_audit_finds_a_capture_that_is_not_its_share(
        self, alice, bob, priced, change
    ):
        fund(alice, "10.00 USD")
        capture(hold_converting(alice, "10.00 USD", into="MXN", to=bob), "5.00")
        sabotage(f"UPDATE transactions_conversion SET {change}")

        assert "captures_are_shares_of_their_holds" in broken()

    @pytest.mark.books_are_broken
    @pytest.mark.parametrize("change", ["amount = amount + 1", "fee = fee + 1"])
    def test_audit_finds_a_hold_that_is_not_its_quote(self, alice, priced, change):
        fund(alice, "10.00 USD")
        hold_converting(alice, "5.00 USD", into="MXN")
        assert broken() == set()
        sabotage(f"UPDATE transactions_hold SET {change}")

        assert "quotes_are_kept" in broken()


class TestQuote:
    @pytest.fixture
    def quote(self, alice, priced):
        fund(alice, "20.00 USD")
        return services.quote(
            alice.id, "USD", "MXN", Decimal("10.00"), FixedSide.SOURCE, "30s"
        )

    def test_is_used_by_one_hold(self, platform, alice, bob, quote):
        order = {"user_id": str(alice.id), "quote_id": str(quote.id)}

        first = platform.post("/v1/holds", order | {"to_user_id": str(bob.id)})
        second = platform.post("/v1/holds", order)
        converted = platform.post(
            f"/v1/wallets/{alice.id}/convert", {"quote_id": str(quote.id)}
        )

        told = first.json()
        assert first.status_code == 201
        assert told["quote_id"] == str(quote.id)
        assert (told["amount"], told["to_amount"]) == ("10.00", "159.92")
        assert (told["to_currency"], told["fx_rate"]) == ("MXN", "15.992")
        for refused in (second, converted):
            assert refused.json()["code"] == "quote_already_used"
        assert platform.get(f"/v1/quotes/{quote.id}").json()["hold_id"] == told["id"]

    def test_of_somebody_else_is_not_there(self, platform, bob, quote):
        order = {"user_id": str(bob.id), "quote_id": str(quote.id)}

        answer = platform.post("/v1/holds", order)

        assert answer.json()["code"] == "not_found"

    def test_stays_open_when_the_hold_is_refused(self, platform, alice, quote):
        order = {"user_id": str(alice.id), "quote_id": str(quote.id)}
        void_by_spending = {"currency": "USD", "amount": "15.00"}
        platform.post(f"/v1/wallets/{alice.id}/withdraw", void_by_spending)

        refused = platform.post("/v1/holds", order)

        assert refused.json()["code"] == "insufficient_funds"
        assert Quote.objects.get(pk=quote.id).status == "open"

    @pytest.mark.parametrize("spare", ["currency", "amount", "to_currency"])
    def test_says_by_itself_how_much_of_what(self, platform, alice, quote, spare):
        value = "1.00" if spare == "amount" else "EUR"
        order = {"user_id": str(alice.id), "quote_id": str(quote.id), spare: value}

        answer = platform.post("/v1/holds", order)

        [error] = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (f"/{spare}", "one_of")

    def test_preview_leaves_it_open(self, platform, alice, quote):
        order = {"user_id": str(alice.id), "quote_id": str(quote.id)}

        platform.post("/v1/holds", order | {"preview": True})

        assert Quote.objects.get(pk=quote.id).status == "open"
        assert Hold.objects.count() == 0


class TestPlacing:
    @pytest.fixture
    def order(self, alice, bob):
        fund(alice, "20.00 USD")
        return {
            "user_id": str(alice.id),
            "currency": "USD",
            "amount": "10.00",
            "to_currency": "MXN",
            "to_user_id": str(bob.id),
        }

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"to_currency": "USD"}, "same_currency"),
            ({"to_currency": "XXX"}, "unsupported_currency"),
            ({"to_currency": "CHF"}, "rate_unavailable"),
            ({"amount": "20.01"}, "insufficient_funds"),
            ({"currency": "EUR"}, "wallet_not_found"),
        ],
    )
    def test_refuses(self, platform, order, priced, change, code):
        answer = platform.post("/v1/holds", order | change)

        assert answer.json()["code"] == code, answer.json()
        assert Quote.objects.count() == Hold.objects.count() == 0

    def test_needs_a_promise_on_offer(self, platform, order, rates):
        answer = platform.post("/v1/holds", order)

        assert answer.json()["code"] == "lock_not_offered"

    def test_costs_what_a_lock_of_its_length_costs(self, platform, order, priced):
        soon = platform.post("/v1/holds", order | {"amount": "1", "expires_in": 20})
        later = platform.post("/v1/holds", order | {"amount": "1", "expires_in": 40})

        assert [one.json()["fx_rate"] for one in (soon, later)] == ["15.992", "15.928"]

    def test_and_capturing_replay_word_for_word(self, platform, order, priced):
        first = platform.post("/v1/holds", order, idempotency_key="k")
        path = f"/v1/holds/{first.json()['id']}"
        part = {"amount": "3.33"}
        paid = platform.post(f"{path}/capture", part, idempotency_key="l")
        ended = platform.post(f"{path}/void", idempotency_key="m")

        assert platform.post("/v1/holds", order, idempotency_key="k").content == (
            first.content
        )
        assert platform.post(f"{path}/capture", part, idempotency_key="l").content == (
            paid.content
        )
        assert platform.post(f"{path}/void", idempotency_key="m").content == (
            ended.content
        )
        assert paid.json()["conversion"]["to_amount"] == "53.04"
        read = platform.get(path).json()
        assert read["to_amount"] == "159.28"
        assert read["captures"]["data"][0]["conversion"]["to_amount"] == "53.04"
