"""Who asked for something, and in which words."""

from django.conf import settings
from django.db import models

from users.models import ApiKey


class Asked(models.Model):
    """Something that a client or a member of staff asked for, in their own words.

    `reference` is their name for it, unique per owner for ever. No foreign key to who
    asked is a constraint: checking it would lock the platform's key on each payment,
    one row for everybody. Neither is ever removed.
    """

    api_key = models.ForeignKey(
        ApiKey,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    reference = models.CharField(max_length=255, null=True)
    description = models.CharField(max_length=500, blank=True, default="")
    metadata = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=255, null=True)

    class Meta:
        abstract = True
