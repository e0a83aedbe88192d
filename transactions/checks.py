"""Conditions on a locked wallet: those that a client sets, and those that staff set."""

from fx.errors import UnsupportedCurrency
from transactions.errors import VersionMismatch
from transactions.postings import Instruction
from wallets.errors import WalletFrozen
from wallets.models import Status, Wallet


def check_version(wallet: Wallet, instruction: Instruction) -> None:
    """The locked wallet is where the client last saw it, if the client cares.

    :raises VersionMismatch:
    """
    if instruction.expected_version not in (None, wallet.version):
        raise VersionMismatch(wallet)


def check_moves(wallet: Wallet) -> None:
    """Nobody has stopped the wallet or its currency.

    :raises WalletFrozen, UnsupportedCurrency:
    """
    if wallet.status != Status.ACTIVE:
        raise WalletFrozen(wallet)
    if not wallet.currency.enabled:
        raise UnsupportedCurrency(f"{wallet.currency_id} is switched off.")
