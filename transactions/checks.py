"""Conditions that a client sets on the state it wants to act on."""

from transactions.errors import VersionMismatch
from transactions.postings import Instruction
from wallets.models import Wallet


def check_version(wallet: Wallet, instruction: Instruction) -> None:
    """The locked wallet is where the client last saw it, if the client cares.

    :raises VersionMismatch:
    """
    if instruction.expected_version not in (None, wallet.version):
        raise VersionMismatch(wallet)
