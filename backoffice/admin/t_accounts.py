"""A transaction as accountants draw it: a T for every account it touched."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, link, table, wallet_name
from fx.money import EXACT, Money
from transactions.models import Entry, Side
from wallets.models import Wallet

_T = (
    '<table class="console t-account"><caption>{}</caption>'
    "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
)
# The sort of row, and its cells.
_Row = tuple[str, list[str]]


def t_accounts(entries: Sequence[Entry]) -> SafeString | str:
    """All accounts of one transaction in the order of its lines, and their balance."""
    accounts: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        accounts[entry.wallet_id].append(entry)
    if not accounts:
        return "No entries."
    drawn = format_html_join("", "{}", ((_t(own),) for own in accounts.values()))
    return format_html('<div class="t-accounts">{}</div>{}', drawn, _both(entries))


def _t(entries: Sequence[Entry]) -> SafeString:
    wallet = entries[0].wallet
    # A house account's balance is the sum of all that was ever booked there.
    sides = ["Debit", "Credit"]
    headings = sides if entries[0].balance_after is None else [*sides, "Balance"]
    rows = (
        (sort, format_html_join("", '<td class="number">{}</td>', zip(cells)))
        for sort, cells in _rows(wallet, entries)
    )
    return format_html(
        _T,
        link(wallet, wallet_name(wallet)),
        format_html_join("", '<th scope="col" class="number">{}</th>', zip(headings)),
        format_html_join("", '<tr class="{}">{}</tr>', rows),
    )


def _rows(wallet: Wallet, entries: Sequence[Entry]) -> Iterator[_Row]:
    """The balance before, each entry with the balance after, the sums of several."""
    first = entries[0]
    if first.balance_after is not None:
        before = EXACT.subtract(first.balance_after, _change(first))
        yield "before", ["", "before", amount(wallet.money(before))]
    for entry in entries:
        money, after = amount(wallet.money(entry.amount)), entry.balance_after
        cells = [money, ""] if entry.side == Side.DEBIT else ["", money]
        yield "", cells if after is None else [*cells, amount(wallet.money(after))]
    if len(entries) > 1:
        sums = (_sum(entries, side) for side in (Side.DEBIT, Side.CREDIT))
        yield "total", [amount(wallet.money(one)) for one in sums]


def _change(entry: Entry) -> Decimal:
    """What an entry did to its wallet, which is credit-normal."""
    return entry.amount if entry.side == Side.CREDIT else -entry.amount


def _both(entries: Sequence[Entry]) -> SafeString | str:
    """That both sides are equal in each currency, as one sees."""
    units = {entry.currency: entry.wallet.denomination for entry in entries}
    sums = {
        code: [
            amount(Money(_sum((e for e in entries if e.currency == code), side), unit))
            for side in (Side.DEBIT, Side.CREDIT)
        ]
        for code, unit in units.items()
    }
    return table(
        ["All accounts in", "Debits#", "Credits#", ""],
        (
            (code, debits, credits, "equal" if debits == credits else "NOT EQUAL")
            for code, (debits, credits) in sums.items()
        ),
        empty=NOTHING,
    )


def _sum(entries: Iterable[Entry], side: Side) -> Decimal:
    total = Decimal(0)
    for entry in entries:
        if entry.side == side:
            total = EXACT.add(total, entry.amount)
    return total
