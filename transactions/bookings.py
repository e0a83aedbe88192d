"""Orders that are carried out in one transaction of the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from transactions.desk import Desk
from transactions.drafts import ConvertOrder, Order
from transactions.ledger import Page
from transactions.limits import Ordered
from transactions.postings import Instruction, Posted
from wallets.models import Wallet


class Expected(NamedTuple):
    """An order that will be entered, if all goes well, and the wallet that acts."""

    order: Order
    acting: Wallet


class Bookings:
    """Orders, priced at one desk and entered on one page of the ledger.

    Needs a transaction in which the wallets were locked; see `ledger.Page` for them.
    One order by itself, those of the same moment, and those of a batch are carried out
    here, one after the other in effect. For `catches_up` see `limits.LimitBook`.
    """

    def __init__(
        self,
        expected: Iterable[Expected],
        *,
        now: datetime,
        batch_id: UUID | None = None,
        catches_up: bool = True,
    ) -> None:
        expected = list(expected)
        pairs = {o.pair for o, _ in expected if isinstance(o, ConvertOrder)}
        heard = expected[0].acting.heard if expected else None
        self._desk = Desk(pairs, now=now, heard=heard)
        ordered = [Ordered(acting, order.type) for order, acting in expected]
        self._page = Page(ordered, batch_id=batch_id, catches_up=catches_up)

    def enter(
        self, order: Order, instruction: Instruction, wallets: Sequence[Wallet]
    ) -> Posted:
        """Check and book an order; one that is refused leaves no trace.

        `wallets` are those that it claims, in their order.

        :raises Refusal: what its `draft` and `Page.enter` raise.
        """
        if not isinstance(order, ConvertOrder):
            return self._page.enter(order.draft(instruction, *wallets))
        posting = order.draft(instruction, *wallets, desk=self._desk)
        posted = self._page.enter(posting)
        self._desk.book(posting)
        return posted

    def start_writing(self) -> None:
        """Have what was entered since the last time written, while more is entered."""
        self._page.start_writing()

    def finish_writing(self) -> None:
        """Wait for what is being written."""
        self._page.finish_writing()

    def tell(self) -> None:
        """Write what is to be told of it all."""
        self._desk.tell()

    def finish(self) -> None:
        """Write the rest, and what is to be told of it all; COMMIT goes along."""
        self.tell()
        self._page.write(last=True)
