"""How much customers may move is set, and set free again."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from fx.models import Currency
from fx.money import fits
from fx.queries import must_exist
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.database.opens_transaction import opens_transaction
from paymentprocessor.database.writers import keep_other_writers_out
from users.acts import Actor, record_act
from users.queries import find_user
from wallets.errors import LimitNotFound, WalletNotFound
from wallets.limits import OPERATION
from wallets.models import Limit, Wallet
from webhooks.services import record_event


@dataclass(frozen=True, slots=True)
class Scope:
    """What a limit is about: whose operations, of which type, currency and window.

    At most one of wallet, user and tier; none is everybody. An empty type or currency
    is all of them.
    """

    window: str
    user_id: UUID | None = None
    wallet_id: UUID | None = None
    tier: str = ""
    type: str = ""
    currency: str = ""


@opens_transaction
def set_limit(
    scope: Scope,
    *,
    max_amount: Decimal | None,
    max_count: int | None,
    reason: str,
    actor: Actor | None = None,
) -> Limit:
    """Limit what may be moved from now on, in place of the limit of that scope so far.

    `max_amount` is of the currency, or of `REPORTING_CURRENCY` for all currencies.

    :raises UserNotFound, UserDeleted, WalletNotFound, UnsupportedCurrency:
    :raises ValidationError: the figures limit nothing, or do not fit.
    """
    currency = _currency(scope)
    unit = _unit(currency, max_amount)
    _check(scope, unit, max_amount, max_count)
    # Two for one scope queue up; whoever moves money is not held up.
    keep_other_writers_out(Limit)
    about = asdict(scope) | {"currency": currency}
    limit = Limit(
        **about,
        unit=unit,
        max_amount=max_amount,
        max_count=max_count,
        reason=reason,
        staff_id=actor.staff_id if actor else None,
    )
    so_far = Limit.objects.select_related("wallet").filter(**about, ended_at=None)
    for replaced in so_far:
        _end(replaced, f"Replaced: {reason}"[:500], actor)
    limit.save(force_insert=True)
    _tell(limit, "limit.set", actor)
    return limit


@opens_transaction
def end_limit(limit_id: UUID, *, reason: str, actor: Actor | None = None) -> Limit:
    """Take a limit away; one that has ended stays as it was.

    :raises LimitNotFound:
    """
    # Before the row, as `set_limit` does: else each could hold what the other wants.
    keep_other_writers_out(Limit)
    limits = Limit.objects.select_related("unit", "wallet")
    limit = limits.select_for_update(of=("self",)).filter(pk=limit_id).first()
    if limit is None:
        raise LimitNotFound
    if limit.ended_at is None:
        _end(limit, reason, actor)
    return limit


def _currency(scope: Scope) -> str:
    """The currency that a rule of that scope is about.

    :raises UserNotFound, UserDeleted, WalletNotFound, UnsupportedCurrency:
    :raises ValidationError: a wallet's rule names another currency.
    """
    if scope.user_id is not None:
        find_user(scope.user_id)
    if scope.currency:
        must_exist([scope.currency])
    if scope.wallet_id is None:
        return scope.currency
    wallet = Wallet.objects.filter(pk=scope.wallet_id, owner__isnull=False).first()
    if wallet is None:
        raise WalletNotFound(scope.currency or "such")
    if scope.currency not in ("", wallet.currency_id):
        raise _wrong(f"The wallet is in {wallet.currency_id}.", "currency")
    code: str = wallet.currency_id
    return code


def _unit(currency: str, max_amount: Decimal | None) -> Currency | None:
    """What amounts are of; a rule about all currencies that only counts needs none.

    :raises UnsupportedCurrency:
    """
    if not currency and max_amount is None:
        return None
    code = currency or settings.REPORTING_CURRENCY
    must_exist([code])
    return Currency.objects.get(pk=code)


def _check(
    scope: Scope,
    unit: Currency | None,
    max_amount: Decimal | None,
    max_count: int | None,
) -> None:
    """:raises ValidationError:"""
    subjects = {
        "user_id": scope.user_id, "wallet_id": scope.wallet_id, "tier": scope.tier
    }  # fmt: skip
    given = [name for name, subject in subjects.items() if subject]
    if len(given) > 1:
        raise _wrong("A limit is for a user, a wallet or a tier.", given[1], "one_of")
    if max_amount is None and max_count is None:
        raise _wrong("Give max_amount, max_count or both.", "max_amount", "required")
    if max_count is not None and scope.window == OPERATION:
        raise _wrong("One operation is one: limit its amount.", "max_count")
    if max_amount is not None and unit is not None:
        fits(max_amount, unit.denomination, "/max_amount")


def _end(limit: Limit, reason: str, actor: Actor | None) -> None:
    limit.ended_at = Now()
    limit.end_reason = reason
    limit.end_staff_id = actor.staff_id if actor else None
    limit.save(update_fields=["ended_at", "end_reason", "end_staff_id"])
    limit.refresh_from_db(fields=["ended_at"])
    _tell(limit, "limit.ended", actor)


def _tell(limit: Limit, event: str, actor: Actor | None) -> None:
    """Write down what was done, with the one customer it is about, if it is one."""
    owner_id = limit.wallet.owner_id if limit.wallet else limit.user_id
    record_event(event, subject_id=limit.id, user_id=owner_id)
    record_act(actor, event, limit, customer_id=owner_id, after={"limit": str(limit)})


def _wrong(detail: str, name: str, code: str = "invalid") -> ValidationError:
    return ValidationError(FieldError(detail, f"/{name}", code))
