"""What moved, who asked for it, and what they were told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from paymentprocessor.database.xid import CurrentTransactionId, Xid8Field
from users.models import ApiKey
from wallets.models import Wallet


class TransactionType(models.TextChoices):
    """The ways in which money moves."""

    FUND = "fund"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    CAPTURE = "capture"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    REFUND = "refund"


class Side(models.TextChoices):
    """The side of an entry; amounts are positive and the side says the rest."""

    DEBIT = "debit"
    CREDIT = "credit"


class FixedSide(models.TextChoices):
    """Which of a conversion's two amounts the customer named."""

    SOURCE = "source"
    TARGET = "target"


class Transaction(models.Model):
    """One event that moved money. Written once, with its entries, and never changed.

    `owner` is the customer whose operation it was; `reference` is their own name for
    it, unique per owner for ever. `effective_at` is when it happened and `recorded_at`
    when we wrote it: taken by the database after the wallets were locked, so that along
    each wallet's versions it never goes back. `xid` orders writers (see `xid.py`).

    What undoes a transaction points to it and leaves it as it was: a reversal by
    `reverses`, once, and refunds by `refunds`, as long as something is left.

    No foreign key to key or owner is a constraint: checking it would lock the
    platform's key on each payment, one row for everybody. Neither is ever removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type = models.CharField(max_length=12, choices=TransactionType)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="transactions",
    )
    api_key = models.ForeignKey(
        ApiKey,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    reference = models.CharField(max_length=255, null=True)
    description = models.CharField(max_length=500, blank=True, default="")
    metadata = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=255, null=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="reversals"
    )
    refunds = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="refunded_by"
    )
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = Xid8Field(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                "reference",
                condition=Q(reference__isnull=False),
                name="transactions_reference_unique_per_owner",
            ),
            models.UniqueConstraint(
                "reverses",
                condition=Q(reverses__isnull=False),
                name="transactions_reversed_once",
            ),
        ]
        indexes = [
            models.Index("recorded_at", "id", name="transactions_history"),
            models.Index("xid", name="transactions_writers"),
            models.Index(
                "refunds",
                condition=Q(refunds__isnull=False),
                name="transactions_refunds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


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


class IdempotencyKey(models.Model):
    """What a request under a key was told; it will be told the same for ever.

    Written in the database transaction of the money itself (`transaction_id` set), or,
    for a refusal that depended on the state of the books, after the attempt was rolled
    back (`refusal` set: status, code, detail, members). A key belongs to a `principal`:
    a customer, a member of staff, or the platform (the nil UUID), whichever of their
    keys they use, so that replacing an API key in the middle of a retry is safe.
    """

    pk = models.CompositePrimaryKey("principal_id", "key")
    principal_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    transaction_id = models.UUIDField(null=True)
    refusal = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(transaction_id__isnull=True) ^ Q(refusal__isnull=True),
                name="transactions_key_has_one_outcome",
            )
        ]

    def __str__(self) -> str:
        return self.key


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
