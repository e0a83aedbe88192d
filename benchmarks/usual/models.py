"""Its tables: each field is what its name says."""

from django.conf import settings
from django.db import models


class Money(models.DecimalField):
    def __init__(self, **kwargs):
        super().__init__(**{"max_digits": 28, "decimal_places": 8, **kwargs})


class Wallet(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    currency = models.CharField(max_length=3)
    balance = Money(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "currency"], name="one_wallet"),
            models.CheckConstraint(
                condition=models.Q(balance__gte=0), name="never_negative"
            ),
        ]


class Rate(models.Model):
    currency = models.CharField(max_length=3)
    mid = models.DecimalField(max_digits=24, decimal_places=12)
    as_of = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["currency", "as_of"])]


class Transaction(models.Model):
    type = models.CharField(max_length=20)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    reference = models.CharField(max_length=255, null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)


class Conversion(models.Model):
    transaction = models.OneToOneField(Transaction, models.PROTECT)
    from_currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    from_amount = Money()
    to_amount = Money()
    mid_rate = models.DecimalField(max_digits=24, decimal_places=12)
    spread_amount = Money()


class Entry(models.Model):
    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    # A customer's wallet, or the name of one of our own accounts.
    wallet = models.ForeignKey(Wallet, models.PROTECT, null=True)
    account = models.CharField(max_length=20)
    side = models.CharField(max_length=6)
    amount = Money()
    currency = models.CharField(max_length=3)
    balance_after = Money(null=True)


class IdempotencyKey(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    key = models.CharField(max_length=255)
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_use_of_a_key")
        ]


class Event(models.Model):
    type = models.CharField(max_length=50)
    transaction = models.ForeignKey(Transaction, models.PROTECT)
    data = models.JSONField()
    occurred_at = models.DateTimeField(auto_now_add=True)
