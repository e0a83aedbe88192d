"""Taking hold of the wallets that a past transaction moved."""

from uuid import UUID

from transactions.postings import Posted
from wallets.errors import WalletNotFound
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet


def lock_wallets_of(original: Posted) -> dict[UUID, Wallet]:
    """The customers' wallets of a transaction, by id, locked until commit.

    They are the same for everybody who would undo that transaction, so that all of
    those queue up here. Needs a transaction.

    :raises UserDeleted, WalletNotFound: a wallet was closed since, or went with its
        owner.
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
            raise WalletNotFound(wallet.currency_id)
    return {wallet.id: wallet for wallet in locked}
