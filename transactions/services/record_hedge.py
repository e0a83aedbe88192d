"""The house trades with the market, to be less long or short of a currency."""

from dataclasses import replace
from decimal import Decimal

from fx.errors import SameCurrency
from fx.models import Currency
from fx.money import Money, fits
from fx.queries import must_exist
from transactions.ledger import post
from transactions.models import TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    CASH,
    FX_POSITION,
    Instruction,
    Line,
    Posted,
    Posting,
    credit,
    debit,
)
from users.acts import Actor, record_act
from wallets.opening import open_house_accounts


@moves_money
def record_hedge(
    instruction: Instruction,
    sell_currency: str,
    sell_amount: Decimal,
    buy_currency: str,
    buy_amount: Decimal,
    counterparty: str,
    *,
    actor: Actor | None = None,
) -> Posted:
    """Book that the house sold one currency for another to a counterparty.

    Only our own money moves, so it is nobody's transaction, and may be in a currency
    that is switched off for customers. `actor` is the member of staff who did it.

    :raises Refusal: SameCurrency, UnsupportedCurrency, DuplicateReference,
        IdempotencyKeyReused.
    """
    if sell_currency == buy_currency:
        raise SameCurrency(f"Both sides of the hedge are {sell_currency}.")
    must_exist([sell_currency, buy_currency])
    currencies = Currency.objects.in_bulk([sell_currency, buy_currency])
    open_house_accounts(*currencies.values())
    sold = fits(sell_amount, currencies[sell_currency].denomination, "/sell_amount")
    bought = fits(buy_amount, currencies[buy_currency].denomination, "/buy_amount")

    instruction = replace(
        instruction, metadata=instruction.metadata | {"counterparty": counterparty}
    )
    lines = _lines(sold, bought)
    posted = post(Posting(TransactionType.HEDGE, None, lines, instruction))
    after = {"sold": str(sold), "bought": str(bought), "counterparty": counterparty}
    record_act(actor, "hedge.recorded", posted.transaction, after=after)
    return posted


def _lines(sold: Money, bought: Money) -> list[Line]:
    return [
        debit(CASH, bought),
        credit(FX_POSITION, bought),
        debit(FX_POSITION, sold),
        credit(CASH, sold),
    ]
