"""Killed at the worst moments, and asked again: as if nothing had happened.

Each way that money moves is tried in two worlds. In one of them the process that is to
answer dies in the middle, at each of the fail points in turn; in its twin nothing
happens. Then the same request comes again under the same key.
"""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Q

from tests.client import ApiClient
from tests.domain import (
    capture,
    charge,
    fund,
    hold,
    hold_converting,
    holdings,
    reserved,
    transfer,
    void,
)
from tests.factories import CustomerFactory
from tests.server import Server, database_url, serve
from transactions.models import Hold, Transaction
from transactions.postings import Held
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")


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

    def held(self) -> Held:
        """A promise of an hour ago, of which something was captured."""
        held = hold(self.payer, "30.00 USD", to=self.payee)
        capture(held, "10.00")
        return held

    def held_converting(self) -> Held:
        return hold_converting(self.payer, "30.00 USD", into="MXN", to=self.payee)

    def ended(self) -> Held:
        held = self.held()
        void(held)
        return held

    def state(self) -> object:
        mine = Q(owner__in=[self.payer, self.payee])
        # The house's trades are nobody's, and so have a name of this world's.
        mine |= Q(metadata__counterparty=str(self.payer.id))
        types = sorted(Transaction.objects.filter(mine).values_list("type", flat=True))
        holds = Hold.objects.filter(owner=self.payer).order_by("pk")
        promised = list(holds.values_list("status", "amount", "captured"))
        held = reserved(self.payer)
        return holdings(self.payer), holdings(self.payee), held, promised, types


