"""How much customers may move."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Now
from uuid_utils.compat import uuid7

from fx.models import Currency
from fx.policy import OPERATIONS
from users.models import TIER_PATTERN
from wallets.limits import OPERATION, LimitRule
from wallets.models.wallet import Wallet

# Stands for the subject of rules that are about no single customer.
NOBODY = UUID(int=0)


class LimitType(models.TextChoices):
    """What customers can order, and what of it counts: see the glossary."""

    FUND = "fund"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    CONVERSION = "conversion"
    CAPTURE = "capture"


assert tuple(LimitType.values) == OPERATIONS, "what can carry a fee can have a limit"


class Window(models.TextChoices):
    """Each operation by itself, or all of the last 24 hours, 7 days or 30 days."""

    OPERATION = "operation"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def subject_id() -> Coalesce:
    """Whose rule it is: a wallet's id, a user's id, or nobody's in particular."""
    return Coalesce("wallet_id", "user_id", Value(NOBODY, models.UUIDField()))


class Limit(models.Model):
    """A rule on what a wallet, a user, a tier or everybody may move in a window.

    At most one of `wallet`, `user` and `tier` is given; a rule without any is about
    everybody. `type` and `currency` are empty for all of them; a wallet's rule is about
    its currency. Amounts are of the `unit`: that currency, or what was the reporting
    currency when the rule was made. `max_amount`, `max_count` or both are given.

    In force from `created_at` to `ended_at`. Nothing else of it ever changes: another
    rule of the same subject, type, currency and window ends it and takes its place.
    PostgreSQL refuses all else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="limits",
    )
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )
    tier = models.CharField(max_length=32, blank=True, default="")
    type = models.CharField(max_length=12, choices=LimitType, blank=True, default="")
    currency = models.CharField(max_length=12, blank=True, default="")
    unit = models.ForeignKey(
        Currency, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    window = models.CharField(max_length=9, choices=Window)
    max_amount = models.DecimalField(
        max_digits=28, decimal_places=8, null=True, blank=True
    )
    max_count = models.IntegerField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    # Not foreign keys, so that setting a limit locks nobody's row.
    staff_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, default="")
    end_staff_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            # Whose rules apply is asked with each lock: its first column answers that.
            models.UniqueConstraint(
                subject_id(),
                "tier",
                "type",
                "currency",
                "window",
                condition=Q(ended_at=None),
                name="wallets_one_limit_per_scope",
            ),
            models.CheckConstraint(
                condition=Q(user=None, wallet=None)
                | Q(user=None, tier="")
                | Q(wallet=None, tier=""),
                name="wallets_limit_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(tier="") | Q(tier__regex=TIER_PATTERN),
                name="wallets_limit_tier_is_a_word",
            ),
            models.CheckConstraint(
                condition=Q(type__in=["", *LimitType.values]),
                name="wallets_limit_type",
            ),
            models.CheckConstraint(
                condition=Q(window__in=Window.values), name="wallets_limit_window"
            ),
            models.CheckConstraint(
                condition=Q(wallet=None) | ~Q(currency=""),
                name="wallets_limit_of_wallet_has_its_currency",
            ),
            models.CheckConstraint(
                condition=Q(currency="")
                | Q(unit__isnull=False, unit=models.F("currency")),
                name="wallets_limit_is_in_its_currency",
            ),
            models.CheckConstraint(
                condition=Q(max_amount__isnull=False) | Q(max_count__isnull=False),
                name="wallets_limit_limits_something",
            ),
            models.CheckConstraint(
                condition=Q(max_amount=None) | Q(max_amount__gt=0, unit__isnull=False),
                name="wallets_limit_amount_positive",
            ),
            models.CheckConstraint(
                condition=Q(max_count=None) | Q(max_count__gte=0),
                name="wallets_limit_count_not_negative",
            ),
            # How many operations there are in one operation is known.
            models.CheckConstraint(
                condition=~Q(window=OPERATION) | Q(max_count=None),
                name="wallets_limit_of_operation_has_no_count",
            ),
        ]

    def __str__(self) -> str:
        most = [str(most) for most in (self.rule.limit, self.max_count) if most]
        subject = f"tier {self.tier}" if self.tier else self.subject
        return f"{' and '.join(most) or 0} per {self.window} for {subject}"

    @property
    def subject(self) -> str:
        """Which kind of subject it is about, one of `SUBJECTS`."""
        if self.wallet_id is not None:
            return "wallet"
        if self.user_id is not None:
            return "user"
        return "tier" if self.tier else "everybody"

    @property
    def rule(self) -> LimitRule:
        return LimitRule(
            id=self.id,
            subject=self.subject,
            tier=self.tier,
            type=self.type,
            currency=self.currency,
            unit=None if self.unit is None else self.unit.denomination,
            window=self.window,
            max_amount=self.max_amount,
            max_count=self.max_count,
            created_at=self.created_at,
        )
