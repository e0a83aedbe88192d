"""Taking hold of customers' wallets before money moves."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from fx.queries import find_currency
from paymentprocessor.api.errors import RequestInProgress
from users.queries import find_user
from wallets.errors import WalletNotFound
from wallets.models import Wallet
from wallets.opening import add_wallet


class Claim(NamedTuple):
    """The wallet that a movement wants: whose, in which currency.

    Money can always arrive in an enabled currency, so a claim that `opens` makes the
    wallet where there is none yet.
    """

    owner_id: UUID
    currency_code: str
    opens: bool = False


def lock_wallets(*claims: Claim) -> list[Wallet]:
    """The live wallets claimed, in the order of the claims, locked until commit.

    Needs a transaction. Each comes with its currency.

    :raises UserNotFound, UserDeleted: an owner is not there.
    :raises UnsupportedCurrency, WalletNotFound: a wallet is not there.
    :raises RequestInProgress: a wallet was opened and closed by others meanwhile.
    """
    if not claims:
        # No condition at all would be everybody's wallets.
        return []
    found = _lock(claims)
    missing = [claim for claim in claims if claim[:2] not in found]
    if missing:
        for claim in missing:
            _open(claim)
        found = _lock(claims)
        if any(claim[:2] not in found for claim in claims):
            # Somebody else opened it after our first look, and staff closed it again
            # before our second.
            raise RequestInProgress("The wallet is being opened and closed just now.")
    return [found[claim[:2]] for claim in claims]


def _lock(claims: Collection[Claim]) -> dict[tuple[UUID, str], Wallet]:
    wanted = Q()
    for claim in claims:
        wanted |= Q(owner_id=claim.owner_id, currency_id=claim.currency_code)
    wallets = (
        Wallet.objects.filter(wanted)
        .select_related("currency")
        # Two transactions over the same wallets ask for them in the same order, so
        # one queues up behind the other, and neither holds what the other waits for.
        # NO KEY leaves foreign keys to these rows alone.
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    return {(wallet.owner_id, wallet.currency_id): wallet for wallet in wallets}


def _open(claim: Claim) -> None:
    owner = find_user(claim.owner_id)
    currency = find_currency(claim.currency_code)
    if not claim.opens:
        raise WalletNotFound(claim.currency_code)
    add_wallet(owner, currency)


def lock_any_wallets(
    ids: Collection[UUID], *, skip_locked: bool = False
) -> list[Wallet]:
    """These wallets by the order of their ids, also deleted ones, locked until commit.

    For what may happen on a wallet that moves no more. Needs a transaction. With
    `skip_locked` those that somebody else has locked are left out, and nobody waits.
    """
    return list(
        Wallet.all_objects.filter(pk__in=ids)
        .select_related("currency")
        # The same order as above, for the same reason.
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
    )
