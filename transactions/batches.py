"""What a batch is made of, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from paymentprocessor.api.errors import Refusal
from transactions.drafts import Order
from transactions.models import Batch
from transactions.postings import Instruction, Posted

MAX_ITEMS = 10_000
# What one statement writes, while the next ones are worked out.
AT_ONCE = 100


class Item(NamedTuple):
    """One movement of a batch, and the client's words for it."""

    order: Order
    instruction: Instruction


# What an item that was refused was told: status, code, detail and members.
Refused = dict[str, Any]


@dataclass(frozen=True)
class BatchPosted:
    """A batch as it stands in the books, with what came of each item, in their order.

    `replayed` tells whether that was just now, and is no part of the answer itself.
    """

    batch: Batch
    results: Sequence[Posted | Refused]
    replayed: bool = False

    @property
    def posted_count(self) -> int:
        return self.batch.item_count - len(self.batch.refusals)


def told(refusal: Refusal) -> Refused:
    """A refusal as data, which can be kept."""
    return {
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "members": refusal.members,
    }


def of_item(index: int, refusal: Refusal) -> Refusal:
    """The refusal of an item, as one of the batch: it says which item it was."""
    refusal.detail = f"Item {index}: {refusal.detail}"
    refusal.members = {"index": index, **refusal.members}
    if "errors" in refusal.members:
        refusal.members["errors"] = [
            error | {"pointer": f"/items/{index}{error['pointer']}"}
            for error in refusal.members["errors"]
        ]
    return refusal
