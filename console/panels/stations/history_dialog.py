"""Who polled one device, from when to when, and how long it was not read between two of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from console.panels.wording import moment_from_unix, moment_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_label
from console.widgets.stale_hatching import age_text
from console.widgets.whole_row import WholeRowDelegate
from models.records.lease import LeaseSpan

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    STATION = 0
    FROM = 1
    UNTIL = 2
    FOR = 3
    HOW = 4


_HEADINGS = ("Polled by", "From", "Until", "For", "How it came")
_WIDTHS = (170, 130, 130, 90, 320)


def how_words(span: LeaseSpan, before: LeaseSpan | None) -> str:
    """Return how a station came to poll a device, by the span before, and how long after its last reading."""
    if before is None:
        return "first on record"
    is_same = before.station == span.station
    how = "started anew" if is_same else f"taken over from {before.station_name}"
    if before.ended_at is None:
        return how
    if before.last_reading_at is None:
        return how
    pause_s = (span.began_at - before.last_reading_at).total_seconds()
    return f"{how}, {f'{pause_s:.1f} s' if pause_s < 120 else age_text(pause_s)} after its last reading"


class HistoryModel(KeyedTableModel[tuple[LeaseSpan, LeaseSpan | None]]):
    """One row a span, newest first, with the one before it."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row[0].epoch, parent)
        self._now = now

    def set_spans(self, spans: Sequence[LeaseSpan]) -> None:
        """Show these; newest first."""
        self.show_rows(list(zip(spans, [*spans[1:], None], strict=True)))

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        span, before = self.row_at(index.row())
        now = self._now()
        match Column(index.column()):
            case Column.STATION:
                return span.station_name
            case Column.FROM:
                return moment_text(span.began_at, now)
            case Column.UNTIL:
                return "now" if span.ended_at is None else moment_text(span.ended_at, now)
            case Column.FOR:
                return age_text(((span.ended_at or now) - span.began_at).total_seconds())
            case Column.HOW:
                return how_words(span, before)


class HistoryDialog(QDialog):
    """Opens at once; the spans come when they come."""

    def __init__(self, device_name: str, now: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent)
        title = f"Who polled {device_name}"
        self.setObjectName("station-history")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = HistoryModel(lambda: moment_from_unix(now()), self)
        self._table = make_table("station-history-table", title)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._said = plain_label("Loading…")
        self._said.setObjectName("station-history-said")
        self._said.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        for part in (heading, self._said, self._table, buttons):
            layout.addWidget(part)
        # Left to itself, Qt takes two thirds of a small screen at most.
        self.resize(self.sizeHint())

    @property
    def table_model(self) -> HistoryModel:
        """The table's model."""
        return self._model

    def show_spans(self, spans: Sequence[LeaseSpan]) -> None:
        """Show these, newest first."""
        self._model.set_spans(spans)
        takeovers = sum(
            before is not None and before.station != span.station
            for span, before in zip(spans, [*spans[1:], None], strict=True)
        )
        words = f"{takeovers:,} takeover{'' if takeovers == 1 else 's'} on record, newest first."
        self.say(words if spans else "No station has polled it under a login of its own yet.")
        if spans:
            self._table.selectRow(0)
        self._table.setFocus()

    def say(self, sentence: str) -> None:
        """Say why there is nothing, or how much there is."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def sizeHint(self) -> QSize:
        """Every column at its width, and ten rows."""
        return QSize(sum(_WIDTHS) + 64, 440)
