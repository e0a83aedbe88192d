"""What a conversion costs, and prices that were promised."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fx.policy import LOCKS

_ZERO = Decimal(0)


class FixedSide(models.TextChoices):
    """Which of a conversion's two amounts the customer named."""

    SOURCE = "source"
    TARGET = "target"


class Priced(models.Model):
    """A price, in enough detail to make it again from the same inputs.

    `mid_rate` is the exact cross rate of the observations `rate_ids`, half-even at 12
    decimals. The client rate is that mid less `spread_bps`, and never better than the
    market's own side, rounded down once at 12 decimals; it is the price: `exact_target`
    = source amount * client rate. Where the source is fixed the target amount is that,
    cut off at the currency's scale; where the target is, the source amount is the least
    that comes to it. `residual` is the difference. `spread_bps` is all of the spread:
    what the policy asks of that tier, `premium_bps` for a lock, and `widening_bps` for
    a position beyond its soft limit. `spread_amount`, in the target currency, is what
    the source is worth at mid less the target amount: the house's income.
    """

    source_currency = models.CharField(max_length=12)
    target_currency = models.CharField(max_length=12)
    source_amount = models.DecimalField(max_digits=28, decimal_places=8)
    target_amount = models.DecimalField(max_digits=28, decimal_places=8)
    fixed_side = models.CharField(max_length=6, choices=FixedSide)
    mid_rate = models.DecimalField(max_digits=24, decimal_places=12)
    client_rate = models.DecimalField(max_digits=24, decimal_places=12)
    spread_bps = models.DecimalField(max_digits=8, decimal_places=4)
    premium_bps = models.DecimalField(
        max_digits=8, decimal_places=4, default=_ZERO, db_default=_ZERO
    )
    widening_bps = models.DecimalField(
        max_digits=8, decimal_places=4, default=_ZERO, db_default=_ZERO
    )
    spread_amount = models.DecimalField(max_digits=28, decimal_places=8)
    rate_ids = models.JSONField()
    rate_as_of = models.DateTimeField()
    exact_target = models.DecimalField(max_digits=48, decimal_places=20)
    residual = models.DecimalField(max_digits=48, decimal_places=20)
    policy_id = models.UUIDField()
    tier = models.CharField(max_length=32, default="standard", db_default="standard")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.source_currency} to {self.target_currency} at {self.client_rate}"

    def pricing(self) -> dict[str, Any]:
        """The columns of the price, for another row that has the same."""
        return {field.name: getattr(self, field.name) for field in Priced._meta.fields}


class QuoteStatus(models.TextChoices):
    """An open quote can be used once; whatever ended it, it stays ended."""

    OPEN = "open"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Quote(Priced):
    """A price promised to one customer until `expires_at`, by the database's clock.

    It is used once, by a conversion or by a hold, in the transaction of that use: the
    first one changes `status`, and the next finds it changed. Nothing else of it ever
    changes, and a status that is not open never does: PostgreSQL refuses it. `fee` is
    in the source currency and comes on top of the source amount.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    status = models.CharField(
        max_length=9, choices=QuoteStatus, default=QuoteStatus.OPEN
    )
    lock = models.CharField(max_length=3, choices=[(name, name) for name in LOCKS])
    fee = models.DecimalField(max_digits=28, decimal_places=8, default=_ZERO)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index("user_id", "id", name="fx_quotes_of_user"),
            # How many prices a user is promised now, whatever they asked before.
            models.Index(
                "user_id",
                "expires_at",
                condition=Q(status=QuoteStatus.OPEN),
                name="fx_quotes_open_of_user",
            ),
            # What the sweep looks for: open ones, the first to expire first.
            models.Index(
                "expires_at",
                condition=Q(status=QuoteStatus.OPEN),
                name="fx_quotes_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=QuoteStatus.OPEN) ^ Q(ended_at__isnull=False),
                name="fx_quote_ended_when_not_open",
            )
        ]
