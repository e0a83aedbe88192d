"""What a request under a key was told."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def _exactly_one(*columns: str) -> Q:
    return reduce(
        or_,
        (
            Q(**{f"{name}__isnull": name != set_ for name in columns})
            for set_ in columns
        ),
    )


class IdempotencyKey(models.Model):
    """What a request under a key was told; it will be told the same for ever.

    Written in the database transaction of what it asked for (`transaction_id` set, or
    `hold_id` where a hold was placed or voided and no money moved, or `batch_id` where
    many movements were asked for at once), or, for a refusal
    that depended on the state of the books, after the attempt was rolled back
    (`refusal` set: status, code, detail, members). A key belongs to a `principal`:
    a customer, a member of staff, or the platform (the nil UUID), whichever of their
    keys they use, so that replacing an API key in the middle of a retry is safe.
    """

    pk = models.CompositePrimaryKey("principal_id", "key")
    principal_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    transaction_id = models.UUIDField(null=True)
    hold_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    refusal = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one(
                    "transaction_id", "hold_id", "batch_id", "refusal"
                ),
                name="transactions_key_has_one_outcome",
            )
        ]

    def __str__(self) -> str:
        return self.key
