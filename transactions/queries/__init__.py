"""Reading what moved. Nothing here writes."""

from transactions.queries.balances import balances
from transactions.queries.books import (
    HistoryFilter,
    newest_transaction_ids,
    newest_transactions,
    posted_transaction,
    user_history,
    whole_history,
)
from transactions.queries.totals import trial_balance

__all__ = [
    "HistoryFilter",
    "balances",
    "newest_transaction_ids",
    "newest_transactions",
    "posted_transaction",
    "trial_balance",
    "user_history",
    "whole_history",
]
