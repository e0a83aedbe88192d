"""Killed at the worst moments, and asked again: as if nothing had happened.

Each way that money moves is tried in two worlds. In one of them the server dies in the
middle, at each of the fail points in turn; in its twin nothing happens. Then the same
request comes again under the same key.
"""

import http.client
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.client import ApiClient
from tests.domain import charge, fund, holdings, transfer
from tests.factories import CustomerFactory
from tests.server import Server, database_url, serve
from transactions.models import Transaction
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass
class World:
    """A payer with money in two currencies, and a payee."""

    platform: ApiClient
    payer: User
    payee: User

    def wallet(self, action: str) -> str:
        return f"/v1/wallets/{self.payer.id}/{action}"

    def batch(self, *amounts: str) -> dict[str, Any]:
        """Money arrives, and leaves again in parts."""
        of_payer = {"user_id": str(self.payer.id), "currency": "USD"}
        parts = [of_payer | {"type": "withdrawal", "amount": a} for a in amounts]
        arriving = of_payer | {"type": "fund", "amount": "2000.00"}
        return {"atomic": True, "items": [arriving, *parts]}

    def paid(self) -> str:
        """A payment of an hour ago, which can be undone."""
        posted = transfer(self.payer, "20.00 USD", to=self.payee)
        return f"/v1/transactions/{posted.transaction.id}"

    def quoted(self) -> str:
        asked = {
            "user_id": str(self.payer.id),
            "from_currency": "USD",
            "to_currency": "MXN",
            "from_amount": "10.00",
            "lock": "5m",
        }
        answer = self.platform.post("/v1/quotes", asked, idempotency_key="q")
        assert answer.status_code == 201, answer.content
        return answer.json()["id"]

    def state(self) -> object:
        of_both = Transaction.objects.filter(owner__in=[self.payer, self.payee])
        types = sorted(of_both.values_list("type", flat=True))
        return holdings(self.payer), holdings(self.payee), types


Request = tuple[str, dict[str, Any]]
USD = {"currency": "USD", "amount": "7.00"}
TO_MXN = {"from_currency": "USD", "to_currency": "MXN"}

# Another way that money moves is another line here.
MOVEMENTS: dict[str, Callable[[World], Request]] = {
    "fund": lambda w: (w.wallet("fund"), USD),
    "withdraw": lambda w: (w.wallet("withdraw"), USD),
    "transfer": lambda w: (
        w.wallet("transfer"),
        {**USD, "to_user_id": str(w.payee.id)},
    ),
    "convert": lambda w: (w.wallet("convert"), {**TO_MXN, "amount": "7.00"}),
    "convert at a quote": lambda w: (w.wallet("convert"), {"quote_id": w.quoted()}),
    "pay": lambda w: (
        w.wallet("pay"),
        {
            "currency": "USD",
            "amount": "110.00",
            "to_user_id": str(w.payee.id),
            "from": ["USD", "GBP"],
        },
    ),
    "batch": lambda w: ("/v1/batches", w.batch("1.00", "2.00")),
    # More than one statement writes, so that it dies in the middle of them.
    "long batch": lambda w: ("/v1/batches", w.batch(*["1.00"] * 1_001)),
    "reverse": lambda w: (f"{w.paid()}/reverse", {"reason": "A mistake."}),
    "refund": lambda w: (f"{w.paid()}/refund", {"amount": "5.00", "reason": "Broken."}),
}
REFUSED: dict[str, Callable[[World], Request]] = {
    "withdraw": lambda w: (w.wallet("withdraw"), {**USD, "amount": "999.00"}),
    "transfer": lambda w: (
        w.wallet("transfer"),
        {**USD, "amount": "999.00", "to_user_id": str(w.payee.id)},
    ),
    "convert": lambda w: (w.wallet("convert"), {**TO_MXN, "amount": "999.00"}),
    "batch": lambda w: ("/v1/batches", w.batch("1.00", "9999.00")),
}


@pytest.fixture
def new_world(platform, rates) -> Callable[[], World]:
    charge(locks={"5m": "2"})

    def make() -> World:
        world = World(platform, CustomerFactory(), CustomerFactory())
        fund(world.payer, "100.00 USD")
        fund(world.payer, "50.00 GBP")
        return world

    return make


def dies(server: Server, token: str, path: str, body: dict[str, Any], key: str) -> bool:
    """Send the request; whether its connection was lost before the answer."""
    client = http.client.HTTPConnection(server.host, server.port, timeout=30)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    try:
        client.request("POST", path, json.dumps(body), headers)
        client.getresponse()
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return True
    finally:
        client.close()
    return False


def wait_for_another(server: Server, victim: int) -> None:
    """The process that was to answer is gone, and gunicorn has started another."""
    deadline = time.monotonic() + 30
    while server.worker_pids() in ([], [victim]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def words(answer: Any) -> Any:
    """What the answer says, apart from ids and times."""
    text = INSTANT.sub("<instant>", UUID.sub("<id>", answer.content.decode()))
    return answer.status_code, json.loads(text)


def assert_as_if_nothing_happened(tmp_path, platform, new_world, point, table) -> None:
    worlds = {name: new_world() for name in table}
    requests = {name: table[name](world) for name, world in worlds.items()}
    with serve(
        tmp_path,
        DATABASE_URL=database_url(),
        FAIL_AT=point,
        WEB_CONCURRENCY="1",
        # The process that replaces a dead one has everything loaded already.
        GUNICORN_CMD_ARGS="--preload",
    ) as server:
        for name, request in requests.items():
            [victim] = server.worker_pids()
            assert dies(server, platform.token, *request, key=name), name
            wait_for_another(server, victim)

    for name, world in worlds.items():
        again = platform.post(*requests[name], idempotency_key=name)
        twin = new_world()
        undisturbed = platform.post(*table[name](twin), idempotency_key=f"twin {name}")

        assert words(again) == words(undisturbed), name
        assert world.state() == twin.state(), name
        replayed = again.headers.get("Idempotent-Replayed") == "true"
        assert replayed == (point in ("after_commit", "after_refusal")), name


class TestKilledServer:
    @pytest.mark.parametrize(
        "point", ["after_lock", "after_write", "before_commit", "after_commit"]
    )
    def test_moves_the_money_once(self, tmp_path, platform, new_world, point):
        assert_as_if_nothing_happened(tmp_path, platform, new_world, point, MOVEMENTS)

    @pytest.mark.parametrize("point", ["before_refusal", "after_refusal"])
    def test_refuses_as_before(self, tmp_path, platform, new_world, point):
        assert_as_if_nothing_happened(tmp_path, platform, new_world, point, REFUSED)
