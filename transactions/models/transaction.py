"""One event that moved money."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from paymentprocessor.database.xid import CurrentTransactionId, Xid8Field
from transactions.models.asked import Asked
from transactions.models.hold import Hold


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
    HEDGE = "hedge"


# Payments, which can be given back; the others are reversed only.
REFUNDED_TYPES = (TransactionType.TRANSFER, TransactionType.CAPTURE)


class Transaction(Asked):
    """One event that moved money. Written once, with its entries, and never changed.

    `owner` is the customer whose operation it was; the foreign key to them is no
    constraint either, see `Asked`. `effective_at` is when it happened and `recorded_at`
    when we wrote it: taken by the database after the wallets were locked, so that along
    each wallet's versions it never goes back. `xid` orders writers (see `xid.py`).
    The row is the event `transaction.posted` as well: the view of events reads it.

    A payment out of several wallets is a transfer with its conversions as parts
    (`part_of`), written together.

    What undoes a transaction points to it and leaves it as it was: a reversal by
    `reverses`, once, and refunds by `refunds`, as long as something is left. A capture
    points to the hold that it pays out, and nothing else does.
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
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="reversals"
    )
    refunds = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="refunded_by"
    )
    hold = models.ForeignKey(
        Hold, models.PROTECT, null=True, db_index=False, related_name="captures"
    )
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="parts"
    )
    # The request that it was an item of. No foreign key: its row is written last.
    batch_id = models.UUIDField(null=True)
    # Of the call that it came by. None: from when its event was a row of its own.
    request_id = models.CharField(max_length=64, null=True)
    # What the owner was charged, as part of what the entries took or kept from them; in
    # the currency of the amount, and of a conversion's source.
    fee = models.DecimalField(
        max_digits=28, decimal_places=8, default=Decimal(0), db_default=Decimal(0)
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
            # Nobody is not the same as nobody for the one above.
            models.UniqueConstraint(
                "reference",
                condition=Q(owner__isnull=True, reference__isnull=False),
                name="transactions_reference_unique_of_the_house",
            ),
            models.UniqueConstraint(
                "reverses",
                condition=Q(reverses__isnull=False),
                name="transactions_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(type=TransactionType.CAPTURE, hold__isnull=False)
                | (~Q(type=TransactionType.CAPTURE) & Q(hold__isnull=True)),
                name="transactions_captures_have_holds",
            ),
        ]
        indexes = [
            # Without the id, by which those of one instant are sorted when they are
            # read: one statement records some hundred at most.
            models.Index("recorded_at", name="transactions_recorded"),
            models.Index("xid", "id", name="transactions_event_order"),
            # For people, who remember how a reference begins, and not whose it is.
            models.Index(
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(reference__isnull=False),
                name="transactions_references",
            ),
            models.Index(
                "refunds",
                condition=Q(refunds__isnull=False),
                name="transactions_refunds",
            ),
            models.Index(
                "hold",
                "recorded_at",
                "id",
                condition=Q(hold__isnull=False),
                name="transactions_captures",
            ),
            models.Index(
                "batch_id",
                "id",
                condition=Q(batch_id__isnull=False),
                name="transactions_of_batches",
            ),
            models.Index(
                "part_of",
                condition=Q(part_of__isnull=False),
                name="transactions_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
