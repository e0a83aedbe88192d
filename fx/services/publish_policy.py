"""A new version of what we charge takes over at an instant."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from fx.errors import PolicyInThePast
from fx.models import Currency, PricingPolicy
from fx.money import fits
from fx.policies import database_now
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.database.opens_transaction import opens_transaction
from paymentprocessor.database.writers import keep_other_writers_out
from users.acts import Actor, record_act
from webhooks.services import record_event


@opens_transaction
def publish_policy(
    document: Mapping[str, Any],
    *,
    reason: str,
    effective_at: datetime | None = None,
    actor: Actor | None = None,
) -> PricingPolicy:
    """Add a version to what was published before; at once, or from `effective_at` on.

    `document` is one that `fx.policy_documents.PolicyDocument` has checked.

    :raises ValidationError: it speaks of a currency that there is not, or an amount has
        more decimals than its currency.
    :raises PolicyInThePast: prices were made since under what was in force then.
    """
    check_currencies(document)
    # Two publications queue up, so that versions are numbered one by one.
    keep_other_writers_out(PricingPolicy)
    now = database_now()
    if effective_at is not None and effective_at < now:
        raise PolicyInThePast(now)
    newest = PricingPolicy.objects.order_by("version").last()
    policy = PricingPolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        document=document,
        effective_at=effective_at or now,
        staff_id=actor.staff_id if actor else None,
        reason=reason,
    )
    record_event(
        "pricing_policy.published", subject_id=policy.id, version=policy.version
    )
    told = {"version": policy.version, "effective_at": policy.effective_at}
    record_act(actor, "pricing_policy.published", policy, after=told)
    return policy


class _Named(NamedTuple):
    """A currency that a document names, where, and the amounts of it that it names."""

    code: str
    pointer: str
    amounts: Mapping[str, str]


def check_currencies(document: Mapping[str, Any]) -> None:
    """:raises ValidationError: as `publish_policy` does."""
    named = list(_named(document))
    units = Currency.objects.in_bulk({one.code for one in named})
    unknown = [
        FieldError(f"There is no currency {code}.", pointer, "unsupported_currency")
        for code, pointer, _ in named
        if code not in units
    ]
    if unknown:
        raise ValidationError(*unknown)
    for code, _, amounts in named:
        for pointer, amount in amounts.items():
            fits(Decimal(amount), units[code].denomination, pointer)


def _named(document: Mapping[str, Any]) -> Iterator[_Named]:
    for number, rule in enumerate(document["spreads"]):
        here = f"/document/spreads/{number}"
        for name in ("to_currency", "currency"):
            if name in rule:
                yield _Named(rule[name], f"{here}/{name}", {})
        if "from_currency" in rule:
            # Whose amounts a band is of.
            code = rule["from_currency"]
            yield _Named(code, f"{here}/from_currency", _amounts(here, rule))
    for number, rule in enumerate(document.get("fees", ())):
        here = f"/document/fees/{number}"
        if "currency" in rule:
            yield _Named(rule["currency"], f"{here}/currency", _amounts(here, rule))
    for code, bounds in document.get("bounds", {}).items():
        here = f"/document/bounds/{code}"
        yield _Named(code, here, _amounts(here, bounds))


def _amounts(here: str, rule: Mapping[str, str]) -> dict[str, str]:
    names = ("at_least", "fixed", "minimum", "maximum")
    return {f"{here}/{name}": rule[name] for name in names if name in rule}
