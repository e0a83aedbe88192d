"""What stands behind a quote, and what became of it."""

from dataclasses import dataclass
from uuid import UUID

from fx.models import Currency, PricingPolicy, Quote, Rate
from fx.money import Denomination
from fx.queries import rates_of
from transactions.models import Conversion, Hold


@dataclass(frozen=True)
class QuoteDetails:
    """The observations and policy of a quote, its units, and the use made of it."""

    rates: list[Rate]
    policy_version: int
    source: Denomination
    target: Denomination
    transaction_id: UUID | None
    hold_id: UUID | None


def quote_details(quote: Quote) -> QuoteDetails:
    """All that a reader of the quote wants besides its own row."""
    units = Currency.objects.in_bulk([quote.source_currency, quote.target_currency])
    used_by = Conversion.objects.filter(quote_id=quote.id)
    return QuoteDetails(
        rates=rates_of([UUID(id_) for id_ in quote.rate_ids]),
        policy_version=PricingPolicy.objects.get(pk=quote.policy_id).version,
        source=units[quote.source_currency].denomination,
        target=units[quote.target_currency].denomination,
        transaction_id=used_by.values_list("transaction_id", flat=True).first(),
        hold_id=Hold.objects.filter(quote=quote).values_list("pk", flat=True).first(),
    )
