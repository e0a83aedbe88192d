"""Staff put a customer's balance right, against money whose owner is not known."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.ledger import post
from transactions.models import Side, TransactionType
from transactions.movement import moves_money
from transactions.postings import SUSPENSE, Instruction, Posted, Posting, credit, debit
from users.acts import Actor, record_act
from wallets.locking import Claim, lock_wallets


@moves_money
def adjust(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    side: Side,
    *,
    actor: Actor | None = None,
) -> Posted:
    """Credit `amount` to the user's wallet out of suspense, or debit it into suspense.

    The instruction's description is the reason, and `actor` the member of staff.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, AmountTooLarge,
        DuplicateReference, IdempotencyKeyReused.
    """
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money = fits(amount, wallet.denomination)
    if side == Side.CREDIT:
        lines = [debit(SUSPENSE, money), credit(wallet, money)]
    else:
        lines = [debit(wallet, money), credit(SUSPENSE, money)]

    posted = post(Posting(TransactionType.ADJUSTMENT, user_id, lines, instruction))
    after = {"side": side, "amount": str(money)}
    record_act(
        actor, "money.adjustment", posted.transaction, customer_id=user_id, after=after
    )
    return posted
