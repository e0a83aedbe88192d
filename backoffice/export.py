"""Lists taken along as CSV: streamed, and harmless when a spreadsheet opens them."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import StreamingHttpResponse

# What a spreadsheet would take for a formula (OWASP, "CSV injection").
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

Column = tuple[str, str]


class _Line:
    """A file for the CSV writer, which gives back what is written."""

    def write(self, line: str) -> str:
        return line


def csv_of(
    rows: Iterable[Any], columns: Sequence[Column], *, name: str
) -> StreamingHttpResponse:
    """The rows as a file, made while it is sent: (heading, dotted attribute) each."""
    answer = StreamingHttpResponse(
        _lines(rows, columns), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[str]:
    writer = csv.writer(_Line())
    # Excel reads UTF-8 only with this mark before it.
    yield "\ufeff"
    yield writer.writerow([heading for heading, _ in columns])
    for row in rows:
        yield writer.writerow([harmless(text_of(row, path)) for _, path in columns])


def text_of(row: Any, path: str) -> str:
    """What stands at the end of the dotted path, as a text that loses nothing."""
    try:
        value = attrgetter(path)(row)
    except (AttributeError, ObjectDoesNotExist):
        # Somewhere along the path there is nobody.
        return ""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def looks_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet would take it for one; numbers are numbers."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def harmless(text: str) -> str:
    """The text, which no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{text}" if looks_like_a_formula(text) else text
