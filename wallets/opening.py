"""Adding wallets, inside somebody else's transaction."""

from collections.abc import Collection

from fx.models import Currency
from users.errors import UserDeleted
from users.models import User
from wallets.models import Purpose, Wallet, house_account_id
from webhooks.services import new_event, record_event, record_events

_HOUSE_PURPOSES = [purpose for purpose in Purpose if purpose.is_house]


def open_house_accounts(*currencies: Currency) -> None:
    """The house's accounts in these currencies, where there are none yet."""
    Wallet.objects.bulk_create(
        [
            Wallet(
                id=house_account_id(purpose, currency.code),
                purpose=purpose,
                currency=currency,
            )
            for currency in currencies
            for purpose in _HOUSE_PURPOSES
        ],
        ignore_conflicts=True,
    )


def open_wallets(wallets: Collection[Wallet]) -> None:
    """Write new wallets, empty, however many, in a few statements.

    Needs a transaction in which their owners were locked, and found without them.
    """
    open_house_accounts(*{wallet.currency for wallet in wallets})
    Wallet.objects.bulk_create(
        Wallet(id=wallet.id, owner_id=wallet.owner_id, currency=wallet.currency)
        for wallet in wallets
    )
    record_events(
        new_event(
            "wallet.opened",
            subject_id=wallet.id,
            user_id=wallet.owner_id,
            currency=wallet.currency_id,
        )
        for wallet in wallets
    )


def add_wallet(owner: User, currency: Currency) -> tuple[Wallet, bool]:
    """The owner's live wallet in that currency, and whether it had to be opened.

    With the first wallet of a currency come the house accounts of that currency, so
    wherever a customer can move money the house has its other side. Needs a
    transaction.

    :raises UserDeleted: the owner was deleted meanwhile.
    """
    # The lock makes two openings, or an opening and a deletion, queue up.
    if not User.objects.select_for_update(no_key=True).filter(pk=owner.pk).exists():
        raise UserDeleted
    existing = Wallet.objects.filter(owner=owner, currency=currency).first()
    if existing is not None:
        existing.currency = currency
        return existing, False

    open_house_accounts(currency)
    wallet = Wallet.objects.create(owner=owner, currency=currency)
    record_event(
        "wallet.opened",
        subject_id=wallet.id,
        user_id=owner.pk,
        currency=currency.code,
    )
    return wallet, True
