"""A price is promised to a customer.

No money moves, but what is promised here the books must honour later. That is why it
stands among the movements.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction as db_transaction

from fx.errors import LockNotOffered
from fx.models import FixedSide, Quote
from fx.money import Denomination, fits
from fx.offers import Offer, Order, Terms, make_offer
from fx.policies import terms_now
from fx.policy import LOCKS
from fx.pricing import CrossRate
from fx.queries import cross, find_currency
from fx.quotes import check_room
from transactions.exposure import exposure
from users.queries import find_user


def quote(
    user_id: UUID,
    from_currency: str,
    to_currency: str,
    amount: Decimal,
    fixed_side: FixedSide,
    lock: str,
) -> Quote:
    """Promise the user today's price for that order until the lock is over.

    `amount` is in the currency of the fixed side. The database's clock counts.

    :raises Refusal: SameCurrency, UserNotFound, UserDeleted, UnsupportedCurrency,
        LockNotOffered, RateUnavailable, AmountTooSmall, AmountTooLarge, LimitExceeded,
        TooManyQuotes.
    """
    with db_transaction.atomic(durable=True):
        user = find_user(user_id)
        source, target = (
            find_currency(code).denomination for code in (from_currency, to_currency)
        )
        terms, now = terms_now(user.tier)
        premium_bps = terms.policy.premiums.get(lock)
        if premium_bps is None:
            raise LockNotOffered(lock, list(terms.policy.premiums))
        order = _order(source, target, amount, fixed_side)
        rate = cross(
            source.code, target.code, now=now, max_age=settings.FX_MAX_RATE_AGE
        )
        offer = _offer(order, rate, terms, premium_bps, now)
        check_room(user_id, now=now)
        return Quote.objects.create(
            user_id=user_id,
            lock=lock,
            fee=offer.fee.amount,
            created_at=now,
            expires_at=now + timedelta(seconds=LOCKS[lock]),
            **offer.columns(),
        )


def _offer(
    order: Order, rate: CrossRate, terms: Terms, premium_bps: Decimal, now: datetime
) -> Offer:
    pair = (order.source.code, order.target.code)
    exposed = exposure(pair, now=now)
    offer = make_offer(
        order,
        rate,
        terms,
        premium_bps=premium_bps,
        widening_bps=exposed.widening(*pair),
    )
    # Now, since what is promised is kept, wherever the position is by then.
    exposed.check([offer.price])
    return offer


def _order(
    source: Denomination, target: Denomination, amount: Decimal, fixed_side: FixedSide
) -> Order:
    if fixed_side == FixedSide.SOURCE:
        return Order(fits(amount, source, "/from_amount"), target, "source")
    return Order(fits(amount, target, "/to_amount"), source, "target")
