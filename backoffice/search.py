"""What staff type into a search box, and the rows that they may mean by it.

How a word begins is found by an index, anywhere. What it has in its middle, and a name
without its accents, is looked for in the newest rows only, so that no search grows with
the tables.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize
from uuid import UUID

from django.db.models import Func, Model, Q, QuerySet, TextField

from users.models import User

# Fewer characters of an id than these are shared by years of rows.
MIN_ID_CHARACTERS = 6
# What fits more rows than this says nothing.
MAX_FOUND = 100
# How far back a part of a word, or an amount, is looked for.
NEWEST = 20_000
USER_WORDS = ("external_id", "name", "email")
_CODE = r"([A-Za-z][A-Za-z0-9]{1,11})"
_MONEY = re.compile(
    rf"(?:{_CODE}\s*)??([0-9][0-9,]{{0,18}}(?:\.[0-9]{{1,8}})?)(?:\s*{_CODE})?"
)


def id_range(term: str) -> tuple[UUID, UUID] | None:
    """The least and the greatest id that begin with `term`, if it can begin one."""
    if not re.fullmatch(r"[0-9a-fA-F-]{1,36}", term):
        return None
    digits = term.replace("-", "")
    if not MIN_ID_CHARACTERS <= len(digits) <= 32:
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def id_begins(term: str, field: str = "pk") -> Q:
    """Rows whose id begins with `term`, by the index; none when it is no id."""
    ids = id_range(term)
    return Q(**{f"{field}__range": ids}) if ids else Q(pk__in=[])


def matching_users(term: str) -> QuerySet[User]:
    """Users, deleted ones too, whose id or words begin so; of the newest, whose words
    contain it."""
    everybody = User.all_objects.all()
    named = everybody.alias(plain_name=_Plain("name"))
    plain = _plain(term)
    also = Q(plain_name__icontains=plain) if plain else None
    ids = [
        *some_ids(everybody.filter(id_begins(term))),
        *some_ids(everybody.filter(external_id=term)),
        *(
            id_
            for field in USER_WORDS
            for id_ in some_ids(everybody.filter(**{f"{field}__istartswith": term}))
        ),
        *with_a_part(named, USER_WORDS, term, also),
    ]
    return everybody.filter(pk__in=ids)


class _Plain(Func):
    """Text without what stands above and below its letters: José as Jose.

    A letter of its own, such as ø or ł, stays.
    """

    output_field = TextField()
    template = (
        r"regexp_replace(normalize(%(expressions)s, NFD), '[\u0300-\u036f]', '', 'g')"
    )


def _plain(text: str) -> str:
    return "".join(
        one for one in normalize("NFD", text) if not "\u0300" <= one <= "\u036f"
    )


def with_a_part(
    rows: QuerySet[Any], fields: Iterable[str], term: str, also: Q | None = None
) -> list[UUID]:
    """The ids of the newest rows that have `term` somewhere in one of the fields, and
    of those that are meant `also`."""
    contains = also or Q()
    for field in fields:
        contains |= Q(**{f"{field}__icontains": term})
    eldest = before_newest(rows.model)
    among = rows.filter(contains)
    return some_ids(among if eldest is None else among.filter(pk__gt=eldest))


def before_newest(model: type[Model]) -> UUID | None:
    """The id that all the newest rows come after; None when there are no others."""
    ids = model._base_manager.order_by("-pk").values_list("pk", flat=True)
    return ids[NEWEST : NEWEST + 1].first()


def money(term: str) -> tuple[Decimal, str] | None:
    """The amount and the currency that `term` names: "12.50 USD", "usd 1,250"."""
    found = _MONEY.fullmatch(term.strip())
    if found is None:
        return None
    before, number, after = found.groups()
    if bool(before) == bool(after):
        return None
    return Decimal(number.replace(",", "")), (before or after).upper()


def some_ids(rows: QuerySet[Any]) -> list[UUID]:
    """The ids of the first rows, to narrow another query with."""
    return list(rows.values_list("pk", flat=True)[:MAX_FOUND])


def day(term: str) -> tuple[datetime, datetime] | None:
    """The beginning of the UTC day that `term` names, and of the next."""
    try:
        begins_at = datetime.strptime(term, "%Y-%m-%d").replace(tzinfo=UTC)
        return begins_at, begins_at + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
