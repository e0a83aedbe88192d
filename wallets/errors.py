"""Refusals that speak of wallets."""

from paymentprocessor.api.errors import NotFound, Refusal
from wallets.models import Wallet


class WalletNotFound(NotFound):
    """The user holds no wallet in that currency."""

    code = "wallet_not_found"

    def __init__(self, currency_code: str, detail: str = "") -> None:
        super().__init__(
            detail or f"This user has no {currency_code} wallet.",
            currency=currency_code,
        )


class WalletFrozen(Refusal):
    """Staff have frozen the wallet: nothing moves until they unfreeze it."""

    code = "wallet_frozen"

    def __init__(self, wallet: Wallet) -> None:
        super().__init__(
            f"The {wallet.currency_id} wallet is frozen.", currency=wallet.currency_id
        )


class WalletNotEmpty(Refusal):
    """Only an empty wallet can be closed."""

    status = 409
    code = "wallet_not_empty"

    def __init__(self, wallet: Wallet) -> None:
        super().__init__(
            f"The {wallet.currency_id} wallet still holds "
            f"{wallet.money(wallet.balance)}, of which {wallet.money(wallet.held)} "
            "is held.",
            currency=wallet.currency_id,
        )


class LimitNotFound(NotFound):
    """There never was such a limit."""

    def __init__(self) -> None:
        super().__init__("There is no such limit.")
