"""A customer's money changes its currency, at a price that can be explained."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.errors import SameCurrency
from fx.money import fits
from fx.pricing import CrossRate, Price, price_fixed_source, price_fixed_target
from fx.queries import cross
from transactions.checks import check_version
from transactions.ledger import post
from transactions.models import Conversion, FixedSide, TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    FX_INCOME,
    FX_POSITION,
    Instruction,
    Line,
    Posted,
    Posting,
    credit,
    debit,
)
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet


@moves_money
def convert(
    instruction: Instruction,
    user_id: UUID,
    from_currency: str,
    to_currency: str,
    amount: Decimal,
    fixed_side: FixedSide = FixedSide.SOURCE,
    *,
    now: datetime,
) -> Posted:
    """Sell `amount` of one currency for another, or buy `amount` of the other.

    The wallet that receives is opened if there is none. `amount` is in the currency of
    the fixed side.

    :raises Refusal: SameCurrency, UserNotFound, UserDeleted, UnsupportedCurrency,
        WalletNotFound, WalletFrozen, VersionMismatch, RateUnavailable, AmountTooSmall,
        AmountTooLarge, InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    if from_currency == to_currency:
        raise SameCurrency(f"Both sides of the conversion are {from_currency}.")
    source, target = lock_wallets(
        Claim(user_id, from_currency),
        Claim(user_id, to_currency, opens=True),
    )
    check_version(source, instruction)
    rate = cross(from_currency, to_currency, now=now, max_age=settings.FX_MAX_RATE_AGE)
    price = _price(source, target, amount, fixed_side, rate)

    return post(
        Posting(
            TransactionType.CONVERSION,
            owner_id=user_id,
            lines=_lines(source, target, price),
            instruction=instruction,
            conversion=_conversion(price),
        )
    )


def _price(
    source: Wallet,
    target: Wallet,
    amount: Decimal,
    fixed_side: FixedSide,
    rate: CrossRate,
) -> Price:
    sold, bought = source.currency.denomination, target.currency.denomination
    spread_bps = settings.FX_SPREAD_BPS
    if fixed_side == FixedSide.SOURCE:
        return price_fixed_source(fits(amount, sold), bought, rate, spread_bps)
    return price_fixed_target(fits(amount, bought), sold, rate, spread_bps)


def _lines(source: Wallet, target: Wallet, price: Price) -> list[Line]:
    """Both currencies balance, and the spread is a line of its own."""
    lines = [
        debit(source, price.from_amount),
        credit(FX_POSITION, price.from_amount),
        debit(FX_POSITION, price.mid_amount),
        credit(target, price.to_amount),
    ]
    if price.spread_amount.amount:
        lines.append(credit(FX_INCOME, price.spread_amount))
    return lines


def _conversion(price: Price) -> Conversion:
    return Conversion(
        source_currency=price.from_amount.currency.code,
        target_currency=price.to_amount.currency.code,
        source_amount=price.from_amount.amount,
        target_amount=price.to_amount.amount,
        fixed_side=price.fixed_side,
        mid_rate=price.mid_rate,
        client_rate=price.client_rate,
        spread_bps=price.spread_bps,
        spread_amount=price.spread_amount.amount,
        rate_ids=[str(id_) for id_ in price.rate_ids],
        rate_as_of=price.rate_as_of,
        exact_target=price.exact_target,
        residual=price.residual,
    )
