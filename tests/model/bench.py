"""The product and its model side by side, asked the same and then compared."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import note

from paymentprocessor.api.errors import Refusal
from tests import domain
from tests.factories import CustomerFactory
from tests.model.prices import Policy
from tests.model.product import Product
from tests.model.told import Told, document, publish_market_rates, text
from tests.model.world import Ask, Limit, Refused
from transactions import queries
from transactions.errors import RememberedRefusal
from transactions.models import Transaction
from transactions.postings import Held, Posted
from transactions.queries import HoldFilter
from wallets.models import Wallet

EVERYBODY = ("alice", "bob")
FINGERPRINT = b"f" * 32

Words = dict[str, Any]
Answer = Posted | Held | Refusal
Service = Callable[..., Posted | Held]
_Thing = TypeVar("_Thing")


@dataclass
class Bench:
    """Both, and what they were asked so far."""

    model: Product
    users: dict[str, Any] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    quotes: list[Any] = field(default_factory=list)
    limits: dict[Any, Any] = field(default_factory=dict)
    asked: list[tuple[Service, Words, Answer]] = field(default_factory=list)
    compared: int = 0

    @classmethod
    def begin(cls, policy: Policy) -> "Bench":
        publish_market_rates()
        domain.charge(**document(policy))
        bench = cls(Product(policy))
        for name in EVERYBODY:
            bench.users[name] = CustomerFactory(name=name)
            bench.model.wallet(name, "USD", opens=True)
        bench.told = Told({user.id: name for name, user in bench.users.items()})
        return bench

    def ask(
        self,
        ask: Ask,
        model: Callable[[Product], None],
        product: Service,
        *,
        preview: bool = False,
    ) -> None:
        """Ask both; they agree, and nothing remains of a preview or a refusal."""
        then, code = deepcopy(self.model), None
        try:
            model(then)
        except Refused as refused:
            code = refused.code
        words = {"expected_version": ask.version, "reference": ask.reference}
        words |= {"preview": True} if preview else self.new_key()
        answer = answer_of(lambda: product(**words))
        note(f"preview: {preview}, expected: {code or 'done'}, got: {answer!r}")

        assert (answer.code if isinstance(answer, Refusal) else None) == code
        if isinstance(answer, Posted):
            new = then.moves[len(self.model.moves) :]
            moved = [self.told.movement(one) for one in (*answer.parts, answer)]
            assert moved == [(move.type, move.fee, move.entries) for move in new]
        if not preview:
            self.asked.append((product, words, answer))
            if code is None:
                self.keep(then, answer)

    def new_key(self) -> Words:
        key = f"request {len(self.asked)}"
        return {"idempotency_key": key, "fingerprint": FINGERPRINT}

    def promise(
        self, name: str, source: str, target: str, units: int, lock: str
    ) -> None:
        """Ask both for a quote, which moves nothing and has no key."""
        then, code = deepcopy(self.model), None
        user, money = self.users[name], text(units, source)
        try:
            then.quote(name, source, target, units, lock)
        except Refused as refused:
            code = refused.code
        answer = answer_of(lambda: domain.promise(user, money, to=target, lock=lock))

        assert (answer.code if isinstance(answer, Refusal) else None) == code
        if code is None:
            self.model = then
            self.quotes.append((answer, user))

    def set_limit(self, limit: Limit, number: int) -> None:
        """Put it in force in both, if it limits anything."""
        if limit.window == "operation":
            limit = replace(limit, count=None)
        if limit.subject == "everybody":
            limit = replace(limit, user=None)
        wallet = None
        if limit.subject == "wallet":
            mine = [w for w in self.model.wallets.values() if w.user == limit.user]
            limit = replace(limit, currency=mine[number % len(mine)].currency)
            wallet = Wallet.objects.get(
                owner=self.users[limit.user], currency=limit.currency
            )
        if limit.amount is None and limit.count is None:
            return
        most = None if limit.amount is None else text(limit.amount, limit.unit)
        if most and not limit.currency:
            most = most.split()[0]
        self.model.set_limit(limit)
        self.limits[limit.scope] = domain.at_most(
            most,
            per=limit.window,
            count=limit.count,
            user=self.users[limit.user] if limit.subject == "user" else None,
            wallet=wallet,
            type=limit.type,
            currency=limit.currency,
        )

    def keep(self, then: Product, answer: Answer) -> None:
        if isinstance(answer, Posted):
            self.posted += [*answer.parts, answer]
        elif len(then.holds) > len(self.model.holds):
            self.holds.append(answer)
        self.model = then

    def ask_again(self, number: int, *, otherwise: bool) -> None:
        """Repeat a request under its key, or send another request under it."""
        product, words, first = self.asked[number % len(self.asked)]
        if otherwise:
            words = words | {"fingerprint": b"g" * 32}
        again = answer_of(lambda: product(**words))

        if otherwise:
            assert isinstance(again, Refusal)
            assert again.code == "idempotency_key_reused"
        elif isinstance(first, Refusal):
            assert isinstance(again, RememberedRefusal)
            assert (again.code, again.members) == (first.code, first.members)
        else:
            assert again.replayed
            assert id_of(again) == id_of(first)

    def hold_of(self, number: int) -> int:
        """A hold that can be captured, mostly, or any."""
        model = self.model
        active = [hold for hold in model.holds if model.status(hold) == "active"]
        return model.holds.index(chosen(number, active, model.holds))

    def payment_of(self, number: int) -> int:
        """A transaction of which something can be refunded, mostly, or any."""
        moves = self.model.moves
        payments = [
            move
            for move in moves
            if move.type in ("transfer", "capture")
            and not (move.converts or move.reversed)
        ]
        return moves.index(chosen(number, payments, moves))

    def units(self, amount: int | str, name: str, code: str, type_: str) -> int:
        """The amount that was drawn: all there is, all that limits leave, or so."""
        if isinstance(amount, int):
            return amount
        model = self.model
        wallet = model.wallets.get((name, code))
        there = wallet.available if wallet else 0
        room = [
            left
            for limit in model.applying(name)
            if limit.unit == code and limit.type in ("", type_)
            for left in model.headroom(limit, name)[:1]
            if left is not None
        ]
        least = min(room, default=there)
        named = {"all": there, "all but one": there - 1, "more": there + 1}
        return max((named | {"room": least, "beyond": least + 1})[amount], 1)

    # What both say of everything.

    def compare(self) -> None:
        """Every balance, house account, hold, limit and history is the same."""
        model = self.model
        assert self.told.wallets() == {
            about: (w.balance, w.held, w.available, w.version, w.frozen)
            for about, w in model.wallets.items()
        }
        house = {account: units for account, units in model.house.items() if units}
        assert self.told.house() == house
        self.compare_holds()
        self.compare_limits()
        # What came since the last time and a little more; all of it in the end.
        new, self.compared = len(model.moves) - self.compared, len(model.moves)
        assert Transaction.objects.count() == len(model.moves)
        if new:
            self.compare_histories(new + 3)

    def compare_histories(self, limit: int) -> None:
        for name, user in self.users.items():
            assert self.told.history(user, limit) == self.history(name)[:limit]

    def compare_holds(self) -> None:
        found = queries.holds(HoldFilter(), before=None, limit=999)
        told = {held.hold.id: self.told.hold(held) for held in found}
        assert told == {
            held.hold.id: (
                self.model.status(hold),
                hold.amount,
                hold.fee,
                hold.captured,
            )
            for held, hold in zip(self.holds, self.model.holds, strict=True)
        }

    def compare_limits(self) -> None:
        if not self.limits:
            return
        for name, user in self.users.items():
            assert self.told.headrooms(user) == {
                self.limits[limit.scope].id: self.model.headroom(limit, name)
                for limit in self.model.applying(name)
            }

    def history(self, user: str) -> list[tuple[object, ...]]:
        """The newest first, with the user's own entries."""
        mine = [
            (move.type, [entry for entry in move.entries if entry[0] == user])
            for move in self.model.moves
        ]
        return [(type_, entries) for type_, entries in reversed(mine) if entries]


def chosen(number: int, some: list[_Thing], all_: list[_Thing]) -> _Thing:
    """One of some, three times of four, if there are any; else one of all."""
    among = some if some and number % 4 else all_
    return among[number // 4 % len(among)]


def answer_of(product: Service) -> Answer:
    try:
        return product()
    except Refusal as refusal:
        return refusal


def id_of(answer: Posted | Held) -> Any:
    return answer.transaction.id if isinstance(answer, Posted) else answer.hold.id
