"""Staff say how far a position may go, from an instant on."""

from datetime import datetime
from decimal import Decimal

from fx.models import Currency
from fx.money import fits, positive
from fx.queries import must_exist
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.database.opens_transaction import opens_transaction
from transactions.models import PositionLimit
from transactions.models.position_limit import MAX_WIDENING_BPS
from users.acts import Actor, record_act

_SCALE = 4
_TOLD = ("currency", "soft", "hard", "widen_bps", "effective_at")


@opens_transaction
def set_position_limit(
    currency_code: str,
    *,
    soft: Decimal | None,
    hard: Decimal | None,
    widen_bps: Decimal,
    effective_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> PositionLimit:
    """Supersede the limit of a currency; without soft and hard it has none any more.

    The actor says why. Conversions keep to it within a second of its instant.

    :raises UnsupportedCurrency:
    :raises ValidationError: an amount does not fit the currency, soft is beyond hard,
        the widening is no part of a price, or the instant has passed.
    """
    assert actor.staff_id is not None, "limits are set by people"
    must_exist([currency_code])
    unit = Currency.objects.get(pk=currency_code).denomination
    for name, amount in (("soft", soft), ("hard", hard)):
        if amount is not None:
            fits(positive(amount, f"/{name}"), unit, f"/{name}")
    _check(soft, hard, widen_bps, actor.reason)
    if effective_at is not None and effective_at < now:
        raise _wrong("It cannot have been in force already.", "/effective_at")
    limit = PositionLimit.objects.create(
        currency=currency_code,
        soft=soft,
        hard=hard,
        widen_bps=widen_bps,
        effective_at=effective_at or now,
        staff_id=actor.staff_id,
        reason=actor.reason,
    )
    after = {name: getattr(limit, name) for name in _TOLD}
    record_act(actor, "position_limit.set", limit, after=after)
    return limit


def _check(
    soft: Decimal | None, hard: Decimal | None, widen_bps: Decimal, reason: str
) -> None:
    if soft is not None and hard is not None and soft > hard:
        raise _wrong("The soft limit is within the hard one.", "/soft")
    fits_scale = widen_bps.is_finite() and round(widen_bps, _SCALE) == widen_bps
    if not fits_scale or not 0 <= widen_bps <= MAX_WIDENING_BPS:
        raise _wrong(
            f"From 0 to {MAX_WIDENING_BPS}, with at most {_SCALE} decimals.",
            "/widen_bps",
        )
    if not reason.strip():
        raise _wrong("Say why.", "/reason")


def _wrong(detail: str, pointer: str) -> ValidationError:
    return ValidationError(FieldError(detail, pointer, "invalid"))
