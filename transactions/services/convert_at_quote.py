"""A customer's money changes its currency, at the price that they were promised."""

from uuid import UUID

from fx.quotes import take
from transactions.checks import check_version
from transactions.converting import conversion_posting
from transactions.exposure import tell_of_kept_promise
from transactions.ledger import post
from transactions.models import Conversion
from transactions.movement import moves_money
from transactions.postings import Instruction, Posted
from wallets.locking import Claim, lock_wallets


@moves_money
def convert_at_quote(instruction: Instruction, user_id: UUID, quote_id: UUID) -> Posted:
    """Use the user's quote, once, before it expires by the database's clock.

    :raises Refusal: QuoteNotFound, QuoteAlreadyUsed, QuoteCancelled, QuoteExpired,
        UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound, WalletFrozen,
        VersionMismatch, InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    # The quote before the wallets: whoever loses the race for it waits here, holding
    # nothing that the winner needs.
    quote = take(quote_id, user_id)
    source, target = lock_wallets(
        Claim(user_id, quote.source_currency),
        Claim(user_id, quote.target_currency, opens=True),
    )
    check_version(source, instruction)

    price = Conversion(quote_id=quote.id, **quote.pricing())
    fee = source.money(quote.fee)
    posting = conversion_posting(instruction, source, target, price, fee)
    tell_of_kept_promise(posting)
    return post(posting, last=True)
