"""Refusals that speak of moving money."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from fx.money import Money
from paymentprocessor.api.errors import NotFound, Refusal, ValidationError
from transactions.models import Hold, HoldStatus
from wallets.models import Wallet


class InsufficientFunds(Refusal):
    """The wallet has less available than the operation takes."""

    code = "insufficient_funds"

    def __init__(
        self,
        wallet: Wallet,
        available: Decimal,
        required: Decimal,
        *,
        whose: str = "The wallet has",
    ) -> None:
        has, needs = wallet.money(available), wallet.money(required)
        super().__init__(
            f"{whose} {has} available, and this takes {needs}.",
            available=has.text,
            required=needs.text,
            currency=wallet.currency_id,
        )


class VersionMismatch(Refusal):
    """The wallet has moved on since the client read it."""

    status = 412
    code = "version_mismatch"

    def __init__(self, wallet: Wallet) -> None:
        super().__init__(
            f"The {wallet.currency_id} wallet is at version {wallet.version}.",
            version=wallet.version,
        )


class PayeeUnavailable(Refusal):
    """The payee takes no money now; why is not the payer's business."""

    code = "payee_unavailable"

    def __init__(self) -> None:
        super().__init__("The payee cannot receive this payment now.")


class SameUser(Refusal):
    """A transfer needs two users."""

    code = "same_user"
    depends_on_state = False

    def __init__(self) -> None:
        super().__init__("Payer and payee are one user.")


class DuplicateReference(Refusal):
    """A reference names one transaction of a user for ever, and one hold."""

    status = 409
    code = "duplicate_reference"

    def __init__(
        self,
        reference: str | None,
        owner: str = "This user",
        *,
        of: str = "transaction",
    ) -> None:
        super().__init__(
            f"{owner} already has a {of} of this reference.", reference=reference
        )


class NotAConversion(Refusal):
    """Only conversions have a price that can be explained."""

    code = "not_a_conversion"
    depends_on_state = False

    def __init__(self) -> None:
        super().__init__("This transaction converted nothing.")


class NotReversible(Refusal):
    """The transaction is of a kind, or in a state, that is not undone this way."""

    code = "not_reversible"


class ReversalWindowPassed(Refusal):
    """A conversion is undone at its own rate only while that is of today's market."""

    code = "reversal_window_passed"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"This conversion could be reversed until {until:%Y-%m-%d %H:%M} UTC. "
            "Convert back at the present rate instead.",
            until=until.isoformat(),
        )


class AlreadyReversed(Refusal):
    """A transaction is reversed once."""

    status = 409
    code = "already_reversed"

    def __init__(self) -> None:
        super().__init__("This transaction has been reversed.")


class RefundTooLarge(Refusal):
    """Less is left of the payment than is to be given back."""

    code = "refund_too_large"

    def __init__(self, left: Money) -> None:
        super().__init__(
            f"Of this payment {left} is left to refund.",
            left=left.text,
            currency=left.currency.code,
        )


class HoldNotFound(NotFound):
    """No such hold, or not one that this key may see."""

    def __init__(self) -> None:
        super().__init__("There is no such hold.")


class UnfitExpiry(ValidationError):
    """The hold would end too early or too late: alone among what is invalid, that may
    be otherwise tomorrow."""

    depends_on_state = True


class HoldNotActive(Refusal):
    """The hold has ended: captured, voided, or its time is up."""

    status = 409
    code = "hold_not_active"

    def __init__(self, hold: Hold, status: HoldStatus) -> None:
        words = status.label.lower()
        super().__init__(
            f"The hold has ended: it is {words}.",
            hold_status=status.value,
            expires_at=hold.expires_at.isoformat(),
        )


class CaptureTooLarge(Refusal):
    """Less is left of the hold than is to be captured."""

    code = "capture_too_large"

    def __init__(self, left: Money) -> None:
        super().__init__(
            f"Of this hold {left} is left to capture.",
            left=left.text,
            currency=left.currency.code,
        )


class LimitExceeded(Refusal):
    """It would go beyond a limit; `headroom` is how much would not.

    Both are money, or numbers of operations; `limit` is None where it is not for the
    customer to know. Further members say more of the limit.
    """

    code = "limit_exceeded"

    def __init__(
        self,
        detail: str,
        limit: Money | int | None,
        headroom: Money | int,
        **members: Any,
    ) -> None:
        super().__init__(
            detail,
            limit=limit.text if isinstance(limit, Money) else limit,
            headroom=headroom.text if isinstance(headroom, Money) else headroom,
            currency=headroom.currency.code if isinstance(headroom, Money) else None,
            **members,
        )


class IdempotencyKeyReused(Refusal):
    """The key was used before, for another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for a request with other contents."
        )


class BatchNotFound(NotFound):
    """No such batch."""

    def __init__(self) -> None:
        super().__init__("There is no such batch.")


class TransactionNotFound(NotFound):
    """No such transaction, or not one that this key may see."""

    def __init__(self) -> None:
        super().__init__("There is no such transaction.")


class RememberedRefusal(Refusal):
    """What a request under this key was told before, told again."""

    def __init__(
        self, status: int, code: str, detail: str, members: dict[str, Any]
    ) -> None:
        super().__init__(detail, **members)
        # A replay has the status and code of its first answer, not of a class.
        self.status = status  # type: ignore[misc]
        self.code = code  # type: ignore[misc]
        self.headers = {"Idempotent-Replayed": "true"}  # type: ignore[misc]
