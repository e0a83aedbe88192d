"""What moved each day, added up behind."""

from django.db import models

from paymentprocessor.database.xid import Xid8Field


class DayTotal(models.Model):
    """What transactions of one type did in one currency on one day (UTC).

    `debits` and `credits` are those of customers' wallets only; `transactions` counts
    each transaction once, in the currency of its first line. Holds what was decided
    below the horizon of `DayHorizon`, so today's row grows.
    """

    pk = models.CompositePrimaryKey("day", "type", "currency")
    day = models.DateField()
    type = models.CharField(max_length=12)
    currency = models.CharField(max_length=12)
    transactions = models.BigIntegerField()
    debits = models.DecimalField(max_digits=38, decimal_places=8)
    credits = models.DecimalField(max_digits=38, decimal_places=8)

    def __str__(self) -> str:
        return f"{self.day} {self.type} {self.currency}"


class DayHorizon(models.Model):
    """How far the days are added up: the one row, which whoever adds up locks.

    Every transaction with `xid` below `horizon` is in the days, and no other.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    horizon = Xid8Field(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1), name="transactions_one_day_horizon"
            )
        ]

    def __str__(self) -> str:
        return f"days below {self.horizon}"
