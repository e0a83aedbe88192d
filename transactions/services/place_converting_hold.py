"""A customer's money is promised in another currency, at the present rate."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.errors import LockNotOffered
from fx.models import Quote, QuoteStatus
from fx.money import fits
from fx.offers import Order, make_offer
from fx.policy import LOCKS, Policy
from fx.queries import cross, find_currency
from transactions.checks import check_version
from transactions.exposure import exposure
from transactions.holding import expiry, promise, ready_payee
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet


@moves_money
def place_converting_hold(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    to_currency: str,
    to_user_id: UUID | None = None,
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> Held:
    """Hold `amount`, and freeze what its captures will come to in the other currency.

    The price is that of a quote whose lock lasts as long, or of the longest on offer.
    The payee may be the user: then it is a conversion that is to come.

    :raises Refusal: SameCurrency, ValidationError, UserNotFound, UserDeleted,
        UnsupportedCurrency, WalletNotFound, WalletFrozen, VersionMismatch,
        LockNotOffered, RateUnavailable, AmountTooSmall, AmountTooLarge, LimitExceeded,
        InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    expires_at = expiry(expires_at, now)
    currency = find_currency(to_currency)
    ready_payee(to_user_id, currency)
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money, target = fits(amount, wallet.denomination), currency.denomination
    quote = _quote(Order(money, target, "source"), wallet, expires_at, now)

    return promise(
        instruction,
        wallet,
        money,
        fee=wallet.money(quote.fee),
        to_user_id=to_user_id,
        expires_at=expires_at,
        quote=quote,
        target=target,
    )


def _quote(order: Order, wallet: Wallet, expires_at: datetime, now: datetime) -> Quote:
    """A quote of this moment, used by the hold from the beginning."""
    assert wallet.owner_id is not None, "a customer's wallet has an owner"
    source, target, terms = order.source.code, order.target.code, wallet.terms
    lock = _lock(terms.policy, expires_at - now)
    exposed = exposure((source, target), now=now)
    offer = make_offer(
        order,
        cross(source, target, now=now, max_age=settings.FX_MAX_RATE_AGE),
        terms,
        premium_bps=terms.policy.premiums[lock],
        widening_bps=exposed.widening(source, target),
    )
    # Now, since what is promised is kept, wherever the position is by then.
    exposed.check([offer.price])
    return Quote.objects.create(
        user_id=wallet.owner_id,
        status=QuoteStatus.USED,
        lock=lock,
        fee=offer.fee.amount,
        expires_at=expires_at,
        ended_at=now,
        **offer.columns(),
    )


def _lock(policy: Policy, lasts: timedelta) -> str:
    """The shortest lock on offer that lasts as long, or else the longest of them.

    :raises LockNotOffered: no price is promised at all.
    """
    offered = sorted(policy.premiums, key=LOCKS.__getitem__)
    if not offered:
        raise LockNotOffered("a hold", [])
    long_enough = [name for name in offered if LOCKS[name] >= lasts.total_seconds()]
    return [*long_enough, offered[-1]][0]
