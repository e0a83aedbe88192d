"""What a transaction's page shows: its accounts, how its price came about, and what it
has to do with others."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, instant, link, plain, table
from backoffice.admin.t_accounts import t_accounts
from backoffice.queries import entries_of
from fx.models import Currency, Quote, Rate
from fx.money import Money
from transactions.explain import Explanation, explain
from transactions.models import Conversion, Entry, Transaction
from transactions.queries import undone
from wallets.models import Purpose

LATEST = 100


def accounts(transaction: Transaction) -> SafeString | str:
    """Every line, on the accounts that it was booked to."""
    return t_accounts(transaction.lines)  # type: ignore[attr-defined]


def price(transaction: Transaction) -> SafeString | str:
    """The figures of a conversion, in the order in which they are worked out."""
    conversion = Conversion.objects.filter(pk=transaction.pk).first()
    if conversion is None:
        return "Not a conversion."
    codes = (conversion.source_currency, conversion.target_currency)
    units = Currency.objects.in_bulk(codes)
    source, target = (units[code].denomination for code in codes)
    spread = Entry.objects.filter(
        transaction=transaction, wallet__purpose=Purpose.FX_INCOME
    )
    return table(
        ["Figure", "Value#"],
        [
            ("Sold", amount(Money(conversion.source_amount, source))),
            ("Bought", amount(Money(conversion.target_amount, target))),
            ("Named by the customer", conversion.get_fixed_side_display()),
            ("Mid rate", plain(conversion.mid_rate)),
            ("Spread", f"{plain(conversion.spread_bps)} bps"),
            ("Price", plain(conversion.client_rate)),
            ("Bought, unrounded", plain(conversion.exact_target)),
            ("Rounding residual", plain(conversion.residual)),
            *(("Spread earned", amount(Money(e.amount, target))) for e in spread),
            ("Rates published", instant(conversion.rate_as_of)),
            ("Rates used", _rates(conversion)),
            *_promise(conversion),
        ],
        empty=NOTHING,
    )


def _rates(conversion: Conversion) -> SafeString | str:
    rates = Rate.objects.filter(pk__in=conversion.rate_ids).order_by("quote")
    return format_html_join(
        ", ", "{}", ((link(rate, f"{rate.base}/{rate.quote}"),) for rate in rates)
    )


def _promise(conversion: Conversion) -> list[tuple[str, object]]:
    if conversion.quote_id is None:
        return []
    quote = Quote(pk=conversion.quote_id)
    return [("By the quote", link(quote, conversion.quote_id))]


def steps(transaction: Transaction) -> SafeString | str:
    """The price worked out again, line by line, and whether it is what was booked."""
    if not hasattr(transaction, "conversion"):
        return "Not a conversion."
    done = explain(transaction.pk)
    return format_html(
        "{}{}",
        table(
            ["Step", "Calculation", "Result#"],
            ((step.what, step.calculation, step.result) for step in done.steps),
            empty=NOTHING,
        ),
        _verdict(done),
    )


def _verdict(done: Explanation) -> SafeString:
    if done.matches:
        return format_html(
            '<p class="verdict good">{}</p>',
            "Worked out again from the rates and the policy of then: it is what was "
            "booked.",
        )
    other = [
        f"{name} {done.recomputed[name]} instead of {booked}"
        for name, booked in done.booked.items()
        if done.recomputed[name] != booked
    ]
    return format_html(
        '<p class="verdict bad">Worked out again it is different: {}.</p>',
        ", ".join(other),
    )


def events(transaction: Transaction) -> SafeString | str:
    """What others are told of it."""
    return table(
        ["Event", "Occurred", "Request"],
        (
            (link(event, event.type), instant(event.occurred_at), event.request_id)
            for event in transaction.told  # type: ignore[attr-defined]
        ),
        empty="Nobody was told.",
    )


def request_id(transaction: Transaction) -> str:
    """The call that it came by, which is in the logs as well."""
    told = transaction.told  # type: ignore[attr-defined]
    named = (event.request_id for event in told)
    return next((id_ for id_ in named if id_), NOTHING)


def undoings(transaction: Transaction) -> SafeString | str:
    """What reversed it and gave it back, and when."""
    what = undone([transaction.pk])[transaction.pk]
    ids = [what.reversed_by] if what.reversed_by else []
    return table(
        ["Undone by", "Recorded", "Amount#"],
        _linked([*ids, *what.refunded_by][:LATEST]),
        empty=NOTHING,
    )


def parts(transaction: Transaction) -> SafeString | str:
    """The conversions of a payment out of several wallets."""
    ids = transaction.parts.order_by("id").values_list("pk", flat=True)
    return table(["Part", "Recorded", "Amount#"], _linked(ids[:LATEST]), empty=NOTHING)


def _linked(ids: Iterable[UUID]) -> Iterator[tuple[object, ...]]:
    found = Transaction.objects.in_bulk(list(ids))
    lines = entries_of(found)
    for id_, transaction in found.items():
        first = lines[id_][0]
        yield (
            link(transaction),
            instant(transaction.recorded_at),
            amount(first.wallet.money(first.amount)),
        )
