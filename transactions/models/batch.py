"""Many movements that were asked for at once."""

from django.db import models
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from users.models import ApiKey


class Batch(models.Model):
    """One request for many movements, and what came of those that were refused.

    Written once, in the database transaction of its movements, and never changed. They
    point here (`Transaction.batch_id`), and their ids are in the order of the items.
    `refusals` has what the other items were told, by index: status, code, detail and
    members, since that depended on the books as they were. An `atomic` batch has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    api_key = models.ForeignKey(
        ApiKey,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    idempotency_key = models.CharField(max_length=255, null=True)
    atomic = models.BooleanField()
    item_count = models.PositiveIntegerField()
    refusals = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.item_count} items {self.id}"
