"""Reading what moved. Nothing here writes."""

from transactions.queries.balances import balances
from transactions.queries.batches import batch_posted
from transactions.queries.books import (
    HistoryFilter,
    newest_transaction_ids,
    newest_transactions,
    owner_of,
    posted_transaction,
    posted_transactions,
    user_history,
    whole_history,
)
from transactions.queries.holds import HoldFilter, captures_of, held, holds
from transactions.queries.limits import headrooms
from transactions.queries.positions import positions
from transactions.queries.quotes import QuoteDetails, quote_details
from transactions.queries.statements import (
    Standing,
    StatementPage,
    StatementPosition,
    statement,
)
from transactions.queries.totals import trial_balance
from transactions.queries.undone import refunded, undone

__all__ = [
    "HistoryFilter",
    "HoldFilter",
    "QuoteDetails",
    "Standing",
    "StatementPage",
    "StatementPosition",
    "balances",
    "batch_posted",
    "captures_of",
    "headrooms",
    "held",
    "holds",
    "newest_transaction_ids",
    "newest_transactions",
    "owner_of",
    "positions",
    "posted_transaction",
    "posted_transactions",
    "quote_details",
    "refunded",
    "statement",
    "trial_balance",
    "undone",
    "user_history",
    "whole_history",
]
