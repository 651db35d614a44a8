"""Files as people hand them in, and as people with bad intentions do."""

import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter
from openpyxl import load_workbook

from console.catalogue import sheet_file
from console.catalogue.sheet_export import write_table
from console.catalogue.sheet_file import Misread, SheetFault, cell_name, read_grid

ROWS = [[1.0, "a, b; “c”", True, None], [0.5, "=1+1", False, "two\nlines"], [1e20, "'=x", None, "-"]]
HEADER = ("number", "words", "flag", "rest")


@pytest.fixture
def file(tmp_path):
    """`file(b"…")` is a CSV file with this content."""

    def make(data, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return make


@pytest.fixture
def workbook(tmp_path):
    """`workbook(lambda page: …)` is a workbook whose first sheet was filled by that."""

    def make(fill):
        path = tmp_path / "t.xlsx"
        with xlsxwriter.Workbook(str(path), {"default_date_format": "dd.mm.yyyy"}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, ["a", "b"])
            fill(page)
        return path

    return make


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_was_written_is_read_again(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(path, HEADER, ROWS, "Sheet")
    grid = read_grid(path)
    assert grid.header == HEADER
    texts = [list(row) for _, row in grid.rows]
    assert [[float(row[0]), *[*row[1:3], ""][:2]] for row in texts] == [
        [1.0, "a, b; “c”", "yes"],
        [0.5, "=1+1", "no"],
        [1e20, "'=x", ""],
    ]
    assert [(row[3:] or [""])[0] for row in texts] == ["", "two\nlines", "-"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_csv_holds_nothing_that_a_spreadsheet_would_compute(tmp_path):
    path = tmp_path / "t.csv"
    write_table(path, ("a",), [["=HYPERLINK()"], ["+1"], ["-1"], ["@x"], ["\tx"]], "Sheet")
    lines = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert all(line.startswith("'") for line in lines)


def test_a_workbook_holds_words_where_formulas_could_stand(tmp_path):
    path = tmp_path / "t.xlsx"
    write_table(path, ("a",), [["=1+1"]], "Sheet")
    assert load_workbook(path)["Sheet"]["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("data", "is_comma_decimal"), [("a;b\n1,5;2\n", True), ("a\tb\n1,5\t2\n", True), ("a,b\n1.5,2\n", False)]
)
def test_lists_are_parted_by_comma_semicolon_or_tab(file, data, is_comma_decimal):
    grid = read_grid(file(data))
    assert (grid.header, len(grid.rows[0][1]), grid.is_comma_decimal) == (("a", "b"), 2, is_comma_decimal)


def test_text_as_spreadsheets_write_it_is_read_in_both_orders_of_bytes(file):
    data = "a\tb\r\n1\t°C\r\n"
    for name in ("utf-16", "utf-8-sig"):
        assert read_grid(file(data.encode(name))).rows == ((2, ("1", "°C")),)


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers(file):
    assert read_grid(file("a,b\n\n,\n1,2\n")).rows == ((4, ("1", "2")),)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\n1,2\n", "holds no headings"),
        ("a;°C".encode("cp1252"), "is not text in UTF-8"),
        (b"a,b\n\x00\x01", "bytes that are no text"),
        (bytes(range(256)) * 10, "is not text in UTF-8"),
        (b'a,b\n"1,2\n', "line 2, is no CSV"),
        (b"a\n" + b"x" * 200_000 + b"\n", "field larger"),
        (b"a," * 300, "more than 200 columns"),
        (b"\xff\xfea", "is not text"),
    ],
)
def test_a_csv_that_cannot_be_read_says_why(file, data, sentence):
    with pytest.raises(SheetFault, match=sentence):
        read_grid(file(data))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "only ends in .xlsx"),
        (b"a,b\n1,2\n", "only ends in .xlsx"),
        (b"PK\x03\x04" + b"\x00" * 100, "only ends in .xlsx"),
        (bytes(range(256)), "only ends in .xlsx"),
    ],
)
def test_a_workbook_that_is_none_says_so(file, data, sentence):
    with pytest.raises(SheetFault, match=sentence):
        read_grid(file(data, "t.xlsx"))


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


