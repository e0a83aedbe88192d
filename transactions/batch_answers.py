"""What a client is told of a batch: pure functions of what stands in the books."""

import json
from typing import Any

from transactions import answers
from transactions.batches import BatchPosted, Refused
from transactions.models import TransactionType
from transactions.postings import Posted

_ANSWERS = {
    TransactionType.FUND: answers.movement,
    TransactionType.WITHDRAWAL: answers.movement,
    TransactionType.TRANSFER: answers.transfer,
    TransactionType.CONVERSION: answers.conversion,
}


def batch(done: BatchPosted, *, preview: bool = False) -> dict[str, Any]:
    """What came of each item, word for word the same whenever it is asked for."""
    row = done.batch
    unnamed: dict[str, Any] = {"preview": True, "batch_id": None} if preview else {}
    return {
        "batch_id": row.id,
        "atomic": row.atomic,
        "item_count": row.item_count,
        "posted_count": done.posted_count,
        "refused_count": len(row.refusals),
        "created_at": row.created_at,
        "results": [
            {"index": index, **_result(result, preview=preview)}
            for index, result in enumerate(done.results)
        ],
        **unnamed,
    }


def _result(result: Posted | Refused, *, preview: bool) -> dict[str, Any]:
    if not isinstance(result, Posted):
        # In an order of ours: jsonb forgets the one in which it was told.
        problem = json.loads(json.dumps(result, sort_keys=True))
        return {"status": "refused", "problem": problem}
    answer = _ANSWERS[TransactionType(result.transaction.type)](result)
    if preview:
        answer = answers.preview(result, answer)
    return {"status": "posted", "transaction": answer}
