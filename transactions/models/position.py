"""The positions of the house as one trade after another left them."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import models
from django.db.models.functions import Now

from paymentprocessor.database.xid import Xid8Field
from transactions.average_cost import Holding
from transactions.models.transaction import Transaction

# Before any trade.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """An instant, and the id that a writer was given then."""

    seen_at: datetime
    seen_xid: int


class PositionBook(models.Model):
    """One telling of all positions, from the first trade on, in a reporting currency.

    Derived from the entries and written behind: it holds every trade that was recorded
    until `booked_until`, in the order of recording, and can be told anew at any time.
    Readers take the book of their currency that has come furthest; the newest one is
    written on. `seen` is waited for: once all writers up to it have ended, nothing
    older can still come.
    """

    reporting_currency = models.CharField(max_length=12)
    begun_at = models.DateTimeField(db_default=Now())
    booked_until = models.DateTimeField(default=BEGINNING)
    seen_at = models.DateTimeField(default=BEGINNING)
    seen_xid = Xid8Field(default=0)

    class Meta:
        verbose_name_plural = "positions"
        default_permissions = ("view",)
        permissions = [("record_hedge", "Can record hedges")]

    def __str__(self) -> str:
        return f"positions in {self.reporting_currency} since {self.begun_at:%Y-%m-%d}"

    @property
    def seen(self) -> Seen:
        return Seen(self.seen_at, self.seen_xid)


class PositionStep(models.Model):
    """What one trade did to the house's position in one currency, and where it led.

    `change` is above zero when the house bought the currency and below when it sold,
    `value` with the same sign is what that was worth in the book's reporting currency;
    both sides of a trade have one value. `position`, `cost` and `realised` are the
    holding afterwards (see `transactions.average_cost`). A figure that is NULL is not
    known, for want of a rate at that time. `number` counts a currency's steps from 1.
    """

    book = models.ForeignKey(PositionBook, models.PROTECT, related_name="steps")
    currency = models.CharField(max_length=12)
    number = models.BigIntegerField()
    transaction = models.ForeignKey(
        Transaction,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    recorded_at = models.DateTimeField()
    change = models.DecimalField(max_digits=38, decimal_places=8)
    value = models.DecimalField(max_digits=48, decimal_places=12, null=True)
    position = models.DecimalField(max_digits=38, decimal_places=8)
    cost = models.DecimalField(max_digits=48, decimal_places=12, null=True)
    realised = models.DecimalField(max_digits=48, decimal_places=12, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "book", "currency", "number", name="transactions_one_position_step"
            )
        ]
        indexes = [
            models.Index(
                "book",
                "currency",
                "recorded_at",
                "number",
                name="transactions_position_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.currency} to {self.position}"

    @property
    def holding(self) -> Holding:
        """What the house held after this step."""
        return Holding(self.position, self.cost, self.realised)
