"""A document on A4 paper as PDF: Qt's rich text, the pictures of the screen's painters, page numbers.

Runs on any thread once there is a QGuiApplication. Lengths are pixels of 1/96 inch, as on the screen, so that
painters need not know where they paint.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPyTextObject,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from console.panels.reports import load_painters
from console.panels.reports.painted_chart import Paint
from console.panels.reports.report_questions import AlarmReport
from console.whole_file import whole_file
from console.widgets.fonts import SMALL_PX, load_fonts, text_font
from console.widgets.theme import LIGHT, Theme
from models.site_zone import zone_of

_DPI, _UNIT = 300, 96
_MARGIN_PX, _FOOTER_PX = 52, 28
_HEIGHTS = {"over-time": 170, "severities": 96, "hours": 120, "top-ten": 226}
_PICTURE = QTextFormat.ObjectTypes.UserObject + 1
_NAME = QTextFormat.Property.UserProperty + 1
_WHITE = QColor("#FFFFFF")
PAPER: Theme = replace(
    LIGHT, name="paper", background=_WHITE, surface=_WHITE, raised=_WHITE, equipment_soft=QColor("#DDE0E4")
)
"""The light theme on white."""


def write_pdf(path: Path, html: str, title: str, pictures: Mapping[str, Paint] | None = None) -> None:
    """Write a document; the file appears under its name only once it is complete.

    Args:
        path: Where to.
        html: As `report_document` makes it.
        title: For the file's own description, and the foot of each page.
        pictures: What is painted at `<img src="picture:NAME">`, by name.

    Raises:
        OSError: It could not be written.
    """
    load_fonts()
    with whole_file(path) as part:
        # Asked first: the writer itself only prints a warning.
        with part.open("wb"):
            pass
        _write(part, html, title, pictures or {})


def pictures_of(report: AlarmReport) -> dict[str, Paint]:
    """Return the pictures of a report."""
    load, zone = report.load, zone_of(report.time_zone)
    return {
        "over-time": lambda p, r, t: load_painters.paint_load(p, r, load, t, zone),
        "severities": lambda p, r, t: load_painters.paint_severities(p, r, load, t),
        "hours": lambda p, r, t: load_painters.paint_hours(p, r, load, t),
        "top-ten": lambda p, r, t: load_painters.paint_top_ten(p, r, load.sources, load.annunciations, t),
    }


def _write(path: Path, html: str, title: str, pictures: Mapping[str, Paint]) -> None:
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setCreator("Operator console")
    writer.setResolution(_DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
        )
    )
    scale = _DPI / _UNIT
    page = QSizeF(writer.width() / scale, writer.height() / scale)
    room = QSizeF(page.width() - 2 * _MARGIN_PX, page.height() - 2 * _MARGIN_PX - _FOOTER_PX)
    document = QTextDocument()
    document.setDefaultFont(text_font(12))
    document.setDocumentMargin(0)
    document.setHtml(html)
    handler = _Pictures(pictures, room.width())
    document.documentLayout().registerHandler(_PICTURE, handler)
    _place_pictures(document)
    document.setPageSize(room)
    painter = QPainter(writer)
    try:
        painter.scale(scale, scale)
        count = document.pageCount()
        for number in range(count):
            if number:
                writer.newPage()
            painter.save()
            painter.translate(_MARGIN_PX, _MARGIN_PX - number * room.height())
            context = QAbstractTextDocumentLayout.PaintContext()
            context.clip = QRectF(0, number * room.height(), room.width(), room.height())
            painter.setClipRect(context.clip)
            document.documentLayout().draw(painter, context)
            painter.restore()
            foot = QRectF(_MARGIN_PX, page.height() - _MARGIN_PX - 6, room.width(), 20)
            painter.setFont(text_font(SMALL_PX))
            painter.setPen(PAPER.muted)
            painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
            numbers = f"{number + 1} of {count}"
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, numbers)
    finally:
        painter.end()
        document.documentLayout().unregisterHandler(_PICTURE, handler)


def _place_pictures(document: QTextDocument) -> None:
    """Put our own objects where the HTML names pictures."""
    cursor = QTextCursor(document)
    while True:
        cursor = document.find("\N{OBJECT REPLACEMENT CHARACTER}", cursor)
        if cursor.isNull():
            return
        image = cursor.charFormat().toImageFormat()
        name = image.name().removeprefix("picture:")
        ours = QTextCharFormat()
        ours.setObjectType(_PICTURE)
        ours.setProperty(_NAME, name)
        cursor.setCharFormat(ours)
        cursor.clearSelection()


class _Pictures(QPyTextObject):
    """Paints a picture where the text has one."""

    def __init__(self, pictures: Mapping[str, Paint], width: float) -> None:
        super().__init__()
        self._pictures = pictures
        self._width = width

    def intrinsicSize(self, doc: QTextDocument, posInDocument: int, format: QTextFormat) -> QSizeF:
        """As wide as the page."""
        return QSizeF(self._width, _HEIGHTS.get(str(format.property(_NAME)), 100))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        posInDocument: int,
        format: QTextFormat,
    ) -> None:
        """Paint it."""
        paint = self._pictures.get(str(format.property(_NAME)))
        if paint is not None:
            paint(painter, QRectF(rect), PAPER)
