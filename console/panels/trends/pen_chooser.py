"""The column beside the chart: search device and metric, check what is to be drawn."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton, QVBoxLayout, QWidget

from console.panels.curves.pen import Pen
from console.panels.keyboard import LeaveFilter
from console.panels.trends.pen_list_model import PenListModel
from console.panels.trends.pens import MOST_PENS, PenChoice
from console.widgets.fonts import text_font


class PenChooser(QWidget):
    """Search field, list with check marks, and a sentence when no more pens fit.

    Attributes:
        toggled: A pen was checked or unchecked by a person (Pen, wanted).
        cleared: All pens are to be taken off.
    """

    toggled = Signal(object, bool)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[PenChoice, ...] = ()
        self._title = QLabel()
        self._title.setFont(text_font(13, QFont.Weight.DemiBold))
        self._search = QLineEdit()
        self._search.setObjectName("trends-search")
        self._search.setAccessibleName("Search device and metric")
        self._search.setPlaceholderText("Search device, metric  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._model = PenListModel(self)
        self._list = QListView()
        self._list.setObjectName("trends-pens")
        self._list.setAccessibleName("Pens that can be drawn")
        self._list.setUniformItemSizes(True)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setModel(self._model)
        self._notice = QLabel()
        self._notice.setObjectName("trends-notice")
        self._notice.setWordWrap(True)
        self._notice.hide()
        self._clear = QPushButton("Take all off")
        self._clear.setObjectName("trends-clear")
        self._lay_out()
        self._search.textChanged.connect(self._arrange)
        self._model.toggled.connect(self.toggled)
        self._list.activated.connect(self._activated)
        self._clear.clicked.connect(self.cleared)
        LeaveFilter(self._search, self._list)
        clear = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._list)
        clear.setContext(Qt.ShortcutContext.WidgetShortcut)
        clear.activated.connect(self._search.clear)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self.parentWidget() or self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._focus_search)

    @property
    def model(self) -> PenListModel:
        """The list's model."""
        return self._model

    def set_choices(self, choices: Sequence[PenChoice]) -> None:
        """List these."""
        self._choices = tuple(choices)
        self._arrange()

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Show these pens as checked; a refusal said before is withdrawn."""
        self._model.set_checked(pens)
        self._title.setText(f"Pens · {len(pens)} of {MOST_PENS}")
        self._clear.setEnabled(bool(pens))
        self._notice.hide()

    def arrange(self) -> None:
        """Bring checked pens to the top."""
        self._arrange()

    def refuse(self, sentence: str) -> None:
        """Say why a pen was not added."""
        self._notice.setText(sentence)
        self._notice.show()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self._title, self._search, self._notice):
            layout.addWidget(part)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._clear)

    def _arrange(self) -> None:
        self._model.arrange(self._choices, self._search.text())

    def _focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def _activated(self) -> None:
        index = self._list.currentIndex()
        is_checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if is_checked else Qt.CheckState.Checked
        self._model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
