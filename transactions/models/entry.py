"""The debit and credit lines of a transaction."""

from django.db import models
from django.db.models import Q

from transactions.models.transaction import Transaction
from wallets.models import Wallet


class Side(models.TextChoices):
    """The side of an entry; amounts are positive and the side says the rest."""

    DEBIT = "debit"
    CREDIT = "credit"


class Entry(models.Model):
    """One debit or credit line of a transaction, the `line`-th, counted from 1.

    On a customer's wallet `balance_after` is what the entry left there and
    `wallet_version` its number along that wallet: 1, 2, 3, without a gap. A house
    account has neither, since its entries are written side by side.

    The laws are kept by one trigger on the new rows of a statement: transaction and
    wallet exist, the currency is the wallet's, lines run 1..n (so a second statement
    for the same transaction collides), debits equal credits per currency, and each
    wallet's versions and balances continue where they stood.
    """

    pk = models.CompositePrimaryKey("transaction_id", "line")
    transaction = models.ForeignKey(
        Transaction,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="entries",
    )
    line = models.SmallIntegerField()
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="entries",
    )
    side = models.CharField(max_length=6, choices=Side)
    amount = models.DecimalField(max_digits=28, decimal_places=8)
    currency = models.CharField(max_length=12)
    balance_after = models.DecimalField(max_digits=28, decimal_places=8, null=True)
    wallet_version = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="transactions_entry_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(side__in=Side.values), name="transactions_entry_side"
            ),
            models.UniqueConstraint(
                "wallet",
                "wallet_version",
                condition=Q(wallet_version__isnull=False),
                name="transactions_one_entry_per_wallet_version",
            ),
        ]
        indexes = [
            models.Index(
                "wallet",
                "recorded_at",
                condition=Q(wallet_version__isnull=False),
                name="transactions_entry_history",
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.amount} {self.currency}"
