"""The last changes of all devices, imports among them, each of which can be taken back as a whole."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.device_bulk import UndoChange
from console.catalogue.device_outcomes import UndoDone
from console.panels.devices.revisions.revision_questions import AskChanges
from console.panels.devices.revisions.revision_words import batch_text
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.confirm import Ask
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_label
from console.widgets.whole_row import WholeRowDelegate
from models.records.device_revision import DeviceBatch

_Index = QModelIndex | QPersistentModelIndex
_TEXTS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class Column(IntEnum):
    """Columns, left to right."""

    NUMBER = 0
    AT = 1
    BY = 2
    WHAT = 3


_HEADINGS = ("Change", "When", "By", "Devices")
_WIDTHS = (80, 170, 180, 320)


class ChangesModel(KeyedTableModel[DeviceBatch]):
    """One row a change, newest first."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row.id, parent)
        self._now = now

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or role not in _TEXTS:
            return None
        row = self.row_at(index.row())
        match Column(index.column()):
            case Column.NUMBER:
                return str(row.id)
            case Column.AT:
                return moment_text(row.at, moment_from_unix(self._now()))
            case Column.BY:
                return row.author or "The program"
            case Column.WHAT:
                return batch_text(row)


class ChangesDialog(QDialog):
    """Opens at once; the changes come when they come."""

    def __init__(
        self, bridge: Bridge, now: Callable[[], float], ask: Ask, parent: QWidget, *, may_undo: bool
    ) -> None:
        """Lay it out; arguments as `RevisionsDialog` takes them."""
        super().__init__(parent)
        title = "Changes of devices"
        self.setObjectName("device-changes")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge, self._ask, self._may_undo = bridge, ask, may_undo
        self._model = ChangesModel(now, self)
        self._table = make_table("device-changes-table", title)
        self._table.setSelectionMode(self._table.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._said = plain_label("Loading…")
        self._said.setObjectName("device-changes-said")
        self._said.setWordWrap(True)
        self._undo = QPushButton("&Undo…")
        self._undo.setObjectName("device-changes-undo")
        self._undo.setAutoDefault(False)
        self._rest = QPushButton("Undo the &rest")
        self._rest.setObjectName("device-changes-rest")
        self._rest.setAutoDefault(False)
        self._rest.hide()
        close = QPushButton("Close")
        close.setObjectName("device-changes-close")
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        buttons = QHBoxLayout()
        buttons.addWidget(self._undo)
        buttons.addWidget(self._rest)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        for part in (heading, self._said, self._table):
            layout.addWidget(part)
        layout.addLayout(buttons)
        self._undo.clicked.connect(self._undo_chosen)
        self._rest.clicked.connect(lambda: self._send(is_partial=True))
        close.clicked.connect(self.reject)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._follow())
        self.resize(self.sizeHint())
        self._follow()
        self.refresh()

    @property
    def table_model(self) -> ChangesModel:
        """The table's model."""
        return self._model

    def refresh(self) -> None:
        """Read the changes anew."""
        self._bridge.ask(AskChanges(), self._take, self._say, self)

    def sizeHint(self) -> QSize:
        """Every column at its width."""
        return QSize(sum(_WIDTHS) + 64, 460)

    def _take(self, changes: Sequence[DeviceBatch]) -> None:
        if self._said.text() == "Loading…":
            self._say(
                "The last ones, newest first. Each is one import, or one save, and can be taken back whole.",
                QFont.Weight.Normal,
            )
        self._model.show_rows(changes)
        if changes and not self._table.selectionModel().selectedRows():
            self._table.selectRow(0)
        self._table.setFocus()
        self._follow()

    def _say(self, sentence: str, weight: QFont.Weight = QFont.Weight.DemiBold) -> None:
        self._said.setFont(text_font(BODY_PX, weight))
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def _chosen(self) -> DeviceBatch | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _follow(self) -> None:
        chosen = self._chosen()
        self._undo.setVisible(self._may_undo)
        self._undo.setEnabled(chosen is not None and not chosen.recorded)
        self._rest.hide()

    def _undo_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        gone = f" {count_text(chosen.added, 'device')} will be gone." if chosen.added else ""
        consequence = (
            f"Everything that change {chosen.id} did to devices is taken back, for everybody.{gone} "
            "If somebody changed one of the devices since, it is named, and nothing is taken back."
        )
        if self._ask(self, consequence, f"Undo change {chosen.id}", [batch_text(chosen)]):
            self._send(is_partial=False)

    def _send(self, *, is_partial: bool) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        self._undo.setEnabled(False)
        self._rest.setEnabled(False)
        self._say("Taking it back…")

        def take(done: UndoDone) -> None:
            left = f" Left alone: {' '.join(done.refused)}" if done.refused else ""
            many = count_text(len(done.undone), "device")
            self._say(f"{many} as before change {chosen.id}, with their limits; signals stay.{left}")
            self._table.clearSelection()
            self.refresh()

        def fail(sentence: str) -> None:
            self._say(sentence)
            self._follow()
            self._rest.setVisible(not is_partial)
            self._rest.setEnabled(True)

        self._bridge.command(UndoChange(chosen.id, is_partial, self._bridge.sealing), take, fail, self)
