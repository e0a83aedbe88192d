"""The sidebar, and the sign that says which environment this is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Sections of (title, icon, model or page, query).
_SECTIONS: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    (
        "Customers",
        [
            ("Users", "group", "users.user", "?staff=no"),
            ("Wallets", "account_balance_wallet", "wallets.wallet", ""),
            ("Limits", "speed", "wallets.limit", "?ended=no"),
            ("API keys", "key", "users.apikey", ""),
        ],
    ),
    (
        "Money",
        [
            ("Transactions", "swap_horiz", "transactions.transaction", ""),
            ("Holds", "pause_circle", "transactions.hold", ""),
            ("House accounts", "account_balance", "wallets.wallet", "?purpose=house"),
        ],
    ),
    (
        "Foreign exchange",
        [
            ("Rates", "show_chart", "fx.rate", ""),
            ("Breakers", "electric_bolt", "fx.verdict", "?open=now"),
            ("Feeds", "rss_feed", "fx.feed", ""),
            ("Feed errors", "sync_problem", "fx.feederror", ""),
            ("Pricing policies", "price_change", "fx.pricingpolicy", ""),
            ("Quotes", "lock_clock", "fx.quote", ""),
            ("Currencies", "payments", "fx.currency", ""),
        ],
    ),
    (
        "Treasury",
        [
            ("Positions", "balance", "transactions.positionbook", ""),
            ("Position limits", "speed", "transactions.positionlimit", ""),
        ],
    ),
    (
        "Oversight",
        [
            ("Approvals", "approval", "backoffice.approvalrequest", ""),
            ("Ledger audits", "fact_check", "transactions.ledgeraudit", ""),
            ("Audit trail", "policy", "users.staffact", ""),
            ("Events", "campaign", "webhooks.event", ""),
            ("Staff", "badge", "users.user", "?staff=yes"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages that whoever asks may see, by section; empty sections are left out."""
    home = {
        "title": "Home",
        "icon": "dashboard",
        "link": reverse("admin:index"),
        "active": request.path == reverse("admin:index"),
    }
    sections: list[dict[str, Any]] = [{"items": [home]}]
    for title, pages in _SECTIONS:
        items = [_item(request, *page) for page in pages if _may_see(request, page[2])]
        if items:
            sections.append({"title": title, "separator": True, "items": items})
    return sections


def _may_see(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    return bool(request.user.has_perm(f"{app}.view_{name}"))


def _item(
    request: HttpRequest, title: str, icon: str, model: str, query: str
) -> dict[str, Any]:
    link = reverse(f"admin:{model.replace('.', '_')}_changelist")
    return {
        "title": title,
        "icon": icon,
        "link": link + query,
        "active": request.path.startswith(link) and _is_of(request, title),
    }


def _is_of(request: HttpRequest, title: str) -> bool:
    """Which of two pages of the same list this is."""
    house = "purpose" in request.GET
    staff = request.GET.get("staff") == "yes"
    return {
        "House accounts": house,
        "Wallets": not house,
        "Staff": staff,
        "Users": not staff,
    }.get(title, True)


def environment(request: HttpRequest) -> list[str]:
    """A badge beside the title: its text and its colour."""
    name = settings.ENVIRONMENT_NAME
    colour = {"production": "danger", "staging": "info"}.get(name, "warning")
    return [name.capitalize(), colour]


def style_sheet(request: HttpRequest) -> str:
    """Our own additions to the theme."""
    return static("backoffice/console.css")


def times_script(request: HttpRequest) -> str:
    """Shows times where the reader is."""
    return static("backoffice/times.js")


def dialogs_script(request: HttpRequest) -> str:
    """Leads the keyboard into dialogs."""
    return static("backoffice/dialogs.js")


def favicon(request: HttpRequest) -> str:
    """The sign in the browser's tab."""
    return static("backoffice/favicon.svg")
