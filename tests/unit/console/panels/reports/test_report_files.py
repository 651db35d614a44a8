"""What reports and handovers look like in files: complete, escaped, never half written."""

import csv
import io

import openpyxl
import pytest
from PySide6.QtCore import QRectF

from console.panels.reports import load_painters
from console.panels.reports.report_document import handover_html, report_html
from console.panels.reports.report_pdf import pictures_of, write_pdf
from console.panels.reports.report_tables import csv_text, sheets_of, write_tables
from models.records.alarm_load import FIGURES
from models.records.handover import HandoverSection, SectionKey
from tests.unit.console.panels.reports import report_scene as scene


def test_a_spreadsheet_has_a_sheet_a_subject_and_numbers_as_numbers(tmp_path):
    path = tmp_path / "report.xlsx"
    write_tables(path, sheets_of(scene.report(), scene.availability()))
    book = openpyxl.load_workbook(path, read_only=True)
    names = book.sheetnames
    figures = list(book["Figures"].iter_rows(values_only=True))
    book.close()
    assert names == [
        *("Report", "Figures", "Ten worst", "All thresholds", "By 10 minutes", "Floods", "Availability")
    ]
    assert len(figures) == 1 + len(FIGURES)
    assert figures[1][:2] == ("Alerts per 10 min, average", pytest.approx(16 / 12))


def test_csv_has_every_sheet_under_its_name():
    rows = list(csv.reader(io.StringIO(csv_text(sheets_of(scene.report())))))
    assert ["Figures"] in rows
    assert ["2026-03-02T01:00:00Z", "12"] in rows


def test_a_name_that_a_spreadsheet_would_compute_stays_text():
    text = csv_text([("S", [("=HYPERLINK()", -1, None)])])
    assert text == "S\n'=HYPERLINK(),-1,\n"


def test_a_file_that_cannot_be_written_leaves_nothing(qapp, tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_tables(tmp_path / "missing" / "report.csv", sheets_of(scene.report()))
    with pytest.raises(OSError, match="No such file"):
        write_pdf(tmp_path / "missing" / "report.pdf", "<p>x</p>", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_has_its_text_and_pictures(qapp, tmp_path):
    plain, drawn = tmp_path / "plain.pdf", tmp_path / "drawn.pdf"
    html = report_html(scene.report(), scene.availability(), scene.NOW, "Hall")
    write_pdf(plain, html, "Alarm load")
    write_pdf(drawn, html, "Alarm load", pictures_of(scene.report()))
    assert drawn.read_bytes().startswith(b"%PDF-")
    assert drawn.stat().st_size > plain.stat().st_size


def test_an_empty_report_prints_that_there_is_no_figure():
    assert "there is no figure" in report_html(scene.empty_report(), [], scene.NOW, "")


def test_words_of_people_are_no_markup_on_paper():
    sections = (HandoverSection(SectionKey.GENERAL, ("<img src=x>",), "<b>note</b>"),)
    html = handover_html(scene.span(8, "<i>Late</i>"), scene.NOW, sections, "UTC")
    assert "<img" not in html
    assert "&lt;b&gt;note&lt;/b&gt;" in html
    assert "&lt;i&gt;Late" in html


def test_both_signatures_and_the_digest_stand_on_paper():
    kept = scene.handover(1, 2, 3, by=2)
    html = handover_html(kept.shift, kept.drafted_at, kept.sections, "UTC", kept)
    assert "Olga Brandt" in html
    assert "Piet Maas" in html
    assert kept.digest in html


def test_a_month_is_drawn_in_columns_of_which_none_is_lost():
    from dataclasses import replace

    month = replace(scene.load(), counts=(*(0,) * 4319, 77), until_unix=scene.load().since_unix + 30 * 86_400)
    columns = load_painters.load_columns(month, QRectF(40, 0, 560, 100))
    assert max(most for _, _, most, _ in columns) == 77
    assert len(columns) <= 560
    assert columns[-1][1] <= 600.0


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (7, 8), (10, 10), (11, 20), (43, 50), (77, 80), (4001, 5000)]
)
def test_an_axis_ends_on_a_round_number(value, top):
    assert load_painters.nice_top(value) == top
