"""Years, months and days above a list, to go down into without reading the table.

Django's `date_hierarchy` asks for all the days that rows have, which reads every row.
This one asks for the first and the last row only, and offers each day between them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

PARAMETER = "on"
_SPAN = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-3][0-9]))?)?")
# Between the moment in an id and the one in its row lies less than a transaction.
_LONGEST_S = 60 * 60
_YEARS, _MONTHS, _DAYS = 4, 7, 10


class DateFilter(admin.SimpleListFilter):
    """A year, a month or a day (UTC) of the field that a list is in the order of."""

    title = "date (UTC)"
    parameter_name = PARAMETER
    # It has its place above the list; see `admin/change_list.html`.
    template = "admin/shown_elsewhere.html"
    field: ClassVar[str]
    # Whether the rows lie in the order of their ids, and not in an index of the field.
    in_order_of_ids: ClassVar[bool]

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        rows = model_admin.model._base_manager.order_by(
            "pk" if self.in_order_of_ids else self.field
        ).values_list(self.field, flat=True)
        first, last = rows.first(), rows.last()
        if first is None or last is None:
            return []
        within = self.value() or ""
        return [(said, _named(said)) for said in _below(within, first, last)]

    def has_output(self) -> bool:
        """With a day chosen there is nothing below, and yet a way back."""
        return bool(self.lookup_choices or self.value())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        if not self.value():
            return None
        begins_at, ends_at = span_of(str(self.value()))
        wanted: dict[str, Any] = {
            f"{self.field}__gte": begins_at,
            f"{self.field}__lt": ends_at,
        }
        if self.in_order_of_ids:
            wanted["pk__gte"] = _first_id(begins_at.timestamp() - _LONGEST_S)
            wanted["pk__lt"] = _first_id(ends_at.timestamp() + _LONGEST_S)
        return queryset.filter(**wanted)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The way back up, and what lies below."""
        said = self.value() or ""
        above = [said[:cut] for cut in (_YEARS, _MONTHS) if len(said) > cut]
        yield {
            "display": "All dates",
            "selected": not said,
            "query_string": changelist.get_query_string(remove=[PARAMETER]),
        }
        for one in [*above, *([said] if said else [])]:
            yield self._choice(changelist, one, _named(one), selected=one == said)
        for one, name in self.lookup_choices:
            yield self._choice(changelist, str(one), str(name), selected=False)

    def _choice(
        self, changelist: Any, said: str, name: str, *, selected: bool
    ) -> Mapping[str, Any]:
        return {
            "display": name,
            "selected": selected,
            "query_string": changelist.get_query_string({PARAMETER: said}),
        }


def dates_of(field: str, *, in_order_of_ids: bool = False) -> type[DateFilter]:
    """The filter for one list."""
    return type(
        "DateFilter",
        (DateFilter,),
        {"field": field, "in_order_of_ids": in_order_of_ids},
    )


def span_of(said: str) -> tuple[datetime, datetime]:
    """When the year, month or day begins, and when the next.

    :raises IncorrectLookupParameters: there is none of that name.
    """
    found = _SPAN.fullmatch(said)
    if found is None:
        raise IncorrectLookupParameters("date")
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        begins_at = datetime(year, month or 1, day or 1, tzinfo=UTC)
        if day:
            return begins_at, begins_at + timedelta(days=1)
        if month:
            month_after = (begins_at + timedelta(days=31)).replace(day=1)
            return begins_at, month_after
        return begins_at, begins_at.replace(year=year + 1)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters("date") from error


def _below(within: str, first: datetime, last: datetime) -> Iterator[str]:
    """The years, or the months or days inside of `within`, from first to last."""
    if not within:
        yield from (str(year) for year in range(first.year, last.year + 1))
        return
    begins_at, ends_at = span_of(within)
    length = {_YEARS: _MONTHS, _MONTHS: _DAYS}.get(len(within))
    day, until = max(begins_at.date(), first.date()), min(ends_at, last)
    told = ""
    while length and day <= until.date() and day < ends_at.date():
        if told != (told := f"{day}"[:length]):
            yield told
        day += timedelta(days=1)


def _named(said: str) -> str:
    """A year as it is, a month or a day by its name."""
    begins_at, _ = span_of(said)
    return begins_at.strftime({_YEARS: "%Y", _MONTHS: "%B", _DAYS: "%d"}[len(said)])


def _first_id(timestamp: float) -> UUID:
    """The least id that can have been made then (RFC 9562, UUIDv7: milliseconds)."""
    return UUID(int=max(int(timestamp * 1000), 0) << 80)
