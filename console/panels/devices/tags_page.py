"""The tags of one device: a table to type in, what each row reads right now, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QPainter, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.panels.devices.mend_bar import MendBar
from console.panels.devices.tag_cells import row_from_tag, rows_from_text, text_from_rows
from console.panels.devices.tags_model import FAULT_ROLE, Column, TagsModel
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from drivers.questions import PreviewValue
from models.quantities import Quantities
from models.records.device import Tag

_WIDTHS = (116, 190, 54, 54, 48, 166)
_LEAST_ADDRESS_PX = 150
_TIPS = {
    "add": "A row for the next quantity that is free",
    "duplicate": "The selected rows again, each for a quantity that is free (Ctrl+Shift+D)",
    "paste": "Rows of a spreadsheet: quantity, address, scale, offset, write",
    "remove": "Take the selected rows away",
}
_ADD_SIGNAL = "Add a signal…"
_NO_ROWS = "The clipboard holds no rows of quantity, address, scale and offset, parted by tabs."
_Index = QModelIndex | QPersistentModelIndex
_TRIGGERS = (
    QAbstractItemView.EditTrigger.DoubleClicked
    | QAbstractItemView.EditTrigger.AnyKeyPressed
    | QAbstractItemView.EditTrigger.SelectedClicked
)


class TagDelegate(QStyledItemDelegate):
    """A list for the quantity, a line for the rest; a thick frame round what is wrong.

    Attributes:
        signal_wanted: None of the quantities fits: the site shall measure something more.
    """

    signal_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """Return what a cell is edited in."""
        if index.column() != Column.QUANTITY:
            line = QLineEdit(parent)
            line.setObjectName("tag-editor")
            line.setAccessibleName(str(index.model().headerData(index.column(), Qt.Orientation.Horizontal)))
            line.setStyleSheet("QLineEdit { padding: 0 2px; min-height: 0; border-radius: 0; }")
            return line
        box = QComboBox(parent)
        box.setObjectName("tag-quantity")
        box.setAccessibleName("Quantity")
        box.setMaxVisibleItems(24)
        model = cast("TagsModel", index.model())
        for quantity in model.quantities.all:
            unit = f"  ({quantity.unit})" if quantity.unit else ""
            box.addItem(f"{quantity.label}{unit}", quantity.key)
        box.insertSeparator(box.count())
        box.addItem(_ADD_SIGNAL)
        box.activated.connect(lambda: self._commit(box))
        return box

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Show what is there."""
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """Take what was chosen or typed."""
        if isinstance(editor, QComboBox):
            if editor.currentData() is not None:
                model.setData(cast("QModelIndex", index), editor.currentData(), Qt.ItemDataRole.EditRole)
        else:
            super().setModelData(editor, model, index)

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Cut long addresses at the left: all begin alike, and only their ends tell them apart."""
        super().initStyleOption(option, index)
        if index.column() == Column.ADDRESS:
            cast("Any", option).textElideMode = Qt.TextElideMode.ElideLeft

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the cell, and a frame round it where it is wrong."""
        super().paint(painter, option, index)
        if index.data(FAULT_ROLE):
            facts = cast("Any", option)
            painter.save()
            painter.setPen(QPen(self._themes.theme.text, 2))
            painter.drawRect(facts.rect.adjusted(1, 1, -1, -1))
            painter.restore()

    def _commit(self, editor: QComboBox) -> None:
        if editor.currentData() is None:
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
            self.signal_wanted.emit()
            return
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.EditNextItem)


