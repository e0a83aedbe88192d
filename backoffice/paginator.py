"""Paging through tables that nobody should count."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

# Skipping rows costs as much as reading them, so paging ends somewhere. Who has not
# found it by then is better served by a filter or a search.
MAX_PAGES = 100


class CountlessPaginator(Paginator):
    """Knows the rows up to the page it is asked for, and whether one more follows.

    `count(*)` reads a whole table, which grows with the ledger. This `count` is the
    number of rows known to exist: exact on the last page, and one more than what was
    shown on every other.
    """

    is_countless = True

    def __init__(
        self, object_list: Any, per_page: int, *, page_number: int, **options: Any
    ) -> None:
        super().__init__(object_list, per_page, **options)
        # Of a page that there cannot be, the next best: a count of nothing would say
        # that all rows fit on one page.
        self.page_number = min(max(page_number, 1), MAX_PAGES)

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        first = (self.page_number - 1) * self.per_page
        wanted = self.object_list.values_list("pk")[first : first + self.per_page + 1]
        return first + len(wanted)

    @property
    def has_more(self) -> bool:
        """Whether there are rows after the page."""
        return self.count > self.page_number * self.per_page

    @property
    def num_pages(self) -> int:  # type: ignore[override]
        return min(super().num_pages, MAX_PAGES)
