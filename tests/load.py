"""Clients that move money over HTTP and never give up on a request.

A request without a definite answer is repeated under its key until it has one, which is
what we tell clients to do. What they were told is kept, so that a test can hold the
books against it.
"""

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any
from uuid import UUID

from tests.server import Server

PATIENCE_S = 60
# Told to come again, or told nothing at all: these decide nothing.
INDEFINITE = {"request_in_progress", "database_unavailable", "outcome_unknown"}
CURRENCIES = ("USD", "EUR", "MXN")


@dataclass(frozen=True)
class Order:
    """One request to move money, or to promise it; `hold_id` is what it is about."""

    key: str
    user_id: UUID
    action: str
    body: dict[str, Any]
    hold_id: str | None = None

    @property
    def path(self) -> str:
        if self.action == "hold":
            return "/v1/holds"
        if self.hold_id is not None:
            return f"/v1/holds/{self.hold_id}/{self.action}"
        return f"/v1/wallets/{self.user_id}/{self.action}"


@dataclass
class Answered:
    """An order and its definite answer, and how often it had to be sent."""

    order: Order
    status: int
    answer: dict[str, Any]
    attempts: int

    @property
    def meaning(self) -> object:
        """What every later answer under the key has to say again."""
        if self.status < 300:
            return self.answer
        return self.status, self.answer["code"], self.answer["detail"]


@dataclass
class Load:
    """Several clients at once, each with its own connection and its own dice."""

    server: Server
    token: str
    users: Sequence[UUID]
    answered: list[Answered] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)
    stopped: bool = False
    _lock: Lock = field(default_factory=Lock)

    def run(self, clients: int, meanwhile: Callable[[], None]) -> None:
        """Let the clients work until `meanwhile` is over and all have their answers."""
        threads = [Thread(target=self._client, args=[n]) for n in range(clients)]
        for thread in threads:
            thread.start()
        try:
            meanwhile()
        finally:
            self.stopped = True
            for thread in threads:
                thread.join()
        self._raise_faults()

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many more orders are answered."""
        goal = len(self.answered) + count
        deadline = time.monotonic() + PATIENCE_S
        while len(self.answered) < goal:
            self._raise_faults()
            assert time.monotonic() < deadline, self.statuses
            time.sleep(0.005)

    @property
    def accepted(self) -> list[Answered]:
        return [answered for answered in self.answered if answered.status < 300]

    @property
    def repeated(self) -> list[Answered]:
        """Orders that were at first left without a definite answer."""
        return [answered for answered in self.answered if answered.attempts > 1]

    def _raise_faults(self) -> None:
        if self.faults:
            raise self.faults[0]

    def _client(self, number: int) -> None:
        dice = random.Random(number)
        client = Client(self.server, self.token, self.statuses, self._lock)
        try:
            while not self.stopped and not self.faults:
                key = f"client {number}, order {len(self.answered)}, {dice.random()}"
                order = self._order(key, dice)
                answered = client.answer(order)
                self.answered.append(answered)
                if answered.attempts > 1 or dice.random() < 0.1:
                    again = client.answer(order)
                    assert again.meaning == answered.meaning, (answered, again)
        except BaseException as fault:
            self.faults.append(fault)
        finally:
            client.close()

    def _order(self, key: str, dice: random.Random) -> Order:
        holds = [one for one in self.accepted if one.order.action == "hold"]
        if holds and dice.random() < 0.3:
            return self._end_of(dice.choice(holds), key, dice)
        user, other = dice.sample(self.users, 2)
        currency, other_currency = dice.sample(CURRENCIES, 2)
        amount = f"{dice.randint(1, 60)}.{dice.randint(0, 99):02}"
        plain = {"currency": currency, "amount": amount}
        action, body = dice.choice(
            [
                ("fund", plain),
                ("withdraw", plain),
                ("transfer", plain | {"to_user_id": str(other)}),
                ("hold", plain | {"user_id": str(user), "to_user_id": str(other)}),
                (
                    "convert",
                    {
                        "from_currency": currency,
                        "to_currency": other_currency,
                        "amount": amount,
                    },
                ),
            ]
        )
        return Order(key, user, action, body)

    def _end_of(self, held: Answered, key: str, dice: random.Random) -> Order:
        """A capture of a hold, all of it or a part, or its end."""
        action, body = dice.choice(
            [("capture", {"amount": "5.00"}), ("capture", {}), ("void", {})]
        )
        return Order(key, held.order.user_id, action, body, held.answer["id"])


class Client:
    """One program with one kept-alive connection."""

    def __init__(
        self, server: Server, token: str, statuses: Counter[str], lock: Lock
    ) -> None:
        self.server, self.token = server, token
        self.statuses, self.lock = statuses, lock
        self.connection: http.client.HTTPConnection | None = None

    def answer(self, order: Order) -> Answered:
        """Send the order until its answer is definite."""
        deadline = time.monotonic() + PATIENCE_S
        attempts = 0
        while True:
            attempts += 1
            status, answer = self._send(order)
            if status is not None and answer.get("code") not in INDEFINITE:
                return Answered(order, status, answer, attempts)
            assert time.monotonic() < deadline, (order, status, answer)
            time.sleep(0.02)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _send(self, order: Order) -> tuple[int | None, dict[str, Any]]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                self.server.host, self.server.port, timeout=20
            )
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": order.key,
        }
        try:
            body = json.dumps(order.body)
            self.connection.request("POST", order.path, body, headers)
            response = self.connection.getresponse()
            status, answer = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException) as lost:
            self.close()
            self._count(type(lost).__name__)
            return None, {}
        self._count(f"{status} {answer.get('code', '')}".strip())
        return status, answer

    def _count(self, what: str) -> None:
        with self.lock:
            self.statuses[what] += 1
