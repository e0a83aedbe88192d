"""The ways in which money moves: one file each. This is what the product does."""

from transactions.services.convert import Guards, convert
from transactions.services.convert_at_quote import convert_at_quote
from transactions.services.fold_totals import fold_totals
from transactions.services.fund import fund
from transactions.services.pay import pay
from transactions.services.prune_keys import prune_keys
from transactions.services.quote import quote
from transactions.services.refund import refund
from transactions.services.reverse import reverse
from transactions.services.transfer import transfer
from transactions.services.withdraw import withdraw

__all__ = [
    "Guards",
    "convert",
    "convert_at_quote",
    "fold_totals",
    "fund",
    "pay",
    "prune_keys",
    "quote",
    "refund",
    "reverse",
    "transfer",
    "withdraw",
]
