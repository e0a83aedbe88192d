"""What changes about customers and their wallets, money aside."""

from wallets.services.limits import Scope, end_limit, set_limit
from wallets.services.open_wallet import open_wallet
from wallets.services.users import create_user, delete_user, restore_user, update_user
from wallets.services.wallet_status import (
    close_wallet,
    freeze_wallet,
    unfreeze_wallet,
)

__all__ = [
    "Scope",
    "close_wallet",
    "create_user",
    "delete_user",
    "end_limit",
    "freeze_wallet",
    "open_wallet",
    "restore_user",
    "set_limit",
    "unfreeze_wallet",
    "update_user",
]