def test_an_archive_without_a_workbook_is_refused(file):
    with pytest.raises(SheetFault, match="no readable workbook"):
        read_grid(file(zipped(x="<a/>"), "t.xlsx"))


def test_a_workbook_that_unpacks_without_end_is_refused_before_it_does(file, monkeypatch):
    monkeypatch.setattr(sheet_file, "LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(SheetFault, match="unpacks to more than"):
        read_grid(file(zipped(x="0" * 2_000_000), "t.xlsx"))


def test_entities_that_grow_without_end_are_refused(file):
    with pytest.raises(SheetFault, match="declares XML entities"):
        read_grid(file(zipped(x='<!DOCTYPE lolz [<!ENTITY a "aaaa">]><a/>'), "t.xlsx"))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_half_a_workbook_is_refused_in_words(file, workbook, share):
    whole = workbook(lambda page: page.write_row(1, 0, [1, 2])).read_bytes()
    with pytest.raises(SheetFault):
        read_grid(file(whole[: int(len(whole) * share)], "half.xlsx"))


def test_too_large_a_file_is_not_even_read(file, monkeypatch):
    monkeypatch.setattr(sheet_file, "LARGEST_FILE", 10)
    with pytest.raises(SheetFault, match="is larger than"):
        read_grid(file("a,b,c,d,e,f\n"))


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_too_many_rows_are_refused(tmp_path, monkeypatch, name):
    path = tmp_path / name
    write_table(path, ("a",), [["x"]] * 12, "Sheet")
    monkeypatch.setattr(sheet_file, "MOST_ROWS", 10)
    with pytest.raises(SheetFault, match="more than 10 rows"):
        read_grid(path)


def test_a_cell_at_the_far_right_is_named_and_a_blank_one_costs_nothing(workbook):
    with pytest.raises(SheetFault, match=r"XFD3, stands beyond the 200 columns"):
        read_grid(workbook(lambda page: page.write(2, 16_383, "lost")))

    def fill(page):
        for row in range(1, 60):
            page.write_blank(row, 16_383, None, page.default_date_format)
            page.write(row, 0, "x")

    grid = read_grid(workbook(fill))
    assert grid.rows == tuple((row, ("x",)) for row in range(2, 61))


def test_a_formula_a_date_and_an_error_are_not_guessed_at(workbook):
    def fill(page):
        page.write_formula(1, 0, "=1+1")
        page.write_datetime(2, 0, datetime(2026, 1, 5))  # noqa: DTZ001 - spreadsheets know no zones
        page.write_formula(3, 0, "=1/0", None, "#DIV/0!")
        page.write_boolean(4, 0, True)
        page.write_number(5, 0, 7)

    cells = [row[0] for _, row in read_grid(workbook(fill)).rows]
    assert [cell.text.split()[0] for cell in cells[:3] if isinstance(cell, Misread)] == [
        "holds",
        "was",
        "holds",
    ]
    assert cells[3:] == ["yes", "7"]


@pytest.mark.parametrize("path", ["missing.csv", "", "t.txt"])
def test_what_is_no_file_of_ours_is_refused_by_name(tmp_path, path):
    with pytest.raises(SheetFault):
        read_grid(tmp_path / path)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_table(tmp_path / "no" / "t.csv", ("a",), [], "Sheet")
    with pytest.raises(SheetFault, match="end it in"):
        write_table(tmp_path / "t.txt", ("a",), [], "Sheet")
    assert list(tmp_path.iterdir()) == []


def test_cells_are_named_as_in_a_spreadsheet():
    assert [cell_name(7, column) for column in (0, 25, 26, 701, 702)] == ["A7", "Z7", "AA7", "ZZ7", "AAA7"]
