"""A connection that is lost around COMMIT: nobody guesses, and the key tells later."""

import pytest
import requests

from tests.domain import fund, holdings
from tests.relay import SERVER_CRASHED, relayed
from tests.server import serve

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# COMMIT goes along with what a fund writes. After an adjustment comes what staff are
# told of it, so it has a COMMIT of its own.
FUND = ("fund", {"currency": "USD", "amount": "5.00"})
ADJUSTMENT = (
    "adjust",
    {"currency": "USD", "amount": "5.00", "side": "credit", "reason": "Found."},
)


@pytest.fixture
def relay():
    with relayed() as relay:
        yield relay


@pytest.fixture
def ask(tmp_path, relay, platform, alice):
    """Ask a server, whose words the relay passes on, always under one key."""
    fund(alice, "1.00 USD")
    headers = {"Authorization": f"Bearer {platform.token}", "Idempotency-Key": "k"}
    with serve(tmp_path, DATABASE_URL=relay.url, WEB_CONCURRENCY="1") as server:

        def ask(action, body):
            url = f"{server.url}/v1/wallets/{alice.id}/{action}"
            return requests.post(url, json=body, headers=headers, timeout=60)

        # What is done once, such as writing down that a key is used.
        assert ask("fund", {}).status_code == 422
        yield ask


class TestLostWords:
    @pytest.mark.parametrize(
        ("order", "lost", "was_done"),
        [
            (FUND, ["rows"], False),
            (FUND, ["answer"], True),
            (FUND, ["answer", SERVER_CRASHED], True),
            (ADJUSTMENT, ["question"], False),
            (ADJUSTMENT, ["answer"], True),
            (ADJUSTMENT, ["answer", SERVER_CRASHED], True),
        ],
    )
    def test_leave_the_outcome_open(self, ask, relay, alice, order, lost, was_done):
        relay.lose(*lost)

        first = ask(*order)
        assert relay.has_lost
        before = holdings(alice)
        again = ask(*order)

        assert first.status_code == 503, first.text
        assert first.json()["code"] == "outcome_unknown"
        assert int(first.headers["Retry-After"]) > 0
        assert before == {"USD": "6.00" if was_done else "1.00"}
        assert again.status_code == 201, again.text
        assert (again.headers.get("Idempotent-Replayed") == "true") == was_done
        assert holdings(alice) == {"USD": "6.00"}
