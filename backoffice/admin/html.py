"""Small pieces of HTML. Data gets in through `format_html` only, which escapes it."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fx.money import Money
from wallets.models import Wallet

NOTHING = "-"
# For a fieldset of one field, which has its name already.
WIDE = ["console-wide"]
_SHORT_ID = 13


def link(row: Model | None, text: object = None) -> SafeString | str:
    """A link to the row's page in the console; a hyphen when there is none."""
    if row is None:
        return NOTHING
    opts = row._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, row if text is None else text)


def short_id(row_id: object) -> SafeString:
    """The first characters of an id, which the search finds; whole when pointed at."""
    return format_html('<code title="{}">{}…</code>', row_id, str(row_id)[:_SHORT_ID])


def amount(money: Money) -> str:
    """With separated thousands and the currency: "1,870.00 MXN"."""
    return f"{money.amount:,f} {money.currency.code}"


def instant(at: datetime | None) -> SafeString | str:
    """To the second: who looks for a payment has a log in the other window.

    In UTC, to which `times.js` adds the time where the reader is.
    """
    if at is None:
        return NOTHING
    return format_html(
        '<time datetime="{}">{} UTC</time>',
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
    )


def column_at(field: str) -> Callable[[Any], SafeString | str]:
    """A column of instants, for lists and pages."""

    def column(row: Any) -> SafeString | str:
        return instant(getattr(row, field))

    # The name is in the page as a class, for the style sheet.
    column.__name__ = field
    return admin.display(description=field.replace("_", " "))(column)


def shown(
    render: Callable[[Any], SafeString | str], description: str
) -> Callable[[Any, Any], SafeString | str]:
    """A field of a page, as a method of its admin, whose value `render` makes."""

    @admin.display(description=description)
    @wraps(render)
    def field(admin_: Any, row: Any) -> SafeString | str:
        return render(row)

    return once(field)


def once(method: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A field of a page that is worked out once, however often the template asks.

    Unfold's asks five times for what it shows once.
    """

    @wraps(method)
    def field(admin_: Any, row: Any) -> Any:
        kept = row.__dict__.setdefault("_fields", {})
        if method.__name__ not in kept:
            kept[method.__name__] = method(admin_, row)
        return kept[method.__name__]

    return field


def wallet_name(wallet: Wallet) -> str:
    """What people call it; comes with its owner."""
    if wallet.owner is None:
        return f"house {wallet.purpose} {wallet.currency_id}"
    return f"{wallet.currency_id} of {wallet.owner}"


def plain(number: Decimal) -> str:
    """All digits that say something, and a point only where one is needed."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json(value: Any) -> SafeString | str:
    """Data as it is, laid out for reading."""
    if not value:
        return NOTHING
    laid_out = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="data">{}</pre>', laid_out)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str
) -> SafeString | str:
    """A table; the columns whose heading ends in "#" are numbers, set to the right."""
    numeric = ["number" if heading.endswith("#") else "" for heading in headings]
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (
                format_html_join(
                    "", '<td class="{}">{}</td>', zip(numeric, row, strict=True)
                ),
            )
            for row in rows
        ),
    )
    if not body:
        return empty
    head = format_html_join(
        "",
        '<th class="{}">{}</th>',
        zip(numeric, (heading.rstrip("#") for heading in headings), strict=True),
    )
    return format_html(
        '<table class="console"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        head,
        body,
    )
