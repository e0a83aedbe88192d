"""The ways in which money moves: one file each. This is what the product does."""

from transactions.services.adjust import adjust
from transactions.services.book_positions import book_positions
from transactions.services.convert import Guards, convert
from transactions.services.convert_at_quote import convert_at_quote
from transactions.services.fold_totals import fold_totals
from transactions.services.fund import fund
from transactions.services.keep_audit import keep_audit
from transactions.services.pay import pay
from transactions.services.prune_keys import prune_keys
from transactions.services.quote import quote
from transactions.services.record_hedge import record_hedge
from transactions.services.refund import refund
from transactions.services.reverse import reverse
from transactions.services.roll_up_days import roll_up_days
from transactions.services.set_position_limit import set_position_limit
from transactions.services.transfer import transfer
from transactions.services.withdraw import withdraw

__all__ = [
    "Guards",
    "adjust",
    "book_positions",
    "convert",
    "convert_at_quote",
    "fold_totals",
    "fund",
    "keep_audit",
    "pay",
    "prune_keys",
    "quote",
    "record_hedge",
    "refund",
    "reverse",
    "roll_up_days",
    "set_position_limit",
    "transfer",
    "withdraw",
]
