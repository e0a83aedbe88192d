"""What the exchange refuses, and under which code."""

from datetime import datetime

from paymentprocessor.api.errors import NotFound, Refusal, Unavailable


class SameCurrency(Refusal):
    """A conversion needs two currencies."""

    code = "same_currency"
    depends_on_state = False


class UnsupportedCurrency(Refusal):
    """There is no such currency here, or it is switched off."""

    code = "unsupported_currency"


class AmountTooSmall(Refusal):
    """The amount buys less than the smallest unit of the other currency."""

    code = "amount_too_small"


class AmountTooLarge(Refusal):
    """The amount, or what it converts to, is beyond what the books can hold."""

    code = "amount_too_large"


class RateUnavailable(Unavailable):
    """There is no rate that can be trusted, and `reason` says why; nothing was written.

    `missing`, `stale`, `providers_disagree`, `breaker_open` or `moved_too_far`.
    """

    code = "rate_unavailable"
    headers = {"Retry-After": "60"}


class PriceMoved(Refusal):
    """The price is worse than the client's guard allows; nothing was converted."""

    status = 409
    code = "price_moved"

    def __init__(self, detail: str, *, from_amount: str, to_amount: str) -> None:
        super().__init__(detail, from_amount=from_amount, to_amount=to_amount)


class QuoteNotFound(NotFound):
    """No such quote, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such quote.")


class QuoteAlreadyUsed(Refusal):
    """A quote is used once."""

    status = 409
    code = "quote_already_used"

    def __init__(self) -> None:
        super().__init__("This quote has been used.")


class QuoteCancelled(Refusal):
    """The customer gave the quote up."""

    status = 409
    code = "quote_cancelled"

    def __init__(self) -> None:
        super().__init__("This quote was cancelled.")


class QuoteExpired(Refusal):
    """The time for which the price was promised is over."""

    code = "quote_expired"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(
            f"This quote expired at {expired_at:%Y-%m-%d %H:%M:%S} UTC.",
            expired_at=expired_at.isoformat(),
        )


class TooManyQuotes(Refusal):
    """A customer is promised only so many prices at a time."""

    code = "too_many_quotes"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"At most {most} quotes of a user are open at a time.", most=most
        )


class LockNotOffered(Refusal):
    """The policy in force has no premium for a lock of that length."""

    code = "lock_not_offered"

    def __init__(self, lock: str, offered: list[str]) -> None:
        super().__init__(f"No price is promised for {lock} now.", offered=offered)


class PolicyInThePast(Refusal):
    """A policy takes over now or later: prices of the past were made without it."""

    code = "policy_in_the_past"

    def __init__(self, now: datetime) -> None:
        super().__init__(
            f"It is {now:%Y-%m-%d %H:%M:%S} UTC already: leave effective_at out to "
            "publish at once.",
            now=now.isoformat(),
        )
