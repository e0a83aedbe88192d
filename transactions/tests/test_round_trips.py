"""How often a request goes to the database and back, which is most of what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from fx.queries import cross
from tests.domain import fund, hold
from transactions.queries.position_limits import limits_lately

pytestmark = pytest.mark.django_db(transaction=True)


class RoundTrips:
    """Counts exchanges with the server, BEGIN and COMMIT included, by libpq's trace."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        connection.ensure_connection()
        self.traced = connection.connection.pgconn
        self.file = self.path.open("w")
        self.traced.trace(self.file.fileno())
        return self

    def __exit__(self, *_):
        assert connection.connection.pgconn is self.traced, "a new connection was made"
        self.traced.untrace()
        self.file.close()

    @property
    def made(self) -> int:
        """How often the client waited for the server.

        Not to prepare a statement, which is done once on a connection.
        """
        # Time, F for what the client sent, length, kind; statements run over lines.
        sent = re.findall(r"\tF\t[0-9]+\t(\w+)", self.path.read_text())
        # Sync ends what goes along with others, and is what the server answers at.
        trips = " ".join(sent).replace("Query", "Execute Sync").split("Sync")
        return sum("Execute" in trip for trip in trips)


class TestRoundTrips:
    @pytest.fixture(autouse=True)
    def _alice_is_known(self, platform, alice, bob, rates, monkeypatch):
        # The key's first use is written down, the wallets are there, and what every
        # movement asks has been asked before, which prepares it.
        fund(alice, "1000.00 USD")
        fund(alice, "1.00 MXN")
        fund(bob, "1.00 USD")
        platform.get(f"/v1/wallets/{alice.id}")
        cross("USD", "MXN", now=timezone.now(), max_age=timedelta(days=1))
        # Once a second: which positions have limits.
        limits_lately(timezone.now())
        monkeypatch.setitem(limits_lately.__globals__, "SEEN_FOR", 60)

    def count(self, tmp_path, platform, path, body, key="once"):
        with RoundTrips(tmp_path / "trace") as round_trips:
            answer = platform.post(path, body, idempotency_key=key)
        assert answer.status_code == 201, answer.content
        return round_trips.made

    def test_of_a_conversion(self, tmp_path, platform, alice):
        body = {"from_currency": "USD", "to_currency": "MXN", "amount": "10.00"}

        path = f"/v1/wallets/{alice.id}/convert"

        # BEGIN and the locks, with the key; the rates; everything written, and COMMIT.
        assert self.count(tmp_path, platform, path, body) == 3
        # The same moment has the same rates, and nobody has said anything since.
        assert self.count(tmp_path, platform, path, body, key="second") == 2

    @pytest.mark.parametrize("action", ["fund", "withdraw"])
    def test_of_money_in_and_out(self, tmp_path, platform, alice, action):
        body = {"currency": "USD", "amount": "10.00"}

        made = self.count(tmp_path, platform, f"/v1/wallets/{alice.id}/{action}", body)

        assert made == 2

    def test_of_a_transfer(self, tmp_path, platform, alice, bob):
        body = {"currency": "USD", "amount": "10.00", "to_user_id": str(bob.id)}

        made = self.count(tmp_path, platform, f"/v1/wallets/{alice.id}/transfer", body)

        assert made == 2

    def test_of_a_hold_and_its_ends(self, tmp_path, platform, alice, bob):
        body = {"user_id": str(alice.id), "currency": "USD", "amount": "10.00"}
        placed = hold(alice, "10.00 USD", to=bob).hold
        path = f"/v1/holds/{placed.id}/capture"

        # The key; BEGIN and the lock; everything written at once, and COMMIT.
        assert self.count(tmp_path, platform, "/v1/holds", body) == 3
        # A payee is looked up, too, and BEGIN goes before that.
        to_bob = body | {"to_user_id": str(bob.id), "reference": "another"}
        assert self.count(tmp_path, platform, "/v1/holds", to_bob, key="other") == 5
        # What it is about, before the locks; and what became of it, after them.
        assert self.count(tmp_path, platform, path, {"amount": "1"}, key="third") == 6
