"""Staff add a currency, rename one, or switch it on and off."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction as db_transaction

from fx.models import Currency
from users.acts import Actor, record_act


def add_currency(currency: Currency, *, actor: Actor) -> None:
    """Write down a new currency, whose code and exponent are for ever."""
    with db_transaction.atomic(durable=True):
        currency.save(force_insert=True)
        after = {
            field: getattr(currency, field) for field in ("name", "exponent", "enabled")
        }
        record_act(actor, "currency.added", currency, after=after)


def change_currency(code: str, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Change the name, or whether wallets may be opened in it and money moves."""
    with db_transaction.atomic(durable=True):
        currency = Currency.objects.select_for_update(no_key=True).get(pk=code)
        before = {field: getattr(currency, field) for field in changes}
        for field, value in changes.items():
            setattr(currency, field, value)
        if changes:
            currency.save(update_fields=list(changes))
            record_act(
                actor, "currency.changed", currency, before=before, after=changes
            )
