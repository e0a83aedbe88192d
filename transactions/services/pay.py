"""One customer pays another out of several wallets, converting what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.errors import RateUnavailable
from fx.money import Money, fits
from fx.offers import Offer
from fx.queries import crosses
from transactions.converting import conversion_posting
from transactions.covering import NotCovered, Purse, Unpriced, cover, cover_cheaply
from transactions.errors import InsufficientFunds, PayeeUnavailable, SameUser
from transactions.exposure import Exposure, exposure
from transactions.ledger import post_all
from transactions.models import Conversion, TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    FEE_INCOME,
    Instruction,
    Posted,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.locking import Claim, lock_wallets
from wallets.models import Status, Wallet
from wallets.queries import spendable_currencies


@moves_money
def pay(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    to_user_id: UUID,
    sources: Sequence[str] | None = None,
    *,
    now: datetime,
) -> Posted:
    """Pay `amount` to another user, all of it or nothing.

    What the payer has in the currency goes first, then the wallets in `sources` one
    after another, or, without `sources`, whichever cost least. A list of sources that
    does not name the currency leaves the wallet in it as it is.

    :raises Refusal: SameUser, UserNotFound, UserDeleted, UnsupportedCurrency,
        WalletNotFound, WalletFrozen, PayeeUnavailable, RateUnavailable, AmountTooSmall,
        AmountTooLarge, LimitExceeded, InsufficientFunds, DuplicateReference,
        IdempotencyKeyReused.
    """
    if user_id == to_user_id:
        raise SameUser
    codes = spendable_currencies(user_id) if sources is None else sources
    payee, own, *others = lock_wallets(
        Claim(to_user_id, currency_code, opens=True),
        Claim(user_id, currency_code, opens=True),
        *(Claim(user_id, code) for code in codes if code != currency_code),
    )
    if payee.status != Status.ACTIVE:
        raise PayeeUnavailable
    money = fits(amount, own.denomination)
    fee = own.terms.fee("transfer", money)
    at_hand = _at_hand(own) if sources is None or currency_code in sources else None
    offers = _offers(own, others, money + fee, at_hand, sources is None, now)

    postings = _conversions(instruction, own, others, offers)
    payment = _payment(instruction, own, payee, money, fee)
    return post_all([*postings, payment], last=True)[-1]


def _payment(
    instruction: Instruction, own: Wallet, payee: Wallet, money: Money, fee: Money
) -> Posting:
    return Posting(
        TransactionType.TRANSFER,
        owner_id=own.owner_id,
        lines=[
            debit(own, money + fee),
            credit(payee, money),
            *earned(FEE_INCOME, fee),
        ],
        instruction=instruction,
        fee=fee,
    )


def _at_hand(own: Wallet) -> Money:
    return own.money(max(own.available, Decimal(0)))


def _offers(
    own: Wallet,
    others: Sequence[Wallet],
    needed: Money,
    at_hand: Money | None,
    cheaply: bool,
    now: datetime,
) -> list[Offer]:
    """The conversions that bring what is not at hand."""
    at_hand = at_hand or own.money(Decimal(0))
    if not at_hand < needed:
        return []
    exposed = exposure((wallet.currency_id for wallet in (own, *others)), now=now)
    purses = _purses(own, others, exposed, now)
    priced = [purse for purse in purses if isinstance(purse, Purse)]
    missing = needed - at_hand
    try:
        offers = cover_cheaply(missing, priced) if cheaply else cover(missing, purses)
    except NotCovered as short:
        for purse in purses:
            if isinstance(purse, Unpriced):
                raise purse.why from None
        available = at_hand + short.got
        raise InsufficientFunds(
            own,
            available.amount,
            needed.amount,
            whose="All wallets that may be used have together",
        ) from None
    exposed.check(offer.price for offer in offers)
    exposed.tell(offer.price for offer in offers)
    return offers


def _purses(
    own: Wallet, others: Sequence[Wallet], exposed: Exposure, now: datetime
) -> list[Purse | Unpriced]:
    """The wallets that have something to be sold."""
    purses: list[Purse | Unpriced] = []
    code, target = own.currency_id, own.denomination
    sold = [wallet.currency_id for wallet in others]
    rates = crosses(sold, code, now=now, max_age=settings.FX_MAX_RATE_AGE)
    for wallet in others:
        # What they own, and no credit that we give.
        owned = wallet.balance - wallet.held
        if owned <= 0:
            continue
        rate = rates[wallet.currency_id]
        if isinstance(rate, RateUnavailable):
            purses.append(Unpriced(rate))
            continue
        widening_bps = exposed.widening(wallet.currency_id, code)
        money, terms = wallet.money(owned), wallet.terms
        purses.append(Purse(money, target, rate, terms, widening_bps))
    return purses


def _conversions(
    instruction: Instruction,
    own: Wallet,
    others: Iterable[Wallet],
    offers: Iterable[Offer],
) -> list[Posting]:
    """The parts of the payment; key and reference are the payment's own."""
    unnamed = replace(instruction, idempotency_key=None, reference=None)
    sources = {wallet.currency_id: wallet for wallet in others}
    postings = []
    for offer in offers:
        source = sources[offer.price.from_amount.currency.code]
        price = Conversion(**offer.columns())
        posting = conversion_posting(unnamed, source, own, price, offer.fee)
        postings.append(replace(posting, is_part=True))
    return postings
