"""Using a quote: once, by its own user, in time, and to the unit as it was promised."""

from datetime import timedelta
from uuid import uuid4

import pytest

from fx.models import Currency, Quote
from fx.services import expire_quotes
from tests.domain import (
    charge,
    convert_at,
    fund,
    holdings,
    house,
    promise,
    publish_rates,
    reverse,
)
from tests.test_audit import sabotage
from transactions.models import Transaction
from transactions.tests.test_quotes import FEES, LOCKS, ORDER, ask, refusal
from wallets.models import Wallet
from wallets.services import (
    delete_user,
    freeze_wallet,
    restore_user,
    unfreeze_wallet,
    update_user,
)
from webhooks.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich(alice, rates):
    """Alice with 1,000 dollars; a dollar is 16 pesos or 120 yen at mid."""
    fund(alice, "1000.00 USD")
    charge("45", locks=LOCKS, fees=FEES)
    return alice


def use(client, user, quote_id, *, more=None, **headers):
    body = {"quote_id": str(quote_id)} | (more or {})
    return client.post(f"/v1/wallets/{user.id}/convert", body, **headers)


def let_expire(quote_id):
    """Its end moves back behind the database's clock, and nobody else's."""
    sabotage(
        "UPDATE fx_quote SET expires_at = clock_timestamp() WHERE id = %s", [quote_id]
    )


def status(quote_id):
    return Quote.objects.get(pk=quote_id).status


