"""What a transaction's page shows: its entries, and how its price came about."""

from collections.abc import Sequence

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, link, plain, table, wallet_name
from backoffice.queries import entries_of
from fx.models import Currency, Rate
from fx.money import Money
from transactions.models import Conversion, Entry, Side, Transaction
from wallets.models import Purpose


def entries(transaction: Transaction) -> SafeString | str:
    """Every line, debits and credits in columns of their own."""
    return table(
        ["Line#", "Account", "Debit#", "Credit#", "Balance after#", "Version#"],
        (_line(entry) for entry in entries_of([transaction.pk])[transaction.pk]),
        empty="No entries.",
    )


def _line(entry: Entry) -> Sequence[object]:
    money = amount(entry.wallet.money(entry.amount))
    after = entry.balance_after
    return (
        entry.line,
        link(entry.wallet, wallet_name(entry.wallet)),
        money if entry.side == Side.DEBIT else "",
        money if entry.side == Side.CREDIT else "",
        NOTHING if after is None else amount(entry.wallet.money(after)),
        NOTHING if entry.wallet_version is None else entry.wallet_version,
    )


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
            ("Rates published", f"{conversion.rate_as_of:%Y-%m-%d %H:%M} UTC"),
            ("Rates used", _rates(conversion)),
        ],
        empty=NOTHING,
    )


def _rates(conversion: Conversion) -> SafeString | str:
    rates = Rate.objects.filter(pk__in=conversion.rate_ids).order_by("quote")
    return format_html_join(
        ", ", "{}", ((link(rate, f"{rate.base}/{rate.quote}"),) for rate in rates)
    )
