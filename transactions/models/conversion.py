"""What a transaction that converts came by its amounts from."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from fx.models import Priced
from transactions.models.transaction import Transaction


class Conversion(Priced):
    """The price of a converting transaction, and the quote it was promised by, if any.

    A quote is used by one conversion: a unique index of PostgreSQL's, beside the
    quote's own state.
    """

    transaction = models.OneToOneField(
        Transaction, models.PROTECT, primary_key=True, related_name="conversion"
    )
    # No foreign key, since checking it would lock the quote a second time.
    quote_id = models.UUIDField(null=True)

    transaction_id: UUID

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "quote_id",
                condition=Q(quote_id__isnull=False),
                name="transactions_quote_used_once",
            )
        ]
