"""A customer's money is promised in another currency, at a price promised before."""

from datetime import datetime
from uuid import UUID

from fx.queries import find_currency
from fx.quotes import take
from transactions.checks import check_version
from transactions.holding import expiry, promise, ready_payee
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from wallets.locking import Claim, lock_wallets


@moves_money
def place_hold_at_quote(
    instruction: Instruction,
    user_id: UUID,
    quote_id: UUID,
    to_user_id: UUID | None = None,
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> Held:
    """Use the user's quote, once, for a hold of its source amount and its fee.

    :raises Refusal: QuoteNotFound, QuoteAlreadyUsed, QuoteCancelled, QuoteExpired,
        ValidationError, UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, DuplicateReference,
        IdempotencyKeyReused.
    """
    expires_at = expiry(expires_at, now)
    # The quote before the wallet: whoever loses the race for it waits here, holding
    # nothing that the winner needs.
    quote = take(quote_id, user_id)
    currency = find_currency(quote.target_currency)
    ready_payee(to_user_id, currency)
    [wallet] = lock_wallets(Claim(user_id, quote.source_currency))
    check_version(wallet, instruction)

    return promise(
        instruction,
        wallet,
        wallet.money(quote.source_amount),
        fee=wallet.money(quote.fee),
        to_user_id=to_user_id,
        expires_at=expires_at,
        quote=quote,
        target=currency.denomination,
    )
