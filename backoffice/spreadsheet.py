"""Lists taken along as XLSX: any number of rows in the same memory, harmless ones."""

from collections.abc import Iterable, Sequence
from itertools import chain, count, islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse

from backoffice.export import Column, looks_like_a_formula, text_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a sheet has (Excel, "specifications and limits"); further rows go to a next one.
MAX_ROWS, MAX_CHARACTERS = 1_048_576, 32_767
_CUT = "… (cut)"


def xlsx_of(
    rows: Iterable[Any], columns: Sequence[Column], *, name: str
) -> FileResponse:
    """The rows as a workbook: (heading, dotted attribute) each.

    Every cell is a text, amounts too: a spreadsheet's numbers are binary fractions of
    15 digits, and ours are not. The file is made on the disk, row by row, since its
    directory is known in the end only, and sent from there.
    """
    file = TemporaryFile()  # noqa: SIM115 the answer closes it
    _write(file, rows, columns, name)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.xlsx", content_type=TYPE
    )


def _write(
    file: IO[bytes], rows: Iterable[Any], columns: Sequence[Column], name: str
) -> None:
    # Loaded with the first file: forty modules that few processes ever need.
    from xlsxwriter import Workbook

    with Workbook(file, {"constant_memory": True}) as book:
        book.use_zip64()
        left = iter(rows)
        for number in count(1):
            first = list(islice(left, 1))
            if number > 1 and not first:
                return
            sheet = book.add_worksheet(f"{name[:20]} {number}" if number > 1 else name)
            _fill(book, sheet, chain(first, islice(left, MAX_ROWS - 2)), columns)


def _fill(
    book: "Workbook", sheet: "Worksheet", rows: Iterable[Any], columns: Sequence[Column]
) -> None:
    bold = book.add_format({"bold": True})
    # Stays a text even when somebody edits it, as if an apostrophe stood before it.
    quoted = book.add_format({"quote_prefix": True})
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MAX_ROWS}"})
    sheet.set_column(0, len(columns) - 1, 24)
    for at, (heading, _) in enumerate(columns):
        sheet.write_string(0, at, heading, bold)
    for line, row in enumerate(rows, start=1):
        for at, (_, path) in enumerate(columns):
            text = _fitting(text_of(row, path))
            sheet.write_string(
                line, at, text, quoted if looks_like_a_formula(text) else None
            )


def _fitting(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    return text[: MAX_CHARACTERS - len(_CUT)] + _CUT
