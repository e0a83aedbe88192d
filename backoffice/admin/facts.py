"""Facts about a request, as tables: what is asked for, and what would change."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.html import (
    NOTHING,
    amount,
    instant,
    link,
    plain,
    table,
    wallet_name,
)
from backoffice.approval_kinds import Facts
from fx.money import Money
from users.models import User
from wallets.models import Wallet

# What stays as it is helps to understand what changes, up to here.
MOST_UNCHANGED = 20


def shown(fact: object) -> SafeString | str:
    """A row as a link, money with its currency, an instant with its zone."""
    match fact:
        case None:
            return NOTHING
        case User():
            return person(fact)
        case Wallet():
            return link(fact, wallet_name(fact))
        case Model():
            return link(fact)
        case Money():
            return amount(fact)
        case datetime():
            return f"{instant(fact)} UTC"
        case Decimal():
            return plain(fact)
    return str(fact)


def person(user: User | None) -> SafeString | str:
    """Somebody by name and email."""
    if user is None or not user.email or user.email == str(user):
        return link(user)
    return link(user, f"{user} <{user.email}>")


def facts_table(facts: Facts) -> SafeString | str:
    """One line per fact."""
    rows = ((name, shown(fact)) for name, fact in facts.items())
    return table(["What", "Value"], rows, empty=NOTHING)


def change_table(before: Facts, after: Facts) -> SafeString | str:
    """What would change first, and then some of what would stay."""
    names = list(dict.fromkeys([*before, *after]))
    changed = [name for name in names if before.get(name) != after.get(name)]
    same = [name for name in names if name not in set(changed)]
    rows: list[tuple[SafeString | str, ...]] = [
        (format_html("<strong>{}</strong>", name), *_both(name, before, after))
        for name in changed
    ]
    rows += [(name, *_both(name, before, after)) for name in same[:MOST_UNCHANGED]]
    more = len(same) - MOST_UNCHANGED
    if more > 0:
        rows.append((f"{more} more stay as they are", "", ""))
    return table(["What", "Before", "After"], rows, empty="Nothing is shown of it.")


def _both(
    name: str, before: Facts, after: Facts
) -> tuple[SafeString | str, SafeString | str]:
    return shown(before.get(name)), shown(after.get(name))
