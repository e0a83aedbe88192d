"""Users and their wallets, over HTTP."""

from wallets.views.users import UserViewSet
from wallets.views.wallets import WalletViewSet

__all__ = ["UserViewSet", "WalletViewSet"]
