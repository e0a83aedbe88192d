"""What we charge, version by version."""

from functools import cached_property

from django.db import models
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fx.policy import Policy


class PricingPolicy(models.Model):
    """One version of what we charge, in force from `effective_at` until the next one.

    Never edited: a new version takes over, and each price names the version it was
    made from, so that it can be made again. Of two with the same instant the higher
    version counts. PostgreSQL refuses to change or remove a row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    effective_at = models.DateTimeField()
    # Not a foreign key, so that publishing locks nobody's row.
    staff_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "pricing policies"
        indexes = [
            models.Index(
                models.F("effective_at").desc(),
                models.F("version").desc(),
                name="fx_policy_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"pricing policy {self.version}"

    @cached_property
    def policy(self) -> Policy:
        return Policy.of(self.document)
