"""What two people of staff decide together, and the cache that processes share."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7


class Decision(models.TextChoices):
    """How far a request is. Only `pending` and `approved` are not the end."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"
    VOID = "void"


class ApprovalRequest(models.Model):
    """Something that one member of staff wants done, and another has to agree to.

    `payload` says exactly what, and `digest` is the SHA-256 of kind and payload in
    canonical JSON: what is approved is what was asked for, to the letter. The maker
    and the checker are two people, which PostgreSQL checks as well.

    pending -> rejected, or approved -> done, or void when it cannot be done any more.
    Between `approved` and the end a process may die; carrying it out again does no
    harm, since money moves under an idempotency key of the request's own, and all else
    is done in the transaction that ends the request. One that is pending after
    `expires_at` cannot be approved any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=50)
    payload = models.JSONField()
    digest = models.BinaryField(max_length=32)
    customer_id = models.UUIDField(null=True)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests_made"
    )
    reason = models.CharField(max_length=500)
    requested_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    decision = models.CharField(
        max_length=10, choices=Decision, default=Decision.PENDING
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="requests_checked",
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True, default="")
    outcome = models.CharField(max_length=500, blank=True, default="")
    transaction_id = models.UUIDField(null=True)

    class Meta:
        default_permissions = ("view",)
        permissions = [
            ("request_approval", "Can request what another has to approve"),
            ("decide_approval", "Can approve and reject what others request"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")),
                name="backoffice_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=Q(
                    decision=Decision.PENDING, checker=None, decided_at__isnull=True
                )
                | (
                    ~Q(decision=Decision.PENDING)
                    & Q(checker__isnull=False, decided_at__isnull=False)
                ),
                name="backoffice_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values),
                name="backoffice_known_decision",
            ),
        ]
        indexes = [
            models.Index(
                "id",
                condition=Q(decision__in=["pending", "approved"]),
                name="backoffice_undecided",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.id}"

    @classmethod
    def locked(cls, request_id: UUID) -> "ApprovalRequest":
        """The request, which until COMMIT nobody else decides or ends."""
        rows = cls.objects.select_for_update(no_key=True)
        request: ApprovalRequest = rows.get(pk=request_id)
        return request


class CacheEntry(models.Model):
    """One entry of the cache in the database: who tried to sign in lately, mostly.

    Django's `DatabaseCache` reads and writes it, and nothing else does.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "backoffice_cache"
        default_permissions = ()

    def __str__(self) -> str:
        return self.cache_key
