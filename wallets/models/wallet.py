"""What is held, by customers and by the house."""

from decimal import Decimal
from functools import cached_property
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from fx.models import Currency
from fx.money import EXACT, Denomination, Money
from fx.offers import Terms
from paymentprocessor.database.past import keep_past
from paymentprocessor.database.soft_delete import SoftDeletable
from wallets.limits import LimitRule

_ZERO = Decimal(0)


class Purpose(models.TextChoices):
    """What a wallet is for: a customer's money, or one of the house's accounts."""

    CUSTOMER = "customer"
    CASH = "cash"
    FX_POSITION = "fx_position"
    FX_INCOME = "fx_income"
    FEE_INCOME = "fee_income"
    SUSPENSE = "suspense"

    @property
    def is_house(self) -> bool:
        return self is not Purpose.CUSTOMER


class Status(models.TextChoices):
    """A frozen wallet moves no money; a closed one is empty and gone for good."""

    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


@keep_past("status", "overdraft_limit", "deleted_at")
class Wallet(SoftDeletable):
    """One customer's money in one currency, or, without an owner, a house account.

    A customer's wallet is credit-normal: credits add, debits take. `balance` is what
    was posted, `held` what is promised to holds, and

        available = balance - held + overdraft_limit

    is never negative, which the database itself checks. `version` is the number of
    its entries and nothing else. Only the ledger writes `balance` and `version`.

    A house account's row is never locked or updated on a customer's path: one hot row
    would queue up all customers behind each other. Its `balance` stays zero; what it
    holds is the sum of its entries (see `transactions.queries.totals`). Its id follows
    from purpose and currency, so nobody needs to look it up.

    A wallet is deleted with its owner, and comes back with them; a `closed` one stays
    away.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="wallets"
    )
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="wallets")
    purpose = models.CharField(
        max_length=12, choices=Purpose, default=Purpose.CUSTOMER, editable=False
    )
    balance = models.DecimalField(max_digits=28, decimal_places=8, default=_ZERO)
    held = models.DecimalField(max_digits=28, decimal_places=8, default=_ZERO)
    overdraft_limit = models.DecimalField(
        max_digits=28, decimal_places=8, default=_ZERO
    )
    version = models.BigIntegerField(default=0)
    status = models.CharField(max_length=6, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    # Set on wallets that were locked to move money, see `wallets.locking`.
    terms: Terms
    limits: tuple[LimitRule, ...]
    heard: str

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                "currency",
                condition=Q(deleted_at=None, owner__isnull=False),
                name="wallets_one_live_per_owner_and_currency",
            ),
            models.UniqueConstraint(
                "purpose",
                "currency",
                condition=Q(owner=None),
                name="wallets_one_house_account_per_currency",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, purpose=Purpose.CUSTOMER)
                | (Q(owner=None) & ~Q(purpose=Purpose.CUSTOMER)),
                name="wallets_customers_have_owners",
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=F("held") - F("overdraft_limit")),
                name="wallets_available_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0, overdraft_limit__gte=0, version__gte=0),
                name="wallets_parts_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(balance=0, held=0, version=0),
                name="wallets_house_balance_is_in_its_entries",
            ),
        ]

    def __str__(self) -> str:
        if self.owner_id is None:
            return f"house {self.purpose} {self.currency_id}"
        return f"{self.currency_id} of {self.owner_id}"

    @property
    def available(self) -> Decimal:
        return EXACT.add(EXACT.subtract(self.balance, self.held), self.overdraft_limit)

    @cached_property
    def denomination(self) -> Denomination:
        """Its currency as arithmetic sees it, which never changes."""
        return self.currency.denomination

    def money(self, amount: Decimal) -> Money:
        """An amount in this wallet's currency."""
        return Money(amount, self.denomination)


_HOUSE = UUID("5f0e3a52-0c4b-5d0e-8d3c-6b1f5f9c7a11")


def house_account_id(purpose: str, currency_code: str) -> UUID:
    """The id of a house account, which follows from what it is (RFC 9562 UUIDv5)."""
    return uuid5(_HOUSE, f"{purpose}:{currency_code}")
