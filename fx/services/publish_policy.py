"""A new version of what we charge takes over at an instant."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction as db_transaction

from fx.errors import PolicyInThePast
from fx.models import Currency, PricingPolicy
from fx.money import fits
from fx.policies import database_now
from fx.queries import must_exist
from webhooks.services import record_event


def publish_policy(
    document: Mapping[str, Any],
    *,
    reason: str,
    effective_at: datetime | None = None,
    staff_id: UUID | None = None,
) -> PricingPolicy:
    """Add a version to what was published before; at once, or from `effective_at` on.

    `document` is one that `fx.policy_documents.PolicyDocument` has checked.

    :raises UnsupportedCurrency: it speaks of a currency that there is not.
    :raises ValidationError: an amount has more decimals than its currency.
    :raises PolicyInThePast: prices were made since under what was in force then.
    """
    _check_amounts(document)
    with db_transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # Two publications queue up, so that versions are numbered one by one;
            # readers are not held up.
            cursor.execute("LOCK TABLE fx_pricingpolicy IN SHARE ROW EXCLUSIVE MODE")
        now = database_now()
        if effective_at is not None and effective_at < now:
            raise PolicyInThePast(now)
        newest = PricingPolicy.objects.order_by("version").last()
        policy = PricingPolicy.objects.create(
            version=newest.version + 1 if newest else 1,
            document=document,
            effective_at=effective_at or now,
            staff_id=staff_id,
            reason=reason,
        )
        record_event(
            "pricing_policy.published", subject_id=policy.id, version=policy.version
        )
    return policy


def _check_amounts(document: Mapping[str, Any]) -> None:
    amounts = list(_amounts(document))
    must_exist([code for code, _, _ in amounts])
    units = Currency.objects.in_bulk([code for code, _, _ in amounts])
    for code, amount, pointer in amounts:
        if amount is not None:
            fits(Decimal(amount), units[code].denomination, pointer)


def _amounts(document: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """Every currency that is named, each with an amount of it, and where it stands."""
    for number, rule in enumerate(document["spreads"]):
        for name in ("from_currency", "to_currency", "currency"):
            if name in rule:
                amount = rule.get("at_least") if name == "from_currency" else None
                yield rule[name], amount, f"/spreads/{number}/at_least"
    for number, rule in enumerate(document.get("fees", ())):
        for name in ("fixed", "minimum", "maximum"):
            if "currency" in rule:
                yield rule["currency"], rule.get(name), f"/fees/{number}/{name}"
    for code, bounds in document.get("bounds", {}).items():
        for name in ("minimum", "maximum"):
            yield code, bounds.get(name), f"/bounds/{code}/{name}"
