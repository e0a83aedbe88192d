"""The ledger that grows: its customers, their money, and what is asked of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from paymentprocessor.api.pagination import encode_cursor
from transactions import services
from transactions.audit import audit
from transactions.postings import Instruction
from users.models import ApiKey, User
from users.scopes import EVERYTHING
from users.services import create_api_key
from wallets.models import Purpose, Wallet, house_account_id
from wallets.services import create_user
from webhooks.models import Event

_GROW = Path(__file__).with_name("grow.sql").read_text()
_PAGE = 50


@dataclass
class Ledger:
    """Customers with one wallet each; all have as many entries."""

    user: User
    api_key: ApiKey
    api: Client
    console: Client
    entries: int
    half_way: datetime

    @classmethod
    def begin(cls, customers: int) -> "Ledger":
        """Tables, customers, a key for the platform, and one at the console."""
        call_command("migrate", verbosity=0)
        call_command("load_rates", stdout=StringIO())
        user = create_user(name="Ana", external_id="ana")
        # Two pages of her history are full from the start.
        for _ in range(2 * _PAGE):
            services.fund(Instruction(), user.pk, "USD", Decimal(1))
        others = [User(name=f"Customer {number}") for number in range(1, customers)]
        User.objects.bulk_create(others)
        Wallet.objects.bulk_create(
            Wallet(owner=other, currency_id="USD") for other in others
        )
        api_key, token = create_api_key(name="Benchmark", scopes=[EVERYTHING])
        sam = User.objects.create_superuser("sam", "not asked for here")
        console = Client(SERVER_NAME="127.0.0.1")
        console.force_login(sam)
        api = Client(
            SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {token}"}
        )
        return cls(user, api_key, api, console, 4 * _PAGE, timezone.now())

    def grow_to(self, entries: int, *, by: int) -> None:
        """Add whole rounds; then do what the periodic worker would have done."""
        cash = house_account_id(Purpose.CASH, "USD")
        begun = self.entries
        while self.entries < entries:
            with connection.cursor() as cursor:
                cursor.execute(
                    _GROW,
                    {
                        "customers": by // 2,
                        "cash": cash,
                        "api_key": self.api_key.pk,
                    },
                )
                self.entries += 2 * cursor.fetchone()[0]
            if self.entries - begun <= (entries - begun) / 2:
                self.half_way = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        services.fold_totals()
        services.roll_up_days()

    def questions(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        """What is asked at every size, by the name that the table gives it."""
        wallets = f"/v1/wallets/{self.user.pk}"
        history = f"{wallets}/transactions?limit={_PAGE}"
        events = f"/v1/events?limit={_PAGE}"
        deep = self._deep(history)
        newest = self._get(history)["data"][0]["id"]
        then = urlencode({"at": self.half_way.isoformat()})
        yield "balances", lambda: self._get(f"{wallets}/balances")
        yield (
            "balances at a past instant",
            lambda: self._get(f"{wallets}/balances?{then}"),
        )
        yield "history, first page", lambda: self._get(history)
        yield "history, the deepest page", lambda: self._get(deep)
        statement = f"{wallets}/USD/statement?limit={_PAGE}"
        since = urlencode({"from": self.half_way.isoformat()})
        last_lines = self._deep(statement)
        yield "statement, first page", lambda: self._get(statement)
        yield (
            "statement from a past instant",
            lambda: self._get(f"{statement}&{since}"),
        )
        yield "statement, the deepest page", lambda: self._get(last_lines)
        yield "one transaction", lambda: self._get(f"/v1/transactions/{newest}")
        yield "events, first page", lambda: self._get(events)
        late = self._late(events)
        yield "events, the newest", lambda: self._get(late)
        yield "trial balance", lambda: self._get("/v1/trial-balance")
        yield "sweep of holds", services.expire_holds
        yield "console: first page", lambda: self._page("/admin/")
        lists = "/admin/transactions/transaction/"
        yield "console: list of transactions", lambda: self._page(lists)
        yield (
            "console: a customer",
            lambda: self._page(f"/admin/users/user/{self.user.pk}/change/"),
        )

    def audit(self) -> None:
        """:raises AssertionError: the ledger is not what it says."""
        report = audit()
        assert all(not check.offenders for check in report.checks), report

    def _get(self, url: str) -> Any:
        answer = self.api.get(url)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def _page(self, url: str) -> None:
        answer = self.console.get(url)
        assert answer.status_code == 200, answer.status_code

    def _deep(self, pages: str) -> str:
        """The last full page of a customer's history or statement."""
        full = url = pages
        while (page := self._get(url))["has_more"]:
            full = url
            url = f"{pages}&{urlencode({'cursor': page['next_cursor']})}"
        return full

    def _late(self, events: str) -> str:
        """The page of somebody who has read all but the newest."""
        *_, before = Event.objects.order_by("-xid", "-id")[: _PAGE + 1]
        return f"{events}&cursor={encode_cursor(str(before.xid), str(before.id))}"
