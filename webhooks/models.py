"""What happened, for those outside who want to know."""

from django.db import models
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from paymentprocessor.database.xid import CurrentTransactionId, Xid8Field


class _Told(models.Model):
    """What others hear of a fact.

    Events are thin: `subject_id` names what to read for the rest, and `data` holds only
    what tells a listener whether to read at all.
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
        abstract = True

    def __str__(self) -> str:
        return f"{self.type} {self.subject_id}"


class RecordedEvent(_Told):
    """An event as a row of its own, of a fact that leaves no other row to tell it.

    Written in the database transaction of the fact itself, so neither is there
    without the other.
    """

    class Meta:
        db_table = "webhooks_event"
        # Nobody is let near it: what people read are events, however they are kept.
        default_permissions = ()
        indexes = [models.Index("xid", "id", name="webhooks_event_order")]


class _Each(models.Manager["Event"]):
    """Each event once.

    Not a condition of the view: a part with one cannot be read in order by its index.
    """

    def get_queryset(self) -> models.QuerySet["Event"]:
        return super().get_queryset().filter(request_id__isnull=False)


class Event(_Told):
    """One fact that others may want to hear of, such as `transaction.posted`.

    A row of the view `webhooks_feed`: recorded events, and the rows of other apps that
    are events by themselves and so are not written twice. Such an app adds its rows to
    the view in a migration, and to its table an index on (`xid`, `id`). Rows without a
    `request_id` are no events: they are told by a recorded one.

    The order of events is (`xid`, `id`): `xid` is the writing transaction, and a reader
    who stays below the horizon misses none, however commits interleave.
    """

    objects = _Each()

    class Meta:
        managed = False
        db_table = "webhooks_feed"