class TestUse:
    def test_books_what_was_promised_though_rate_policy_and_tier_moved(
        self, platform, rich
    ):
        promised = ask(platform, rich).json()
        publish_rates({"USD": "2", "MXN": "10"}, age=timedelta(0))
        charge("300", fees=[])
        update_user(rich.id, {"tier": "vip"})

        answer = use(platform, rich, promised["id"])

        assert answer.status_code == 201
        told = answer.json()
        for name in (
            *("from_amount", "to_amount", "fee", "mid_rate", "spread_bps"),
            *("premium_bps", "spread_amount", "fixed_side"),
        ):
            assert told[name] == promised[name]
        assert told["fx_rate"] == promised["rate"]
        assert told["quote_id"] == promised["id"]
        assert told["balances"] == {"USD": "898.90", "MXN": "1592.40"}
        assert house()["fee_income USD"] == "1.10"
        assert house()["fx_income MXN"] == "7.60"
        explained = platform.get(f"/v1/transactions/{told['transaction_id']}/explain")
        assert explained.json()["matches"] is True
        steps = explained.json()["steps"]
        assert {
            "what": "spread in basis points",
            "calculation": "45 by policy 3 for tier standard + 2.5 for the lock",
            "result": "47.5",
        } in steps
        assert {
            "what": "fee by policy 3",
            "calculation": "on 100.00 USD",
            "result": "1.10 USD",
        } in steps

    def test_of_what_was_bought_exactly(self, platform, rich):
        promised = ask(
            platform, rich, "from_amount", to_currency="JPY", to_amount="100"
        ).json()

        told = use(platform, rich, promised["id"]).json()

        assert told["balances"] == {"USD": "998.15", "JPY": "100"}

    def test_is_shown_with_the_quote(self, platform, rich):
        promised = ask(platform, rich).json()

        told = use(platform, rich, promised["id"]).json()

        shown = platform.get(f"/v1/quotes/{promised['id']}").json()
        assert shown == promised | {
            "status": "used",
            "transaction_id": told["transaction_id"],
        }

    def test_is_once(self, platform, rich):
        quote_id = ask(platform, rich).json()["id"]
        use(platform, rich, quote_id)

        again = use(platform, rich, quote_id, idempotency_key="k")

        assert refusal(again) == (409, "quote_already_used")
        assert refusal(platform.delete(f"/v1/quotes/{quote_id}")) == (
            409,
            "quote_already_used",
        )
        assert holdings(rich) == {"USD": "898.90", "MXN": "1592.40"}

    def test_is_replayed_under_its_key(self, platform, rich):
        quote_id = ask(platform, rich).json()["id"]
        first = use(platform, rich, quote_id, idempotency_key="k")

        again = use(platform, rich, quote_id, idempotency_key="k")

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.content == first.content

    def test_is_by_its_own_user_only(self, platform, as_bob, rich, bob):
        quote_id = ask(platform, rich).json()["id"]
        said = []

        for client, id_ in (
            (as_bob, quote_id),
            (as_bob, uuid4()),
            (platform, quote_id),
        ):
            answer = use(client, bob, id_)
            told = answer.json()
            said.append({**told, "instance": "", "request_id": ""})
            assert refusal(answer) == (404, "not_found")

        assert said[0] == said[1] == said[2]
        assert status(quote_id) == "open"
        for look in (as_bob.get, as_bob.delete):
            mine, nobodys = (look(f"/v1/quotes/{i}") for i in (quote_id, uuid4()))
            assert refusal(mine) == refusal(nobodys) == (404, "not_found")
            assert mine.json()["detail"] == nobodys.json()["detail"]

    def test_is_before_it_expires_by_the_databases_clock(self, platform, rich):
        quote_id = ask(platform, rich).json()["id"]
        let_expire(quote_id)

        answer = use(platform, rich, quote_id, idempotency_key="k")

        assert refusal(answer) == (422, "quote_expired")
        assert answer.json()["expired_at"]
        assert platform.get(f"/v1/quotes/{quote_id}").json()["status"] == "expired"
        assert refusal(platform.delete(f"/v1/quotes/{quote_id}"))[1] == "quote_expired"
        assert holdings(rich) == {"USD": "1000.00"}

    def test_is_not_after_it_was_given_up(self, as_alice, rich):
        quote_id = ask(as_alice, rich).json()["id"]

        given_up = as_alice.delete(f"/v1/quotes/{quote_id}")

        assert (given_up.status_code, given_up.json()["status"]) == (200, "cancelled")
        assert Event.objects.filter(type="quote.cancelled").count() == 1
        assert refusal(use(as_alice, rich, quote_id)) == (409, "quote_cancelled")
        assert refusal(as_alice.delete(f"/v1/quotes/{quote_id}"))[1] == (
            "quote_cancelled"
        )

    def test_of_a_preview_leaves_it_open(self, platform, rich):
        quote_id = ask(platform, rich).json()["id"]

        shown = use(platform, rich, quote_id, more={"preview": True})

        assert (shown.status_code, shown.json()["to_amount"]) == (200, "1592.40")
        assert status(quote_id) == "open"
        assert use(platform, rich, quote_id).status_code == 201

    @pytest.mark.parametrize(
        ("name", "value"), [*list(ORDER.items())[:3], ("amount", "1"),
                            ("to_amount", "1"), ("min_to_amount", "1"),
                            ("max_from_amount", "1")],
    )  # fmt: skip
    def test_takes_no_second_word_on_the_price(self, platform, rich, name, value):
        quote_id = ask(platform, rich).json()["id"]

        answer = use(platform, rich, quote_id, more={name: value})

        assert answer.json()["errors"] == [
            {"detail": "The quote says this.", "pointer": f"/{name}", "code": "one_of"}
        ]
        assert status(quote_id) == "open"

    def test_needs_the_money_for_the_fee_too(self, platform, rich):
        quote_id = ask(platform, rich, from_amount="999.00").json()["id"]

        answer = use(platform, rich, quote_id)

        assert refusal(answer) == (422, "insufficient_funds")
        assert answer.json()["required"] == "1001.00"
        assert status(quote_id) == "open"

    def test_is_refused_while_the_wallet_or_the_currency_is_closed_to_it(
        self, platform, rich
    ):
        quote_id = ask(platform, rich).json()["id"]
        wallet = Wallet.objects.get(owner=rich)

        freeze_wallet(wallet.id)
        assert refusal(use(platform, rich, quote_id)) == (422, "wallet_frozen")
        unfreeze_wallet(wallet.id)
        Currency.objects.filter(code="MXN").update(enabled=False)
        assert refusal(use(platform, rich, quote_id)) == (422, "unsupported_currency")
        Currency.objects.filter(code="MXN").update(enabled=True)

        assert status(quote_id) == "open"
        assert use(platform, rich, quote_id).status_code == 201

    def test_is_refused_to_the_deleted_and_stays_open(self, platform, rich, rates):
        quote_id = ask(platform, rich).json()["id"]
        delete_user(rich.id, now=rates["USD"].fetched_at)

        assert refusal(use(platform, rich, quote_id)) == (404, "user_deleted")
        restore_user(rich.id)
        assert use(platform, rich, quote_id).status_code == 201

    def test_goes_with_if_match(self, platform, rich):
        quote_id = ask(platform, rich).json()["id"]

        assert use(platform, rich, quote_id, If_Match='"7"').status_code == 412
        assert use(platform, rich, quote_id, If_Match='"1"').status_code == 201

    def test_is_undone_and_stays_used(self, platform, rich):
        quote = promise(rich, "100.00 USD", to="MXN")

        reverse(convert_at(rich, quote))

        assert holdings(rich) == {"USD": "1000.00"}
        assert refusal(use(platform, rich, quote.id))[1] == "quote_already_used"


class TestSweep:
    def test_ends_what_is_over_the_oldest_first_so_many_at_a_time(self, rich):
        over = [promise(rich, "1.00 USD", to="MXN").id for _ in range(3)]
        kept = promise(rich, "1.00 USD", to="MXN").id
        for id_ in over:
            let_expire(id_)

        counts = [expire_quotes(at_most=2) for _ in range(3)]

        assert counts == [2, 1, 0]
        assert [status(id_) for id_ in over] == ["expired"] * 3
        assert status(kept) == "open"
        assert Transaction.objects.count() == 1
