"""Reading batches."""

from uuid import UUID

from transactions.batches import BatchPosted
from transactions.errors import BatchNotFound
from transactions.models import Batch, Transaction
from transactions.queries.books import posted_transactions


def batch_posted(batch_id: UUID, *, replayed: bool = False) -> BatchPosted:
    """A batch with what came of each item, in their order.

    :raises BatchNotFound:
    """
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound
    ids = Transaction.objects.filter(batch_id=batch_id).order_by("pk")
    posted = iter(posted_transactions(ids.values_list("pk", flat=True)))
    results = [
        batch.refusals.get(str(index)) or next(posted)
        for index in range(batch.item_count)
    ]
    return BatchPosted(batch, results, replayed)
