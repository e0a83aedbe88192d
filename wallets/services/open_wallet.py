"""A customer starts to hold another currency."""

from uuid import UUID

from django.db import transaction as db_transaction

from fx.queries import find_currency
from users.acts import Actor, record_act
from users.queries import find_user
from wallets.models import Wallet
from wallets.opening import add_wallet


def open_wallet(
    user_id: UUID, currency_code: str, *, actor: Actor | None = None
) -> tuple[Wallet, bool]:
    """The user's wallet in that currency, and whether it was opened just now.

    :raises UserNotFound, UserDeleted, UnsupportedCurrency:
    """
    with db_transaction.atomic(durable=True):
        wallet, is_new = add_wallet(find_user(user_id), find_currency(currency_code))
        if is_new:
            after = {"currency": currency_code}
            record_act(actor, "wallet.opened", wallet, customer_id=user_id, after=after)
    return wallet, is_new
