"""Moving money and reading what moved, over HTTP."""

from transactions.views.books import BooksViewSet
from transactions.views.movements import MovementViewSet

__all__ = ["BooksViewSet", "MovementViewSet"]
