"""Many movements at once: one after the other in effect, and written together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection
from uuid_utils.compat import uuid7

from paymentprocessor.api.errors import Refusal, RequestInProgress
from transactions.batches import AT_ONCE, BatchPosted, Item, Refused, of_item, told
from transactions.bookings import Bookings, Expected
from transactions.errors import DuplicateReference
from transactions.models import Batch
from transactions.movement import broke, moves_money
from transactions.postings import Instruction, Posted
from transactions.queries.references import references_in_use
from wallets.claiming import ClaimedWallets
from wallets.locking import Claim


@moves_money
def post_batch(
    instruction: Instruction, items: Sequence[Item], *, atomic: bool, now: datetime
) -> BatchPosted:
    """Carry out the items in their order; a later one may spend what came by another.

    An `atomic` batch happens as a whole or, at the first item that is refused, not at
    all. Of another, each item happens or is refused by itself.

    :raises Refusal: what a movement by itself would be refused for, with the `index` of
        the item, if the batch is atomic; IdempotencyKeyReused.
    """
    batch = Batch(
        id=uuid7(),
        api_key_id=instruction.api_key_id,
        idempotency_key=instruction.idempotency_key,
        atomic=atomic,
        item_count=len(items),
    )
    _use_key(instruction, batch)
    claimed = [_Claimed(item, _claims(item)) for item in items]
    work = _Work(batch, claimed, now=now)
    results: list[Posted | Refused] = []
    with _references_are_ours():
        for chunk in _chunks(claimed):
            for item in chunk:
                results.append(work.result(len(results), item))
            work.start_writing()
        work.finish()
    return BatchPosted(batch, results)


class _Claimed(NamedTuple):
    """An item, and the wallets that it wants."""

    item: Item
    claims: Sequence[Claim]


class _Work:
    """A batch that is being carried out, its wallets locked."""

    def __init__(
        self, batch: Batch, claimed: Sequence[_Claimed], *, now: datetime
    ) -> None:
        items = [item for item, _ in claimed]
        self._wallets = ClaimedWallets(c for _, claims in claimed for c in claims)
        self._batch = batch
        expected = self._expected(claimed)
        self._bookings = Bookings(expected, now=now, batch_id=batch.id)
        self._used = references_in_use(
            (item.order.user_id, item.instruction.reference)
            for item in items
            if item.instruction.reference is not None
        )

    def result(self, index: int, claimed: _Claimed) -> Posted | Refused:
        """Check and book an item; what is refused leaves no trace.

        :raises Refusal: the item is refused, and the batch with it.
        """
        try:
            return self._enter(claimed)
        except Refusal as refusal:
            if self._batch.atomic:
                raise of_item(index, refusal) from None
            refused = self._batch.refusals[str(index)] = told(refusal)
            return refused

    def start_writing(self) -> None:
        """Have what was entered since the last time written, while more is entered."""
        self._wallets.open_used()
        self._bookings.start_writing()

    def finish(self) -> None:
        """Wait until it is all written, and write what is to be told of it."""
        self._bookings.finish_writing()
        self._bookings.tell()
        self._batch.save(force_insert=True)
        self._batch.refresh_from_db(fields=["created_at"])

    def _enter(self, claimed: _Claimed) -> Posted:
        (order, words), claims = claimed
        named = order.user_id, words.reference
        if named in self._used:
            raise DuplicateReference(words.reference)
        wallets = self._wallets.take(claims or order.claims())
        posted = self._bookings.enter(order, words, wallets)
        if words.reference is not None:
            self._used.add((order.user_id, words.reference))
        return posted

    def _expected(self, claimed: Sequence[_Claimed]) -> Iterator[Expected]:
        for item, claims in claimed:
            for claim in claims[:1]:
                if acting := self._wallets.expect(claim):
                    yield Expected(item.order, acting)


@contextmanager
def _references_are_ours() -> Iterator[None]:
    """:raises RequestInProgress: somebody else has used one since we looked."""
    try:
        yield
    except IntegrityError as clash:
        if broke(clash) == "transactions_reference_unique_per_owner":
            # Found before writing the next time, with the item it belongs to.
            raise RequestInProgress(
                "Another request has just used one of these references."
            ) from clash
        raise


def _claims(item: Item) -> list[Claim]:
    try:
        return item.order.claims()
    except Refusal:
        # Told when its turn comes.
        return []


def _chunks(claimed: Sequence[_Claimed]) -> Iterator[Sequence[_Claimed]]:
    for start in range(0, len(claimed), AT_ONCE):
        yield claimed[start : start + AT_ONCE]


def _use_key(instruction: Instruction, batch: Batch) -> None:
    """Write the key first: a repetition waits here, or is known before it works."""
    if instruction.idempotency_key is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO transactions_idempotencykey"
            " (principal_id, key, fingerprint, batch_id, created_at)"
            " VALUES (%s, %s, %s, %s, statement_timestamp())",
            [
                instruction.principal_id,
                instruction.idempotency_key,
                instruction.fingerprint,
                batch.id,
            ],
        )
