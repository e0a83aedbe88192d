"""What the exchange refuses, and under which code."""

from paymentprocessor.api.errors import Refusal, Unavailable


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
