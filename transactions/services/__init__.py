"""The ways in which money moves: one file each. This is what the product does."""

from transactions.drafts import Guards
from transactions.services.adjust import adjust
from transactions.services.book_positions import book_positions
from transactions.services.capture_hold import capture_hold
from transactions.services.convert import convert
from transactions.services.convert_at_quote import convert_at_quote
from transactions.services.expire_holds import expire_holds
from transactions.services.fold_totals import fold_totals
from transactions.services.fund import fund
from transactions.services.keep_audit import keep_audit
from transactions.services.pay import pay
from transactions.services.place_converting_hold import place_converting_hold
from transactions.services.place_hold import place_hold
from transactions.services.place_hold_at_quote import place_hold_at_quote
from transactions.services.post_batch import post_batch
from transactions.services.prune_keys import prune_keys
from transactions.services.prune_limit_uses import prune_limit_uses
from transactions.services.quote import quote
from transactions.services.record_hedge import record_hedge
from transactions.services.refund import refund
from transactions.services.reverse import reverse
from transactions.services.roll_up_days import roll_up_days
from transactions.services.set_position_limit import set_position_limit
from transactions.services.transfer import transfer
from transactions.services.void_hold import void_hold
from transactions.services.withdraw import withdraw

__all__ = [
    "Guards",
    "adjust",
    "book_positions",
    "capture_hold",
    "convert",
    "convert_at_quote",
    "expire_holds",
    "fold_totals",
    "fund",
    "keep_audit",
    "pay",
    "place_converting_hold",
    "place_hold",
    "place_hold_at_quote",
    "post_batch",
    "prune_keys",
    "prune_limit_uses",
    "quote",
    "record_hedge",
    "refund",
    "reverse",
    "roll_up_days",
    "set_position_limit",
    "transfer",
    "void_hold",
    "withdraw",
]
