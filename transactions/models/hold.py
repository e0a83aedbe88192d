"""Money that is promised, and not yet paid."""

from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fx.models import Quote
from fx.money import EXACT, Money, floored_product, plain
from transactions.models.asked import Asked
from users.models import ApiKey
from wallets.models import Wallet

_ZERO = Decimal(0)


class HoldStatus(models.TextChoices):
    """A hold is active until all of it, a part of it or nothing of it was captured.

    One that ends after a part was captured is `partially_captured`, whether the rest
    was given up with the last capture, voided, or expired.
    """

    ACTIVE = "active"
    CAPTURED = "captured"
    PARTIALLY_CAPTURED = "partially_captured"
    VOIDED = "voided"
    EXPIRED = "expired"


class Hold(Asked):
    """An amount of a wallet that is reserved for one payee, or for the house's cash.

    It lowers what the wallet has available and not its balance, until captures pay it
    out, in one part or several. `captured` is how much they have paid. The `fee` of it
    all is agreed when it is placed, comes on top, and is paid with the captures, each
    its share; what is left of both is part of the wallet's `held`.

    With a `quote` it converts: the rate and both amounts are that quote's, and each
    capture buys its share of the target.

    Its terms are written once. Only `captured` and the fields of its end change, in one
    direction, and nothing of a hold that has ended; PostgreSQL refuses all else.

    A hold ends by itself at `expires_at` by the database's clock, whether or not the
    sweep has come by to give back what it held: a row may still say `active` then.

    The foreign keys to owner, wallet and payee are no constraints either, see `Asked`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="holds",
    )
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="holds",
    )
    currency = models.CharField(max_length=12)
    amount = models.DecimalField(max_digits=28, decimal_places=8)
    fee = models.DecimalField(
        max_digits=28, decimal_places=8, default=_ZERO, db_default=_ZERO
    )
    # Used up by the hold, or made for it; checking a constraint would lock it again.
    quote = models.ForeignKey(
        Quote,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    captured = models.DecimalField(max_digits=28, decimal_places=8, default=_ZERO)
    status = models.CharField(
        max_length=18, choices=HoldStatus, default=HoldStatus.ACTIVE
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    voided_by_key = models.ForeignKey(
        ApiKey,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    voided_by_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    void_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount__gt=0,
                    fee__gte=0,
                    captured__gte=0,
                    captured__lte=F("amount"),
                ),
                name="transactions_hold_is_not_exceeded",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=HoldStatus.ACTIVE,
                    captured__lt=F("amount"),
                    ended_at__isnull=True,
                )
                | Q(
                    status=HoldStatus.CAPTURED,
                    captured=F("amount"),
                    ended_at__isnull=False,
                )
                | Q(
                    status=HoldStatus.PARTIALLY_CAPTURED,
                    captured__gt=0,
                    captured__lt=F("amount"),
                    ended_at__isnull=False,
                )
                | Q(
                    status__in=[HoldStatus.VOIDED, HoldStatus.EXPIRED],
                    captured=0,
                    ended_at__isnull=False,
                ),
                name="transactions_hold_status_says_what_was_captured",
            ),
            models.UniqueConstraint(
                "quote",
                condition=Q(quote__isnull=False),
                name="transactions_hold_uses_a_quote_once",
            ),
            models.UniqueConstraint(
                "owner",
                "reference",
                condition=Q(reference__isnull=False),
                name="transactions_hold_reference_unique_per_owner",
            ),
        ]
        indexes = [
            models.Index("created_at", "id", name="transactions_hold_list"),
            models.Index(
                fields=["reference"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(reference__isnull=False),
                name="transactions_hold_references",
            ),
            models.Index(
                "owner", "created_at", "id", name="transactions_hold_of_owner"
            ),
            models.Index(
                "expires_at",
                "id",
                condition=Q(status=HoldStatus.ACTIVE),
                name="transactions_hold_due",
            ),
        ]

    def __str__(self) -> str:
        status = self.status.replace("_", " ")
        return f"{status} hold of {plain(self.amount)} {self.currency}"

    @property
    def left(self) -> Decimal:
        """How much can still be captured."""
        if self.status != HoldStatus.ACTIVE:
            return _ZERO
        return EXACT.subtract(self.amount, self.captured)

    @property
    def reserved(self) -> Decimal:
        """How much the wallet holds for it: what is left, and what of the fee is."""
        if self.status != HoldStatus.ACTIVE:
            return _ZERO
        fee = self.wallet.money(self.fee)
        return EXACT.add(self.left, (fee - self.share(fee)).amount)

    def share(self, total: Money) -> Money:
        """What of `total` goes with what was captured by now.

        Rounded down, and reckoned from the beginning each time: what one capture leaves
        of a unit a later one makes up for, and with all of the hold goes all of it.
        """
        captured = Fraction(self.captured) / Fraction(self.amount)
        return floored_product(total, captured, total.currency)

    def status_if_ended(self, otherwise: HoldStatus) -> HoldStatus:
        """What the hold is once it has ended: `otherwise` if nothing was captured."""
        if self.captured == self.amount:
            return HoldStatus.CAPTURED
        return HoldStatus.PARTIALLY_CAPTURED if self.captured else otherwise
