"""Taking hold of a past transaction, to undo it or a part of it."""

from uuid import UUID

from transactions.errors import AlreadyReversed
from transactions.models import Transaction
from transactions.postings import Posted
from wallets.errors import WalletNotFound
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet


def take_hold_of(original: Posted) -> dict[UUID, Wallet]:
    """The customers' wallets of a transaction, by id, locked until commit.

    They are the same for everybody who would undo that transaction, so that all of
    those queue up here, and only then look at what the others did. Needs a transaction.

    :raises UserDeleted, WalletNotFound: a wallet was closed since, or went with its
        owner.
    :raises AlreadyReversed: nothing is left to undo.
    """
    moved = {
        entry.wallet_id: Claim(entry.wallet.owner_id, entry.currency)
        for entry in original.entries
        if entry.wallet.owner_id is not None
    }
    locked = lock_wallets(*moved.values())
    for wallet_id, wallet in zip(moved, locked, strict=True):
        if wallet.id != wallet_id:
            # Another one was opened in the currency after that one had been closed.
            code = wallet.currency_id
            raise WalletNotFound(code, f"The {code} wallet of then was closed since.")
    if Transaction.objects.filter(reverses=original.transaction).exists():
        raise AlreadyReversed
    return {wallet.id: wallet for wallet in locked}
