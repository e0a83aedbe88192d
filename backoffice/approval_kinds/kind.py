"""What a kind of request has to know of itself."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from paymentprocessor.api.errors import Refusal
from transactions.postings import Instruction, Posted
from users.acts import Actor

# What is asked for, as it is hashed: strings, whole numbers, lists and the like.
Payload = Mapping[str, Any]
# Something in words, by what it is called. The console shows rows as links, money with
# its currency, and instants with their zone; all else is text.
Facts = dict[str, object]

CHANGED = "It is not what it was when this was asked for. Ask again, if it still fits."


class Kind(ABC):
    """One kind of request: who may ask for it, how it reads, how long it stands.

    A kind is either a `Movement` or a `Change`.
    """

    title: ClassVar[str]
    # What the maker has to be allowed, when asking and still when it is decided.
    permission: ClassVar[str] = "backoffice.request_approval"
    valid_for: ClassVar[timedelta] = timedelta(days=3)

    @abstractmethod
    def told(self, payload: Payload) -> Facts:
        """What is asked for, in words."""

    def bound(self, payload: Payload) -> dict[str, Any]:
        """What must be the same when it is done, as it is now.

        It becomes part of the payload, so that whoever approves, approves it for this
        state of things and no other.
        """
        return {}

    def concerned(self, payload: Payload) -> Collection[UUID]:
        """Who, besides the request's customer, has something to gain or lose by it."""
        return ()


class Movement(Kind):
    """Moves money, by a service that opens its own transaction.

    It runs again after a deadlock, so it is no part of another transaction; done once
    it is by the request's own idempotency key.
    """

    @abstractmethod
    def move(
        self, instruction: Instruction, payload: Payload, *, actor: Actor, now: datetime
    ) -> Posted:
        """:raises Refusal: the books, or what it is bound to, do not allow it."""


class Change(Kind):
    """Changes what is set, in the transaction in which the request ends."""

    @abstractmethod
    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        """Until COMMIT, keep everybody else from changing what this is bound to."""

    @abstractmethod
    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        """:raises Refusal: it cannot be done now."""

    @abstractmethod
    def look(self, payload: Payload, *, now: datetime) -> Facts:
        """What it is about, as it stands; called before and after a simulation."""

    def carry_out(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        """Do it, if all that it is bound to is as it was; needs a transaction.

        :raises Refusal: it is not, or it cannot be done now.
        """
        self.take_turn(payload, now=now)
        self.check_bound(payload)
        self.change(payload, actor=actor, now=now)

    def check_bound(self, payload: Payload) -> None:
        """:raises Refusal: it is not what it was when it was asked for."""
        for name, value in self.bound(payload).items():
            if payload.get(name) != value:
                raise Refusal(CHANGED)
