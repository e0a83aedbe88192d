"""The first page: the dashboard's figures as whoever looks may see them."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, instant, table
from backoffice.dashboard import Dashboard, Holding, dashboard
from backoffice.queries import still_open, undecided
from fx.models import Verdict
from fx.money import Money

_WALLETS = "admin:wallets_wallet_changelist"
_RATES = "admin:fx_rate_changelist"
_POSITIONS = "admin:transactions_positionbook_changelist"
_TRANSACTIONS = "admin:transactions_transaction_changelist"
_OLDEST = 5


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the template shows; a part that they may not see is not there."""
    if not request.user.has_perm("transactions.view_transaction"):
        return context
    return context | _figures(dashboard(timezone.now()), request.user.has_perm)


def _figures(board: Dashboard, may: Callable[[str], bool]) -> dict[str, Any]:
    return {
        "board": board,
        "owed": _reported(board, board.owed),
        "result": _reported(board, board.result),
        "held": _held(board) if may("wallets.view_wallet") else None,
        "positions": _positions(board) if may("transactions.view_positionbook") else "",
        "rates": _rates(board) if may("fx.view_rate") else None,
        "audit_at": instant(board.audit.finished_at) if board.audit else None,
        "volume_title": f"Moved per day, in {board.reporting.code} at today's rates",
        "conversions_title": "Conversions per day",
        "volume_chart": _chart(
            board, "Moved", (round(day.volume) for day in board.days)
        ),
        "conversion_chart": _chart(
            board, "Conversions", (day.conversions for day in board.days)
        ),
        "days_table": _days(board),
        "undecided": undecided() if may("backoffice.view_approvalrequest") else None,
        "breakers": _open_breakers() if may("fx.view_verdict") else None,
        "may_see_audits": may("transactions.view_ledgeraudit"),
        "urls": {
            "wallets": reverse(_WALLETS),
            "positions": reverse(_POSITIONS),
            "rates": reverse(_RATES),
            "transactions": reverse(_TRANSACTIONS),
            "breakers": f"{reverse('admin:fx_verdict_changelist')}?open=now",
            "approvals": reverse("admin:backoffice_approvalrequest_changelist"),
            "audits": reverse("admin:transactions_ledgeraudit_changelist"),
        },
    }


def _open_breakers() -> int:
    return still_open(Verdict.objects.all()).count()


def _reported(board: Dashboard, worth: Any) -> str:
    return amount(Money(worth, board.reporting))


def _to(page: str, query: str, text: object) -> SafeString:
    return format_html('<a href="{}?{}">{}</a>', reverse(page), query, text)


def _worth(board: Dashboard, worth: Any) -> str:
    return "no rate" if worth is None else _reported(board, worth)


def _held(board: Dashboard) -> SafeString | str:
    return table(
        ["Currency", "Held for customers#", f"In {board.reporting.code}#"],
        (
            (
                _to(_WALLETS, f"currency={one.owed.currency.code}", _code(one)),
                amount(one.owed),
                _worth(board, one.worth),
            )
            for one in board.holdings
        ),
        empty="Nothing is held yet: fund a wallet through the API.",
    )


def _positions(board: Dashboard) -> SafeString | str:
    return table(
        ["Currency", "Position#", f"In {board.reporting.code}#"],
        (
            (
                _to(_WALLETS, f"purpose=fx_position&currency={_code(one)}", _code(one)),
                amount(one.position),
                _worth(board, one.position_worth),
            )
            for one in board.holdings
            if one.position.amount
        ),
        empty="The house is neither long nor short of anything.",
    )


def _rates(board: Dashboard) -> SafeString | str:
    return table(
        ["Pair", "Rate of", ""],
        (
            (
                _to(_RATES, f"q={_code(one)}", f"{_code(one)}/{board.reporting.code}"),
                instant(one.rate_at),
                format_html('<strong class="bad">{}</strong>', "too old")
                if one.rate_is_old
                else "fresh",
            )
            for one in board.oldest_rates[:_OLDEST]
        ),
        empty="There are no rates for what is held: run manage.py load_rates.",
    )


def _days(board: Dashboard) -> SafeString | str:
    return table(
        ["Day", "Transactions#", "Moved#", "Conversions#", "Converted#"],
        (
            (
                _to(_TRANSACTIONS, f"q={day.day}", day.day),
                day.transactions,
                _reported(board, day.volume),
                day.conversions,
                _reported(board, day.converted),
            )
            for day in reversed(board.days)
            if day.transactions
        ),
        empty="Nothing has moved in these days.",
    )


def _code(one: Holding) -> str:
    return one.owed.currency.code or NOTHING


def _chart(board: Dashboard, name: str, values: Iterable[int]) -> str:
    return json.dumps(
        {
            "labels": [f"{day.day:%d %b}" for day in board.days],
            "datasets": [
                {
                    "label": name,
                    "data": list(values),
                    "backgroundColor": "var(--color-primary-600)",
                    "borderRadius": 3,
                }
            ],
        }
    )
