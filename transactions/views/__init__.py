"""Moving money and reading what moved, over HTTP."""

from transactions.views.batches import BatchViewSet
from transactions.views.books import BooksViewSet
from transactions.views.holds import HoldViewSet
from transactions.views.limits import LimitViewSet
from transactions.views.movements import MovementViewSet
from transactions.views.quotes import QuoteViewSet
from transactions.views.statements import StatementViewSet
from transactions.views.treasury import TreasuryViewSet
from transactions.views.undoing import UndoingViewSet

__all__ = [
    "BatchViewSet",
    "BooksViewSet",
    "HoldViewSet",
    "LimitViewSet",
    "MovementViewSet",
    "QuoteViewSet",
    "StatementViewSet",
    "TreasuryViewSet",
    "UndoingViewSet",
]
