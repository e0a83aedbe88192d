"""How much of their limits customers have used, as totals that only run on."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7


class LimitSeries(models.Model):
    """All that one user has ever moved of one type and currency, added up.

    `type` and `currency` are empty for all of them, as on `wallets.models.Limit`;
    amounts are of the `unit`, empty where only the number counts. `total_amount` and
    `total_count` are those of its last use, at `counted_at`, which is None before
    there is one.

    There is one as soon as a rule of this scope has had something to count. Whoever
    counts locks it, after the wallets, so that two wallets of a user queue up here.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Not a foreign key, since checking it would lock the user; users are never removed.
    user_id = models.UUIDField()
    type = models.CharField(max_length=12, blank=True)
    currency = models.CharField(max_length=12, blank=True)
    unit = models.CharField(max_length=12, blank=True)
    total_amount = models.DecimalField(
        max_digits=38, decimal_places=8, db_default=Decimal(0)
    )
    total_count = models.BigIntegerField(db_default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "limit series"
        constraints = [
            models.UniqueConstraint(
                "user_id",
                "type",
                "currency",
                "unit",
                name="transactions_one_limit_series",
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, total_count__gte=0),
                name="transactions_limit_series_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type or 'all'} in {self.currency or 'all currencies'}"


class LimitUse(models.Model):
    """One counted operation of a series, the `number`-th, and the total it led to.

    What was used since an instant is the newest total less that of the last row until
    then: two descents of an index, however many rows there are. Rows are only added,
    and removed from behind when no window reaches back to them any more; the last one
    before the longest window stays.
    """

    pk = models.CompositePrimaryKey("series_id", "number")
    series = models.ForeignKey(
        LimitSeries,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="uses",
    )
    number = models.BigIntegerField()
    at = models.DateTimeField()
    total_amount = models.DecimalField(max_digits=38, decimal_places=8)
    transaction_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index("series", "at", "number", name="transactions_limituse_at")
        ]

    def __str__(self) -> str:
        return f"use {self.number} of {self.series_id}"