def to_hold(held: Held, action: str) -> str:
    return f"/v1/holds/{held.hold.id}/{action}"


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
    # More than one statement writes, so that it dies with the first on its way.
    "long batch": lambda w: ("/v1/batches", w.batch(*["1.00"] * 201)),
    "reverse": lambda w: (f"{w.paid()}/reverse", {"reason": "A mistake."}),
    "refund": lambda w: (f"{w.paid()}/refund", {"amount": "5.00", "reason": "Broken."}),
    "place hold": lambda w: ("/v1/holds", {**USD, "user_id": str(w.payer.id)}),
    "place converting hold": lambda w: (
        "/v1/holds",
        {
            **USD,
            "user_id": str(w.payer.id),
            "to_currency": "MXN",
            "to_user_id": str(w.payee.id),
        },
    ),
    "place hold at a quote": lambda w: (
        "/v1/holds",
        {"user_id": str(w.payer.id), "quote_id": w.quoted()},
    ),
    "capture a part": lambda w: (to_hold(w.held(), "capture"), {"amount": "7.00"}),
    "capture a last part": lambda w: (
        to_hold(w.held(), "capture"),
        {"amount": "7.00", "final": True},
    ),
    "capture and convert": lambda w: (
        to_hold(w.held_converting(), "capture"),
        {"amount": "7.00"},
    ),
    "void": lambda w: (to_hold(w.held(), "void"), {"reason": "Not needed."}),
    "adjust": lambda w: (
        w.wallet("adjust"),
        {**USD, "side": "debit", "reason": "Counted twice."},
    ),
    "hedge": lambda w: (
        "/v1/hedges",
        {
            "sell_currency": "MXN",
            "sell_amount": "160.00",
            "buy_currency": "USD",
            "buy_amount": "10.00",
            "counterparty": str(w.payer.id),
            "reason": "Less risk.",
        },
    ),
}
# No request locks what is the house's own.
LOCKS_NOTHING = {"hedge"}
# The others are committed along with what they write.
WRITES_BEFORE_COMMIT = {
    "batch",
    "long batch",
    "reverse",
    "void",
    "adjust",
    "hedge",
}
REFUSED: dict[str, Callable[[World], Request]] = {
    "withdraw": lambda w: (w.wallet("withdraw"), {**USD, "amount": "999.00"}),
    "transfer": lambda w: (
        w.wallet("transfer"),
        {**USD, "amount": "999.00", "to_user_id": str(w.payee.id)},
    ),
    "convert": lambda w: (w.wallet("convert"), {**TO_MXN, "amount": "999.00"}),
    "place hold": lambda w: (
        "/v1/holds",
        {**USD, "amount": "999.00", "user_id": str(w.payer.id)},
    ),
    "capture": lambda w: (to_hold(w.ended(), "capture"), {"amount": "7.00"}),
    "void": lambda w: (to_hold(w.ended(), "void"), {"reason": "Not needed."}),
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


@pytest.fixture(scope="module")
def mortal(tmp_path_factory, django_db_setup) -> Iterator[Server]:
    """Processes that die where a request says."""
    folder, program = tmp_path_factory.mktemp("mortal"), ("-m", "tests.mortal", "{}")
    environment = {
        "DATABASE_URL": database_url(),
        "DATABASE_POOL": "false",
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
    }
    with serve(folder, program, **environment) as running:
        yield running


def dies(
    server: Server, token: str, path: str, body: dict[str, Any], key: str, **more: str
) -> bool:
    """Send the request; whether its connection was lost before the answer."""
    client = http.client.HTTPConnection(server.host, server.port, timeout=30)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    try:
        client.request("POST", path, json.dumps(body), headers | more)
        client.getresponse()
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return True
    finally:
        client.close()
    return False


def words(answer: Any) -> Any:
    """What the answer says, apart from ids and times, and the key it was told under."""
    text = INSTANT.sub("<instant>", UUID.sub("<id>", answer.content.decode()))
    unlike = {"idempotency_key": "<key>", "request_id": "<id>"}
    return answer.status_code, json.loads(text) | unlike


def assert_as_if_nothing_happened(platform, new_world, table, point, kill) -> None:
    """Each request of the table dies at the point, by `kill`, and is repeated."""
    for name, order in table.items():
        world, twin = new_world(), new_world()
        request = order(world)
        assert kill(request, name), name

        again = platform.post(*request, idempotency_key=name)
        undisturbed = platform.post(*order(twin), idempotency_key=f"twin {name}")

        assert again.status_code == undisturbed.status_code, again.content
        assert words(again) == words(undisturbed), name
        assert world.state() == twin.state(), name
        replayed = again.headers.get("Idempotent-Replayed") == "true"
        assert replayed == (point in ("after_commit", "after_refusal")), name


class TestKilledProcess:
    @pytest.fixture
    def assert_at(self, mortal, platform, new_world):
        def check(point, table):
            assert_as_if_nothing_happened(
                platform,
                new_world,
                table,
                point,
                lambda request, key: dies(
                    mortal, platform.token, *request, key, **{"Die-At": point}
                ),
            )

        return check

    @pytest.mark.parametrize(
        "point", ["after_lock", "after_write", "before_commit", "after_commit"]
    )
    def test_moves_the_money_once(self, assert_at, point):
        reaching = {
            "after_lock": MOVEMENTS.keys() - LOCKS_NOTHING,
            "after_write": WRITES_BEFORE_COMMIT,
        }.get(point, MOVEMENTS.keys())

        assert_at(point, {n: m for n, m in MOVEMENTS.items() if n in reaching})

    @pytest.mark.parametrize("point", ["before_refusal", "after_refusal"])
    def test_refuses_as_before(self, assert_at, point):
        assert_at(point, REFUSED)


class TestKilledServer:
    def test_dies_where_the_environment_says(self, tmp_path, platform, new_world):
        with serve(
            tmp_path,
            DATABASE_URL=database_url(),
            FAIL_AT="before_commit",
            WEB_CONCURRENCY="1",
        ) as server:
            assert_as_if_nothing_happened(
                platform,
                new_world,
                {"transfer": MOVEMENTS["transfer"]},
                "before_commit",
                lambda request, key: dies(server, platform.token, *request, key),
            )
