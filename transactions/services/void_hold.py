"""A promise is given up: what is left of a hold is available again."""

from uuid import UUID

from transactions import reserve
from transactions.checks import check_version
from transactions.holding import find_terms, lock_active
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from wallets.locking import lock_any_wallets


@moves_money
def void_hold(instruction: Instruction, hold_id: UUID) -> Held:
    """End the hold; what was captured of it stays paid.

    Also on a wallet that is frozen, or was deleted with its owner: nothing moves. The
    instruction's description is the reason.

    :raises Refusal: HoldNotFound, HoldNotActive, VersionMismatch,
        IdempotencyKeyReused.
    """
    terms = find_terms(hold_id)
    [wallet] = lock_any_wallets([terms.wallet_id])
    check_version(wallet, instruction)

    return reserve.void(lock_active(hold_id, wallet), instruction)
