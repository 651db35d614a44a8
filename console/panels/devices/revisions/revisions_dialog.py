"""Every state that one device had: who made it and when, what it changed, and the way back to it."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.device_bulk import RestoreDevice
from console.panels.devices.revisions.revision_questions import AskHistory
from console.panels.devices.revisions.revision_words import NOTHING, DeviceHistory, RevisionRow, way_back
from console.panels.limits.lines_view import LinesView
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.confirm import Ask
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_label
from console.widgets.whole_row import WholeRowDelegate
from models.records.device import Device, DeviceId
from models.records.device_revision import BatchId

LIMITS_WORDS = (
    "Its limits come back with it. What is out of service stays so; guidance stays with its limit, and one "
    "that had been removed comes back without any."
)
_Index = QModelIndex | QPersistentModelIndex
_LINES = 7
_TEXTS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class Column(IntEnum):
    """Columns, left to right."""

    NUMBER = 0
    AT = 1
    BY = 2
    WHAT = 3


_HEADINGS = ("Revision", "When", "By", "What changed")
_WIDTHS = (80, 170, 150, 480)


class RevisionsModel(KeyedTableModel[RevisionRow]):
    """One row a revision, newest first."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row.revision.number, parent)
        self._now = now

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Column.WHAT:
            return row.text
        if role not in _TEXTS:
            return None
        match Column(index.column()):
            case Column.NUMBER:
                return str(row.revision.number)
            case Column.AT:
                return moment_text(row.revision.at, moment_from_unix(self._now()))
            case Column.BY:
                return row.author
            case Column.WHAT:
                return row.text


class RevisionsDialog(QDialog):
    """Opens at once; the revisions come when they come."""

    def __init__(
        self,
        device: Device,
        bridge: Bridge,
        now: Callable[[], float],
        ask: Ask,
        parent: QWidget,
        *,
        may_restore: bool,
    ) -> None:
        """Lay it out.

        Args:
            device: Whose history.
            bridge: Questions and commands.
            now: Unix seconds.
            ask: Shows a consequence and returns whether the person wants it.
            parent: Whose window is blocked meanwhile.
            may_restore: Whether this person may change the device.
        """
        super().__init__(parent)
        title = f"History of {device.name} ({device.device_id})"
        self.setObjectName("device-history")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._device: DeviceId = device.id
        self._name = device.name
        self._bridge, self._ask, self._may_restore = bridge, ask, may_restore
        self._history = DeviceHistory(())
        self._wanted = 0
        self._model = RevisionsModel(now, self)
        self._table = make_table("device-history-table", title)
        self._table.setSelectionMode(self._table.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._said = plain_label("Loading…")
        self._said.setObjectName("device-history-said")
        self._said.setWordWrap(True)
        self._what = plain_label()
        self._changes = LinesView("device-history-changes", "What this revision changed", _LINES)
        self._back = LinesView("device-history-back", "What going back to it would change", _LINES)
        self._restore = QPushButton("&Restore…")
        self._restore.setObjectName("device-history-restore")
        self._restore.setAutoDefault(False)
        self._close = QPushButton("Close")
        self._close.setObjectName("device-history-close")
        self._lay_out(title)
        self._restore.clicked.connect(self._restore_chosen)
        self._close.clicked.connect(self.reject)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        self._show_chosen()
        self.refresh()

    @property
    def table_model(self) -> RevisionsModel:
        """The table's model."""
        return self._model

    def refresh(self) -> None:
        """Read the history anew."""
        self._bridge.ask(AskHistory(self._device), self._take, self._say, self)

    def sizeHint(self) -> QSize:
        """Every column at its width."""
        return QSize(sum(_WIDTHS) + 64, 600)

    def _lay_out(self, title: str) -> None:
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        sides = QHBoxLayout()
        for words, view in (
            ("What it changed", self._changes),
            ("Going back to it would change", self._back),
        ):
            side = QVBoxLayout()
            label = plain_label(words)
            label.setBuddy(view)
            side.addWidget(label)
            side.addWidget(view)
            sides.addLayout(side)
        buttons = QHBoxLayout()
        buttons.addWidget(self._restore)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(self._said)
        layout.addWidget(self._table, 1)
        layout.addLayout(sides)
        layout.addLayout(buttons)
        self.resize(self.sizeHint())

    def _take(self, history: DeviceHistory) -> None:
        is_first = not self._history.rows
        self._history = history
        self._model.show_rows(history.rows)
        if is_first:
            count = len(history.rows)
            words = "Newest first; limits belong to it."
            told = f"{count:,} revision{'' if count == 1 else 's'}. {words}" if count else "No revisions."
            self._say(told, QFont.Weight.Normal)
        if history.rows and not self._table.selectionModel().selectedRows():
            self._table.selectRow(0)
        self._table.setFocus()
        self._show_chosen()

    def _say(self, sentence: str, weight: QFont.Weight = QFont.Weight.DemiBold) -> None:
        self._said.setFont(text_font(BODY_PX, weight))
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def _chosen(self) -> RevisionRow | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _show_chosen(self) -> None:
        row = self._chosen()
        lines = way_back(self._history, row.revision) if row is not None else []
        self._changes.show_lines([] if row is None else (row.changes or (row.text,)))
        self._back.show_lines(lines or ([] if row is None else [NOTHING]))
        self._restore.setVisible(self._may_restore)
        self._restore.setEnabled(bool(lines))
        self._restore.setText("&Restore…" if row is None else f"&Restore revision {row.revision.number}…")

    def _restore_chosen(self) -> None:
        row = self._chosen()
        if row is None:
            return
        chosen, newest = row.revision, self._history.rows[0].revision
        lines = way_back(self._history, chosen)
        consequence = (
            f"{self._name} will be as in revision {chosen.number} again, for everybody; its station polls it "
            f"so from the next second on. {LIMITS_WORDS}"
        )
        if not self._ask(self, consequence, f"Restore revision {chosen.number}", lines):
            return
        self._say("Restoring…")
        self._restore.setEnabled(False)

        def take(_batch: BatchId | None) -> None:
            self._say(f"{self._name} is as in revision {chosen.number}; this is a revision of its own.")
            self._table.clearSelection()
            self.refresh()

        def fail(sentence: str) -> None:
            self._say(sentence)
            self.refresh()

        command = RestoreDevice(self._device, chosen.number, newest.number, self._bridge.sealing)
        self._bridge.command(command, take, fail, self)
