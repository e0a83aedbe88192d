"""Quotes and policies in real threads: one use of each quote, one version per price."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import requests
from django.db import connection
from django.db import transaction as db_transaction
from django.utils import timezone

from fx.models import PricingPolicy, Quote
from fx.quotes import take
from fx.services import cancel_quote, expire_quotes, publish_policy
from tests.domain import charge, convert, convert_at, fund, holdings, house, promise
from tests.test_audit import sabotage
from tests.threads import at_once, patient_locks
from transactions.models import Conversion
from transactions.postings import Posted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LOCKS = {"30s": "0", "5m": "2.5"}


@pytest.fixture(autouse=True)
def _patient(transactional_db):
    with patient_locks():
        yield


@pytest.fixture
def rich(alice, rates):
    fund(alice, "10000.00 USD")
    charge("45", locks=LOCKS)
    return alice


def kinds(outcomes):
    """How many of which class came out."""
    return Counter(type(outcome).__name__ for outcome in outcomes)


def expire_soon(quote, after="0"):
    sabotage(
        "UPDATE fx_quote SET expires_at = clock_timestamp() + %s::interval"
        " WHERE id = %s",
        [after, quote.id],
    )


class TestPromises:
    def test_at_once_are_no_more_than_there_may_be(self, rich, settings):
        settings.MAX_OPEN_QUOTES = 3

        outcomes = at_once([lambda: promise(rich, "1.00 USD", to="MXN")] * 12)

        assert kinds(outcomes) == {"Quote": 3, "TooManyQuotes": 9}


class TestOneQuote:
    def test_is_used_once_by_two_hundred(self, rich):
        quote = promise(rich, "1.00 USD", to="MXN")

        outcomes = at_once([lambda: convert_at(rich, quote)] * 200)

        assert kinds(outcomes) == {"Posted": 1, "QuoteAlreadyUsed": 199}
        assert {o.code for o in outcomes if not isinstance(o, Posted)} == {
            "quote_already_used"
        }
        assert holdings(rich) == {"USD": "9999.00", "MXN": "15.92"}
        assert Conversion.objects.filter(quote_id=quote.id).count() == 1

    def test_is_used_once_by_twins_who_get_one_answer(self, rich):
        quote = promise(rich, "1.00 USD", to="MXN")
        words = {"idempotency_key": "k", "fingerprint": b"f"}

        outcomes = at_once([lambda: convert_at(rich, quote, **words)] * 16)

        assert kinds(outcomes) == {"Posted": 16}
        assert len({posted.transaction.id for posted in outcomes}) == 1
        assert sorted(posted.replayed for posted in outcomes) == [False] + [True] * 15

    def test_is_used_or_cancelled(self, rich):
        for _ in range(20):
            quote = promise(rich, "1.00 USD", to="MXN")

            used, *others = at_once(
                [lambda q=quote: convert_at(rich, q)]
                + [lambda q=quote: cancel_quote(q.id, rich.id)] * 2
            )

            ended = Quote.objects.get(pk=quote.id).status
            if isinstance(used, Posted):
                assert ended == "used"
                assert kinds(others) == {"QuoteAlreadyUsed": 2}
            else:
                assert (ended, used.code) == ("cancelled", "quote_cancelled")
                assert kinds(others) == {"Quote": 1, "QuoteCancelled": 1}

    def test_is_used_in_time_or_expires(self, rich):
        for number in range(20):
            quote = promise(rich, "1.00 USD", to="MXN")
            expire_soon(quote, f"{number} milliseconds")

            used, *swept = at_once(
                [lambda q=quote: convert_at(rich, q)] + [expire_quotes] * 2
            )

            expire_quotes()
            ended = Quote.objects.get(pk=quote.id)
            assert sum(swept) <= 1
            if isinstance(used, Posted):
                assert ended.status == "used"
                assert ended.ended_at < ended.expires_at
            else:
                assert (ended.status, used.code) == ("expired", "quote_expired")

    def test_in_use_is_left_to_its_user_by_the_sweep(self, rich):
        used, other = (promise(rich, "1.00 USD", to="MXN") for _ in range(2))
        expire_soon(other)

        expire_soon(used, "300 milliseconds")
        with db_transaction.atomic(), connection.cursor() as cursor:
            take(used.id, rich.id)
            cursor.execute("SELECT pg_sleep(0.5)")
            # Its time is over, and nobody waits for what becomes of it.
            [count] = at_once([expire_quotes])
            db_transaction.set_rollback(True)

        assert count == 1
        assert Quote.objects.get(pk=other.id).status == "expired"
        assert expire_quotes() == 1

    def test_that_was_waited_for_past_its_end_is_expired(self, rich):
        quote = promise(rich, "1.00 USD", to="MXN")
        expire_soon(quote, "1 second")
        outcomes = []

        def wait_and_use():
            outcomes.extend(at_once([lambda: convert_at(rich, quote)]))

        with db_transaction.atomic():
            take(quote.id, rich.id)
            waiter = Thread(target=wait_and_use)
            waiter.start()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(1.5)")
            # Whoever held it fails, and it is open again: too late.
            db_transaction.set_rollback(True)
        waiter.join()

        assert kinds(outcomes) == {"QuoteExpired": 1}
        assert Quote.objects.get(pk=quote.id).status == "open"


class TestPolicies:
    def test_published_at_once_are_numbered_one_by_one(self, rich):
        before = PricingPolicy.objects.first().version
        document = {"spreads": [{"bps": "1"}]}

        outcomes = at_once([lambda: publish_policy(document, reason="A test.")] * 8)

        versions = sorted(policy.version for policy in outcomes)
        assert versions == list(range(before + 1, before + 9))

    def test_price_each_conversion_by_the_version_that_it_names(self, rich):
        start = Barrier(2)

        def publish():
            start.wait()
            return publish_policy({"spreads": [{"bps": "100"}]}, reason="A test.")

        def keep_converting():
            start.wait()
            return [convert(rich, "100.00 USD", to="MXN") for _ in range(40)]

        published, posted = at_once([publish, keep_converting])

        spreads = {one.conversion.policy_id: set() for one in posted}
        for one in posted:
            spreads[one.conversion.policy_id].add(one.conversion.target_amount)
        expected = {p.id: p.document for p in PricingPolicy.objects.all()}
        for policy_id, amounts in spreads.items():
            bps = expected[policy_id]["spreads"][0]["bps"]
            assert [str(a) for a in amounts] == [
                {"45": "1592.80", "100": "1584.00"}[bps]
            ]
        last = convert(rich, "100.00 USD", to="MXN")
        assert last.conversion.policy_id == published.id


class TestServers:
    """A version is read once a process; which one it is, is asked each time."""

    def test_all_charge_by_the_new_version_from_its_instant_on(
        self, server, platform, alice
    ):
        headers = {"Authorization": f"Bearer {platform.token}"}
        fund_path = f"{server.url}/v1/wallets/{alice.id}/fund"
        money = {"currency": "USD", "amount": "10.00"}

        def send(path, body):
            answer = requests.post(path, json=body, headers=headers, timeout=60)
            assert answer.status_code == 201, answer.text
            return answer.json()

        def fees(count=12):
            return {send(fund_path, money)["fee"] for _ in range(count)}

        def publish(fixed, **more):
            fee = {"operation": "fund", "currency": "USD", "fixed": fixed}
            document = {"spreads": [{"bps": "0"}], "fees": [fee]}
            body = {"document": document, "reason": "A test."} | more
            send(f"{server.url}/v1/pricing-policies", body)

        assert fees() == {"0.00"}
        for fixed in ("1.00", "2.00", "3.00"):
            publish(fixed)
            assert fees() == {fixed}
        later = timezone.now() + timedelta(hours=1)
        publish("4.00", effective_at=later.isoformat())
        assert fees() == {"3.00"}
        assert house()["fee_income USD"] == f"{12 * (1 + 2 + 3 + 3)}.00"
