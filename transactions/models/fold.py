"""The totals of the ledger, added up ahead."""

from django.db import models
from django.db.models.functions import Now

from paymentprocessor.database.xid import Xid8Field


class Fold(models.Model):
    """The totals of the ledger up to a horizon, so that no reader adds up everything.

    Covers every transaction with `xid` below `horizon`. All of them were decided, and
    so recorded, before the fold was made at `made_at`. `ceiling` was the next id to be
    given to a writer then. Folds only ever add rows, one set a run.
    """

    made_at = models.DateTimeField(db_default=Now())
    horizon = Xid8Field()
    ceiling = Xid8Field()

    class Meta:
        indexes = [models.Index("made_at", name="transactions_fold_made_at")]

    def __str__(self) -> str:
        return f"fold below {self.horizon}"


class FoldTotal(models.Model):
    """All debits and credits of one purpose in one currency below a fold's horizon.

    The purpose `customer` stands for all customers' wallets together.
    """

    fold = models.ForeignKey(Fold, models.CASCADE, related_name="totals")
    purpose = models.CharField(max_length=12)
    currency = models.CharField(max_length=12)
    debits = models.DecimalField(max_digits=38, decimal_places=8)
    credits = models.DecimalField(max_digits=38, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "fold", "purpose", "currency", name="transactions_one_fold_total"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.currency}"
