"""Movements and books, below `/v1`."""

from django.urls import path

from transactions.views import (
    BatchViewSet,
    BooksViewSet,
    HoldViewSet,
    LimitViewSet,
    MovementViewSet,
    QuoteViewSet,
    StatementViewSet,
    TreasuryViewSet,
    UndoingViewSet,
)

_WALLETS = "wallets/<id:user_id>"

urlpatterns = [
    *(
        path(f"{_WALLETS}/{action}", MovementViewSet.as_view({"post": action}))
        for action in ("fund", "withdraw", "transfer", "convert", "pay", "adjust")
    ),
    path(f"{_WALLETS}/balances", BooksViewSet.as_view({"get": "balances"})),
    path(f"{_WALLETS}/transactions", BooksViewSet.as_view({"get": "history"})),
    path(
        f"{_WALLETS}/<currency:currency>/statement",
        StatementViewSet.as_view({"get": "retrieve"}),
    ),
    path("transactions", BooksViewSet.as_view({"get": "list"})),
    path("transactions/<id:transaction_id>", BooksViewSet.as_view({"get": "retrieve"})),
    path(
        "transactions/<id:transaction_id>/explain",
        BooksViewSet.as_view({"get": "explain"}),
    ),
    *(
        path(
            f"transactions/<id:transaction_id>/{action}",
            UndoingViewSet.as_view({"post": action}),
        )
        for action in ("reverse", "refund")
    ),
    path("batches", BatchViewSet.as_view({"post": "create"})),
    path("batches/<id:batch_id>", BatchViewSet.as_view({"get": "retrieve"})),
    path("limits", LimitViewSet.as_view({"post": "create"})),
    path("limits/<id:user_id>", LimitViewSet.as_view({"get": "retrieve"})),
    path("limits/<id:limit_id>/end", LimitViewSet.as_view({"post": "end"})),
    path("holds", HoldViewSet.as_view({"get": "list", "post": "place"})),
    path("holds/<id:hold_id>", HoldViewSet.as_view({"get": "retrieve"})),
    *(
        path(f"holds/<id:hold_id>/{action}", HoldViewSet.as_view({"post": action}))
        for action in ("capture", "void")
    ),
    path("positions", TreasuryViewSet.as_view({"get": "positions"})),
    path("hedges", TreasuryViewSet.as_view({"post": "hedge"})),
    path("quotes", QuoteViewSet.as_view({"post": "create"})),
    path(
        "quotes/<id:quote_id>",
        QuoteViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
    ),
    path("trial-balance", BooksViewSet.as_view({"get": "trial_balance"})),
]
