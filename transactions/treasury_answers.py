"""What the treasury is told: positions, and the hedges that move them."""

from decimal import Decimal
from typing import Any

from fx.money import Denomination, Money, half_even_to_scale, plain
from fx.pricing import RATE_EXPONENT
from transactions import answers
from transactions.models import PositionLimit, Side
from transactions.postings import Posted
from transactions.queries.positions import Position, PositionReport
from wallets.models import Purpose


def positions(report: PositionReport) -> dict[str, Any]:
    """Every position with its cost and results, and the results together."""
    unit = report.reporting
    return {
        "reporting_currency": unit.code,
        "at": report.at,
        "realised": _figure(report.realised, unit),
        "unrealised": _figure(report.unrealised, unit),
        "positions": [_position(one, unit) for one in report.positions],
    }


def hedge(posted: Posted) -> dict[str, Any]:
    """A hedge: both sides, and all its entries."""
    traded = {
        entry.side: entry.wallet.money(entry.amount)
        for entry in posted.entries
        if entry.wallet.purpose == Purpose.FX_POSITION
    }
    sold, bought = traded[Side.DEBIT], traded[Side.CREDIT]
    row = posted.transaction
    return {
        "transaction_id": row.id,
        "type": row.type,
        "sell_currency": sold.currency.code,
        "sell_amount": sold.text,
        "buy_currency": bought.currency.code,
        "buy_amount": bought.text,
        "counterparty": row.metadata["counterparty"],
        "entries": answers.entries(posted),
        **answers.words(posted),
    }


def _position(one: Position, reporting: Denomination) -> dict[str, Any]:
    mid = None if one.mid is None else half_even_to_scale(one.mid, RATE_EXPONENT)
    return {
        "currency": one.currency.code,
        "side": one.side,
        "position": one.position.text,
        "average_cost": None if one.average_cost is None else plain(one.average_cost),
        "cost": _figure(one.holding.cost, reporting),
        "mid_rate": None if mid is None else plain(mid),
        "value": _figure(one.value, reporting),
        "realised": _figure(one.holding.realised, reporting),
        "unrealised": _figure(one.unrealised, reporting),
        "income": one.income.text,
        "exposure": one.exposure.text,
        "limit": None if one.limit is None else _limit(one.limit, one.currency),
    }


def _limit(limit: PositionLimit, unit: Denomination) -> dict[str, Any]:
    return {
        "soft": None if limit.soft is None else Money(limit.soft, unit).text,
        "hard": None if limit.hard is None else Money(limit.hard, unit).text,
        "widen_bps": plain(limit.widen_bps),
    }


def _figure(value: Decimal | None, unit: Denomination) -> str | None:
    """All its decimals, and at least those of the currency: "12.50", "0.333333333333".

    Not rounded to the currency: rounded figures would not add up.
    """
    if value is None:
        return None
    text = plain(value)
    whole, _, decimals = text.partition(".")
    decimals = decimals.ljust(unit.exponent, "0")
    return f"{whole}.{decimals}" if decimals else whole
