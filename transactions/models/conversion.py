"""The price of a transaction that converts."""

from django.db import models

from transactions.models.transaction import Transaction


class FixedSide(models.TextChoices):
    """Which of a conversion's two amounts the customer named."""

    SOURCE = "source"
    TARGET = "target"


class Conversion(models.Model):
    """How a converting transaction came by its amounts, in enough detail to redo it.

    `mid_rate` is the exact cross rate of the observations `rate_ids`, half-even at 12
    decimals; `client_rate` is that mid less the spread, rounded down once at 12, and
    is the price: `exact_target` = source amount * client rate, and the target amount is
    that at the currency's scale; `residual` is the difference. `spread_amount`, in the
    target currency, is what the source is worth at mid less the target amount: the
    house's income.
    """

    transaction = models.OneToOneField(
        Transaction, models.PROTECT, primary_key=True, related_name="conversion"
    )
    source_currency = models.CharField(max_length=12)
    target_currency = models.CharField(max_length=12)
    source_amount = models.DecimalField(max_digits=28, decimal_places=8)
    target_amount = models.DecimalField(max_digits=28, decimal_places=8)
    fixed_side = models.CharField(max_length=6, choices=FixedSide)
    mid_rate = models.DecimalField(max_digits=24, decimal_places=12)
    client_rate = models.DecimalField(max_digits=24, decimal_places=12)
    spread_bps = models.DecimalField(max_digits=8, decimal_places=4)
    spread_amount = models.DecimalField(max_digits=28, decimal_places=8)
    rate_ids = models.JSONField()
    rate_as_of = models.DateTimeField()
    exact_target = models.DecimalField(max_digits=48, decimal_places=20)
    residual = models.DecimalField(max_digits=48, decimal_places=20)

    def __str__(self) -> str:
        return f"{self.source_currency} to {self.target_currency} at {self.client_rate}"
