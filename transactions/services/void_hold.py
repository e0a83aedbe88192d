"""A promise is given up: what is left of a hold is available again."""

from uuid import UUID

from transactions import reserve
from transactions.checks import check_version
from transactions.holding import lock_active
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from transactions.queries import held
from users.acts import Actor, record_act
from wallets.locking import lock_any_wallets


@moves_money
def void_hold(
    instruction: Instruction, hold_id: UUID, *, actor: Actor | None = None
) -> Held:
    """End the hold; what was captured of it stays paid.

    Also on a wallet that is frozen, or was deleted with its owner: nothing moves. The
    instruction's description is the reason.

    :raises Refusal: HoldNotFound, HoldNotActive, VersionMismatch,
        IdempotencyKeyReused.
    """
    terms = held(hold_id)
    [wallet] = lock_any_wallets([terms.hold.wallet_id])
    check_version(wallet, instruction)
    hold = lock_active(terms.hold, wallet)
    left = wallet.money(hold.left)
    reserve.void(hold, instruction)
    record_act(
        actor,
        "hold.voided",
        hold,
        customer_id=hold.owner_id,
        before={"left": str(left)},
        after={"status": hold.status},
    )

    return Held(hold, terms.target)
