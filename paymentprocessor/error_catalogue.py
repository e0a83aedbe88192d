"""Every error code in words, as `/docs/errors` and the glossary show them."""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    """A code that is stable, the status it comes with, and two sentences on it."""

    status: int
    code: str
    meaning: str
    remedy: str


ERROR_CODES = [
    ErrorCode(
        400,
        "malformed_request",
        "The body or a header cannot be read; `detail` says where.",
        "Correct the program that writes the request.",
    ),
    ErrorCode(
        400,
        "bad_cursor",
        "The cursor is none that a list gave.",
        "Begin again without a cursor, and pass on `next_cursor` as it is.",
    ),
    ErrorCode(
        401,
        "unauthenticated",
        "There is no API key, or it is wrong, revoked, expired or its owner deleted.",
        "Send `Authorization: Bearer <key>` with a valid key.",
    ),
    ErrorCode(
        403,
        "forbidden",
        "The key lacks the scope, or only a platform key may do this.",
        "Use another key; `detail` names the scope.",
    ),
    ErrorCode(
        404,
        "not_found",
        "Nothing is there, or it is not for this key to see.",
        "Check the path and the id.",
    ),
    ErrorCode(
        404,
        "user_not_found",
        "There is no such user, or not for this key.",
        "Check the id; create the user first.",
    ),
    ErrorCode(
        404,
        "user_deleted",
        "The user was deleted; what they did stays on the books.",
        "Stop acting for this user.",
    ),
    ErrorCode(
        404,
        "wallet_not_found",
        "The user has no wallet in `currency`.",
        "Open one, or let money arrive in it; then use a new key.",
    ),
    ErrorCode(
        405,
        "method_not_allowed",
        "The path is there, and not for this method.",
        "Look the method up in `/docs`.",
    ),
    ErrorCode(
        409,
        "request_in_progress",
        "Another request holds the wallet or the key; this one did nothing.",
        "Repeat it under the same key after `Retry-After`.",
    ),
    ErrorCode(
        409,
        "duplicate_external_id",
        "Another user, perhaps a deleted one, has this `external_id`.",
        "Look the user up by it, or choose another.",
    ),
    ErrorCode(
        409,
        "duplicate_reference",
        "The user already has a transaction, or hold, of this `reference`.",
        "Look it up by the reference: it may be the one you want.",
    ),
    ErrorCode(
        409,
        "quote_already_used",
        "The quote has been used; a quote is used once.",
        "Read it: `transaction_id` or `hold_id` names what used it.",
    ),
    ErrorCode(
        409,
        "quote_cancelled",
        "The quote was given up.",
        "Ask for a new one.",
    ),
    ErrorCode(
        409,
        "price_moved",
        "The price is worse than the guard allows; nothing happened.",
        "Look at the price in the problem and ask again, under a new key.",
    ),
    ErrorCode(
        409,
        "already_reversed",
        "The transaction has been reversed.",
        "Read it: `reversed_by` names the reversal.",
    ),
    ErrorCode(
        409,
        "hold_not_active",
        "The hold has ended; `hold_status` says how.",
        "Read the hold: its captures may be what you wanted. Else place a new one.",
    ),
    ErrorCode(
        409,
        "wallet_not_empty",
        "Only an empty wallet can be closed.",
        "Withdraw or convert the rest first, and void or sweep its holds.",
    ),
    ErrorCode(
        412,
        "version_mismatch",
        "The wallet is at `version`, and not where `If-Match` expects it.",
        "Read the wallet again, decide again, and use a new key.",
    ),
    ErrorCode(
        413,
        "body_too_large",
        "The body is longer than this path reads.",
        "Send less; `limit` says how many bytes are read.",
    ),
    ErrorCode(
        415,
        "unsupported_media_type",
        "The body is not JSON in UTF-8.",
        "Send `Content-Type: application/json`.",
    ),
    ErrorCode(
        422,
        "validation_error",
        "Fields or parameters are wrong; `errors` points at each of them.",
        "Correct them. The same key may be used again.",
    ),
    ErrorCode(
        422,
        "same_currency",
        "Both sides of the conversion are one currency.",
        "Name two currencies, under a new key.",
    ),
    ErrorCode(
        422,
        "not_a_conversion",
        "Only conversions have a price that can be explained.",
        "Read the transaction itself.",
    ),
    ErrorCode(
        422,
        "not_reversible",
        "The transaction is of a kind, or in a state, not to be undone this way.",
        "Refund the rest of a payment that was refunded in part.",
    ),
    ErrorCode(
        422,
        "reversal_window_passed",
        "A conversion is reversed at its own rate until `until` only.",
        "Convert back at the present rate.",
    ),
    ErrorCode(
        422,
        "refund_too_large",
        "Less than that is left of the payment to refund: `left`.",
        "Refund what is left, under a new key.",
    ),
    ErrorCode(
        422,
        "capture_too_large",
        "Less than that is left of the hold to capture: `left`.",
        "Capture what is left, under a new key.",
    ),
    ErrorCode(
        422,
        "payee_unavailable",
        "The payee takes no money now.",
        "Pay later, under a new key, or ask the payee.",
    ),
    ErrorCode(
        422,
        "same_user",
        "Payer and payee are one user.",
        "Name another `to_user_id`.",
    ),
    ErrorCode(
        422,
        "unsupported_currency",
        "There is no such currency here, or it is switched off.",
        "Use an ISO 4217 code that this installation supports.",
    ),
    ErrorCode(
        422,
        "insufficient_funds",
        "`available` is less than `required`, in `currency`.",
        "Fund the wallet or take less, under a new key.",
    ),
    ErrorCode(
        422,
        "wallet_frozen",
        "Staff have frozen the wallet in `currency`; nothing moves.",
        "Ask the operator; later use a new key.",
    ),
    ErrorCode(
        422,
        "quote_expired",
        "The time for which the price was promised is over.",
        "Ask for a new quote.",
    ),
    ErrorCode(
        422,
        "too_many_quotes",
        "The user is promised `most` prices already.",
        "Use or cancel a quote, or wait until one expires.",
    ),
    ErrorCode(
        422,
        "lock_not_offered",
        "The policy in force promises no price for that long.",
        "Choose one of `offered`.",
    ),
    ErrorCode(
        422,
        "policy_in_the_past",
        "A pricing policy would take over before now.",
        "Leave `effective_at` out, or name a later instant.",
    ),
    ErrorCode(
        422,
        "amount_too_small",
        "The amount is below the policy's minimum, or what it comes to below one unit.",
        "Convert more, under a new key.",
    ),
    ErrorCode(
        422,
        "amount_too_large",
        "The amount, or what it leads to, is more than the books can hold.",
        "Move less, under a new key.",
    ),
    ErrorCode(
        422,
        "limit_exceeded",
        "It would go beyond a limit of the customer's or the house's; `rule` says "
        "which of the customer's, `headroom` how much would not.",
        "Move no more than the headroom, or wait until less of the window is used; "
        "under a new key.",
    ),
    ErrorCode(
        422,
        "idempotency_key_reused",
        "The key was used for another request.",
        "Give every new request a key of its own.",
    ),
    ErrorCode(
        429,
        "rate_limited",
        "This key or address has made too many requests.",
        "Wait for `Retry-After`; `RateLimit` tells what is left.",
    ),
    ErrorCode(
        500,
        "internal_error",
        "A fault on our side, which is in the log under the request id.",
        "Report the `request_id`. To learn what became of money, repeat the key.",
    ),
    ErrorCode(
        503,
        "rate_unavailable",
        "No rate of the pair can be trusted now; `reason` says why.",
        "Repeat it under the same key after `Retry-After`.",
    ),
    ErrorCode(
        503,
        "database_unavailable",
        "The database does not answer now.",
        "Repeat it under the same key after `Retry-After`.",
    ),
    ErrorCode(
        503,
        "overloaded",
        "More requests than can be answered now; this one was not looked at.",
        "Repeat it under the same key after `Retry-After`, and each time later.",
    ),
    ErrorCode(
        503,
        "outcome_unknown",
        "The connection broke while committing: it happened, or it did not.",
        "Repeat it under the same key, which tells; never under a new one.",
    ),
]
