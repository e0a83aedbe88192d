"""A customer's money is promised, to another user or to the house's cash."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.errors import SameUser
from transactions.holding import expiry, promise
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from users.queries import find_user
from wallets.locking import Claim, lock_wallets


@moves_money
def place_hold(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    to_user_id: UUID | None = None,
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> Held:
    """Hold `amount` of the user's wallet, for `HOLD_DAYS` unless `expires_at` says.

    The fee of its capture is held along, so that it will not be in the way.

    :raises Refusal: SameUser, ValidationError, UserNotFound, UserDeleted,
        UnsupportedCurrency, WalletNotFound, WalletFrozen, VersionMismatch,
        InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    if to_user_id == user_id:
        raise SameUser
    expires_at = expiry(expires_at, now)
    if to_user_id is not None:
        find_user(to_user_id)
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money = fits(amount, wallet.denomination)

    return promise(
        instruction,
        wallet,
        money,
        fee=wallet.terms.fee("capture", money),
        to_user_id=to_user_id,
        expires_at=expires_at,
    )
