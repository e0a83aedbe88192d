"""What happened, for those outside who want to know."""

from django.db import models
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from paymentprocessor.database.xid import CurrentTransactionId, Xid8Field


class Event(models.Model):
    """One fact that others may want to hear of, such as `transaction.posted`.

    Written in the database transaction of the fact itself, so neither is there
    without the other. Events are thin: `subject_id` names what to read for the rest,
    and `data` holds only what tells a listener whether to read at all.

    The order of events is (`xid`, `id`): `xid` is the writing transaction, and a reader
    who stays below the horizon misses none, however commits interleave.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type = models.CharField(max_length=50)
    subject_id = models.UUIDField()
    user_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField(db_default=Now())
    xid = Xid8Field(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        indexes = [models.Index("xid", "id", name="webhooks_event_order")]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"
