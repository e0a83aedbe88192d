"""How far the house lets its positions go."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fx.money import plain

# A tenth of the price: nobody should pay more for where the house stands.
MAX_WIDENING_BPS = 1000


class PositionLimit(models.Model):
    """How much of a currency the house may be long or short, from an instant on.

    Amounts in the currency itself, the same for long and short. Beyond `soft` the
    price of what would take the position further is widened by `widen_bps`; what would
    take it beyond `hard` is refused. NULL is no limit. A row is never changed: the next
    one for the currency supersedes it from its own `effective_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    currency = models.CharField(max_length=12)
    soft = models.DecimalField(max_digits=28, decimal_places=8, null=True, blank=True)
    hard = models.DecimalField(max_digits=28, decimal_places=8, null=True, blank=True)
    widen_bps = models.DecimalField(max_digits=8, decimal_places=4, default=0)
    effective_at = models.DateTimeField()
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        default_permissions = ("view", "add")
        constraints = [
            models.CheckConstraint(
                condition=Q(soft__gt=0) | Q(soft=None),
                name="transactions_soft_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(hard__gt=0) | Q(hard=None),
                name="transactions_hard_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(soft=None) | Q(hard=None) | Q(soft__lte=F("hard")),
                name="transactions_soft_limit_within_hard",
            ),
            models.CheckConstraint(
                condition=Q(widen_bps__gte=0, widen_bps__lte=MAX_WIDENING_BPS),
                name="transactions_widening_is_a_part",
            ),
        ]
        indexes = [
            models.Index("currency", "effective_at", name="transactions_limit_at")
        ]

    def __str__(self) -> str:
        soft, hard = (
            "none" if most is None else plain(most) for most in (self.soft, self.hard)
        )
        return f"{self.currency}: soft {soft}, hard {hard}"