class TagsPage(QWidget):
    """Typing, adding, copying, pasting; it decides nothing.

    Attributes:
        edited: A person changed something.
        looked_at: The page came on the screen, or left it.
        signal_wanted: None of the quantities fits: the site shall measure something more.
    """

    edited = Signal()
    looked_at = Signal(bool)
    signal_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("device-tags")
        self._may_change = True
        self._model = TagsModel(self)
        self._table = make_table("tags-table", "Tags")
        set_columns(self._table, self._model, _WIDTHS)
        delegate = TagDelegate(theme_source, self._table)
        delegate.signal_wanted.connect(self.signal_wanted)
        self._table.setItemDelegate(delegate)
        self._table.setEditTriggers(_TRIGGERS)
        ElasticColumn(self._table, Column.ADDRESS, _LEAST_ADDRESS_PX)
        self._help = plain_label()
        self._help.setObjectName("tags-help")
        self._help.setWordWrap(True)
        self._fault = plain_label()
        self._fault.setObjectName("tags-fault")
        self._fault.setWordWrap(True)
        self._fault.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._live = plain_label()
        self._live.setObjectName("tags-live")
        self._live.setWordWrap(True)
        self._mend = MendBar()
        self._buttons = {
            "add": QPushButton("Add  (Ins)"),
            "duplicate": QPushButton("Duplicate"),
            "paste": QPushButton("Paste  (Ctrl+V)"),
            "remove": QPushButton("Remove  (Del)"),
        }
        self._bar = QHBoxLayout()
        self._lay_out()
        self._connect(theme_source)

    @property
    def table_model(self) -> TagsModel:
        """What was typed."""
        return self._model

    def show_tags(
        self,
        tags: Sequence[Tag],
        stored: Sequence[Tag],
        quantities: Quantities,
        address_help: str,
        *,
        may_change: bool,
    ) -> None:
        """Show these tags.

        Args:
            tags: As they shall be shown.
            stored: What changes are marked against.
            quantities: What can be measured here.
            address_help: How addresses of this protocol look.
            may_change: Otherwise they are for looking at.
        """
        self._may_change = may_change
        self._model.show_tags(tags, stored, quantities, may_change=may_change)
        self.show_address_help(address_help)
        self._live.setText("")
        if tags:
            self._table.selectRow(0)
        self._follow()

    def show_address_help(self, address_help: str) -> None:
        """Say how addresses of this protocol look."""
        self._help.setText(f"Address: {address_help}" if address_help else "")
        self._help.setVisible(bool(address_help))

    def add_tags(self, tags: Sequence[Tag]) -> None:
        """Put tags below the others, or over those of the same quantities, and show the first of them."""
        place = self._model.put([row_from_tag(0, tag) for tag in tags])
        self._choose(place, Column.QUANTITY)

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Show what is wrong, by place."""
        self._model.show_faults(faults)
        self._missing = faults.get("tags", "")
        self._follow()

    def focus_fault(self) -> bool:
        """Select the first row that is wrong; tell whether there is one."""
        for row in range(self._model.rowCount()):
            if self._model.faults_of(row):
                self._choose(row, Column.ADDRESS)
                return True
        return False

    def show_live(self, values: Sequence[PreviewValue]) -> None:
        """Show what was read."""
        self._model.show_live({value.address: value for value in values})
        self._live.setText("")
        self._follow()

    def say_live(self, sentence: str) -> None:
        """Say why nothing is read; what was read before is taken away: it is not so any more."""
        self._model.show_live({})
        self._live.setText(sentence)
        self._follow()

    def focus_first(self) -> None:
        """Put the keyboard on the table."""
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: Any) -> None:
        """Tell that somebody looks."""
        super().showEvent(event)
        self.looked_at.emit(True)

    def hideEvent(self, event: Any) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.looked_at.emit(False)

    # -- private ---------------------------------------------------------------------------------------

    def _chosen(self) -> list[int]:
        return sorted(index.row() for index in self._table.selectionModel().selectedRows())

    def _choose(self, row: int, column: Column) -> None:
        index = self._model.index(row, column)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self._table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mend_chosen(self) -> None:
        if self._may_change:
            self._model.use_better(self._chosen()[:1])

    def _mend_all(self) -> None:
        if self._may_change:
            self._model.use_better(range(self._model.rowCount()))

    def _add(self) -> None:
        if self._may_change:
            self._choose(self._model.add_new(), Column.ADDRESS)
            self._table.edit(self._table.currentIndex())

    def _duplicate(self) -> None:
        chosen = self._chosen()
        if chosen and self._may_change:
            self._choose(self._model.duplicate(chosen), Column.ADDRESS)

    def _remove(self) -> None:
        chosen = self._chosen()
        if chosen and self._may_change:
            self._model.remove(chosen)
            self._choose(min(chosen[0], self._model.rowCount() - 1), Column.ADDRESS)

    def _copy(self) -> None:
        rows = [self._model.rows[place] for place in self._chosen()]
        if rows:
            QGuiApplication.clipboard().setText(text_from_rows(rows))

    def _paste(self) -> None:
        rows = rows_from_text(QGuiApplication.clipboard().text(), self._model.quantities, 0)
        if not self._may_change:
            return
        if rows:
            self._choose(self._model.add(rows), Column.ADDRESS)
        else:
            self._fault.setText(_NO_ROWS)

    def _follow(self) -> None:
        chosen = self._chosen()
        wrong = self._model.faults_of(chosen[0]) if chosen else []
        self._fault.setText(" ".join(wrong) or self._missing)
        better = self._model.better_addresses() if self._may_change else {}
        self._mend.offer(better.get(chosen[0], "") if chosen else "", len(better))
        for name, button in self._buttons.items():
            button.setVisible(self._may_change)
            button.setEnabled(bool(chosen) or name in ("add", "paste"))

    def _lay_out(self) -> None:
        self._missing = ""
        self._bar.setSpacing(6)
        for name, button in self._buttons.items():
            button.setObjectName(f"tags-{name}")
            button.setToolTip(_TIPS[name])
            self._bar.addWidget(button)
        self._bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(self._help)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._fault)
        layout.addWidget(self._live)
        layout.addWidget(self._mend)
        layout.addLayout(self._bar)

    def _connect(self, theme_source: ThemeSource) -> None:
        self._themes = theme_source
        self._model.edited.connect(self.edited)
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._follow())
        deeds = {"add": self._add, "duplicate": self._duplicate, "paste": self._paste, "remove": self._remove}
        for name, act in deeds.items():
            self._buttons[name].clicked.connect(act)
        keys = {"Ins": self._add, "Ctrl+Shift+D": self._duplicate, "Ctrl+V": self._paste, "Del": self._remove}
        for key, act in {**keys, "Ctrl+C": self._copy, "Return": self._edit, "Enter": self._edit}.items():
            shortcut = QShortcut(QKeySequence(key), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        for key, wanted, act in (
            ("Ctrl+M", self._mend.one_wanted, self._mend_chosen),
            ("Ctrl+Shift+M", self._mend.all_wanted, self._mend_all),
        ):
            wanted.connect(act)
            QShortcut(QKeySequence(key), self._table, act, context=Qt.ShortcutContext.WidgetShortcut)
        theme_source.changed.connect(self._colour)
        self._colour()
        self._follow()

    def _edit(self) -> None:
        if self._may_change and self._table.currentIndex().isValid():
            self._table.edit(self._table.currentIndex())

    def _colour(self) -> None:
        for label in (self._help, self._live):
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
        self._table.viewport().update()
