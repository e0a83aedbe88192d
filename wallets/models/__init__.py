"""What is held, by customers and by the house, and how much of it may move."""

from wallets.models.limit import Limit, LimitType, Window
from wallets.models.wallet import Purpose, Status, Wallet, house_account_id

__all__ = [
    "Limit",
    "LimitType",
    "Purpose",
    "Status",
    "Wallet",
    "Window",
    "house_account_id",
]
