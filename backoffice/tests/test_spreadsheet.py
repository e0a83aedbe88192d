"""Lists as workbooks, read by another library than the one that wrote them."""

import io
import json
import tracemalloc
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from backoffice import spreadsheet
from backoffice.spreadsheet import MAX_CHARACTERS, xlsx_of
from backoffice.tests.conftest import in_role
from transactions.models import Transaction
from users.models import StaffAct
from wallets import services


def book_of(answer):
    content = b"".join(answer.streaming_content)
    close(answer)
    return load_workbook(io.BytesIO(content))


def close(answer) -> None:
    """Its file, and nothing of the request's, which there may not be."""
    for closer in answer._resource_closers:
        closer()


def sheets_of(answer) -> list[list[tuple]]:
    book = book_of(answer)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book]


def rows(number: int):
    return (SimpleNamespace(id=one, words="x" * 100) for one in range(number))


COLUMNS = [("id", "id"), ("words", "words")]


class TestWorkbook:
    def test_holds_the_rows_of_the_filtered_list(self, console, seeded):
        answer = console.get(
            "/admin/transactions/transaction/export/xlsx/?type__exact=conversion"
        )

        assert answer["Content-Disposition"] == (
            'attachment; filename="transactions.xlsx"'
        )
        [[heading, row]] = sheets_of(answer)
        told = dict(zip(heading, row, strict=True))
        assert told["id"] == str(seeded[-1].pk)
        assert told["amounts"] == "100.00 USD → 1,843.51 MXN"

    def test_has_amounts_as_they_are(self, console, seeded, alice):
        answer = console.get("/admin/wallets/wallet/export/xlsx/?currency=USD&q=alice")

        [[heading, row]] = sheets_of(answer)
        told = dict(zip(heading, row, strict=True))
        assert (told["balance"], told["version"]) == ("895.00000000", "3")

    def test_is_harmless(self, console, db):
        services.create_user(name='=HYPERLINK("http://evil")')

        answer = console.get("/admin/users/user/export/xlsx/?staff=no")

        book = book_of(answer)
        cell = book.active["B2"]
        assert (cell.value, cell.data_type) == ('=HYPERLINK("http://evil")', "s")
        assert cell.quotePrefix
        assert not book.active["A2"].quotePrefix

    def test_is_written_down(self, db):
        close(in_role("viewer").get("/admin/fx/rate/export/xlsx/?q=EUR"))

        exported = StaffAct.objects.get(kind="list.exported")
        assert exported.after == {"filters": "q=EUR", "file": "xlsx"}

    def test_of_nothing_has_its_headings(self, console, db):
        [[heading]] = sheets_of(
            console.get("/admin/transactions/transaction/export/xlsx/")
        )

        assert heading[0] == "id"
        assert not Transaction.objects.exists()

    @pytest.mark.parametrize(
        "query", ["q=%00", "type=%00", "p=99", "nothing=1", "type__exact=%27"]
    )
    def test_survives_what_is_typed(self, console, seeded, query):
        answer = console.get(
            f"/admin/transactions/transaction/export/xlsx/?{query}", follow=True
        )

        close(answer)
        assert answer.status_code in (200, 400)

    def test_goes_on_in_another_sheet(self, monkeypatch):
        monkeypatch.setattr(spreadsheet, "MAX_ROWS", 4)

        books = [sheets_of(xlsx_of(rows(n), COLUMNS, name="rows")) for n in (3, 4, 7)]

        assert [[len(sheet) for sheet in sheets] for sheets in books] == [
            [4], [4, 2], [4, 4, 2],
        ]  # fmt: skip
        assert [row[0] for sheet in books[2] for row in sheet[1:]] == [
            str(number) for number in range(7)
        ]

    def test_keeps_controls_and_cuts_what_no_cell_holds(self):
        odd = SimpleNamespace(id="a\x07b\x0bc", words="é" * (MAX_CHARACTERS + 1))

        [[_, row]] = sheets_of(xlsx_of([odd], COLUMNS, name="rows"))

        assert row[0].startswith("a")
        assert len(row[1]) == MAX_CHARACTERS
        assert row[1].endswith("… (cut)")

    def test_takes_no_more_memory_for_more_rows(self):
        def peak(number: int) -> int:
            tracemalloc.start()
            close(xlsx_of(rows(number), COLUMNS, name="rows"))
            _, highest = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return highest

        peak(10)

        assert peak(20_000) < 1.5 * peak(2_000)


class TestJson:
    def test_is_one_cell(self):
        row = SimpleNamespace(id={"a": [1, "ü"]}, words=None)

        [[_, cells]] = sheets_of(xlsx_of([row], COLUMNS, name="rows"))

        assert json.loads(cells[0]) == {"a": [1, "ü"]}
        assert cells[1] in (None, "")
