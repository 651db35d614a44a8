"""The decoder bench as a dialog over the workbench."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.panels.devices.bench.display_units import units_for
from console.panels.devices.bench.grid_columns import grid_columns
from console.panels.devices.bench.grid_delegate import GridDelegate
from console.panels.devices.bench.grid_model import DECODING_ROLE, GridModel
from console.panels.devices.bench.looks import Decode, Looks
from console.panels.devices.bench.match_model import WIDTHS, MatchModel
from console.panels.devices.bench.register_reader import AskRegisters, RegisterReader
from console.panels.devices.bench.span_bar import SpanBar
from console.panels.devices.bench.tag_maker import tag_of
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from drivers.display_match import Closeness, Match
from drivers.workbench import Decoding, Registers, RegisterSpan
from models.quantities import Quantities, Quantity

FIRST_COUNT = 20
_FIXED_WIDTHS = (74, 74)


class BenchDialog(QDialog):
    """Stays open while tags are made, one after the other.

    Attributes:
        tag_made: The engineer takes a decoding as a tag (Tag).
    """

    tag_made = Signal(object)

    def __init__(
        self,
        device_name: str,
        tables: Sequence[str],
        decodings: Callable[[RegisterSpan], Decode],
        ask: AskRegisters,
        quantities: Quantities,
        theme_source: ThemeSource,
        parent: QWidget,
        span: RegisterSpan | None = None,
    ) -> None:
        """Lay it out; reading begins when it is shown.

        Args:
            device_name: Whose registers.
            tables: `Tools.tables`.
            decodings: `Tools.decodings`.
            ask: Asks the device.
            quantities: What a tag may measure.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
            span: Where to begin; the first registers of the first table where none is given.
        """
        super().__init__(parent)
        title = f"Decoder bench: {device_name}"
        self.setObjectName("decoder-bench")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._decodings = decodings
        self._made = 0
        self._told = ""
        self._span = SpanBar(tables, span or RegisterSpan(tables[0], 0, FIRST_COUNT))
        self._looks = Looks(decodings(self._span.span))
        self._reader = RegisterReader(ask, self)
        self._grid_model = GridModel(grid_columns(with_64=False), self)
        self._grid = make_table("bench-grid", "Registers under every type and order")
        self._grid.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self._grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._grid.horizontalHeader().setStretchLastSection(False)
        self._grid.setModel(self._grid_model)
        self._grid.setItemDelegate(GridDelegate(theme_source, self._grid))
        self._match_model = MatchModel(self)
        self._matches = make_table("bench-matches", "Decodings that fit the display")
        self._matches.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_columns(self._matches, self._match_model, WIDTHS)
        self._fill_fields(quantities)
        self._lay_out(title)
        self._use_columns(with_64=False)
        self._connect()
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Most of a small screen."""
        return QSize(1180, 700)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to read."""
        super().showEvent(event)
        if not event.spontaneous():
            self._reader.read(self._span.span)

    def done(self, result: int) -> None:
        """Stop reading, and close."""
        self._reader.stop()
        super().done(result)

    # -- building ----------------------------------------------------------------------------------------

    def _fill_fields(self, quantities: Quantities) -> None:
        self._quantity = QComboBox()
        self._quantity.setObjectName("bench-quantity")
        self._quantity.setAccessibleName("What the value is")
        for quantity in quantities.all:
            unit = f", {quantity.unit}" if quantity.unit else ""
            self._quantity.addItem(f"{quantity.label}{unit}", quantity)
        self._unit = QComboBox()
        self._unit.setObjectName("bench-unit")
        self._unit.setAccessibleName("Unit on the display")
        self._offer_units()
        self._shown = QLineEdit()
        self._shown.setObjectName("bench-shown")
        self._shown.setAccessibleName("What the device's display shows")
        self._shown.setPlaceholderText("231.4")
        self._shown.setFixedWidth(120)
        self._shown.setClearButtonEnabled(True)
        self._keep = _button("bench-keep", "&Keep this look", "Only what fits this and the next look stays")
        self._forget = _button("bench-forget", "Forget &looks", "Begin again with what the display shows now")
        self._make = _button("bench-make", "&Make tag", "Add the chosen decoding to the device's tags")
        self._make.setDefault(True)
        self._said = plain_label()
        self._said.setObjectName("bench-said")
        self._said.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._said.setWordWrap(True)
        self._state = plain_label("Reading…")
        self._state.setObjectName("bench-state")
        self._state.setWordWrap(True)

    def _lay_out(self, title: str) -> None:
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        asked = QHBoxLayout()
        asked.setSpacing(8)
        for label, field in (
            ("The &display shows", self._shown),
            ("&in", self._unit),
            ("&which is", self._quantity),
        ):
            words = QLabel(label)
            words.setBuddy(field)
            asked.addWidget(words)
            asked.addWidget(field)
        asked.addStretch(1)
        asked.addWidget(self._keep)
        asked.addWidget(self._forget)
        below = QHBoxLayout()
        below.addWidget(self._state, 1)
        close = _button("bench-close", "Close", "Close the bench")
        close.clicked.connect(self.reject)
        below.addWidget(self._make)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addLayout(asked)
        layout.addWidget(self._said)
        layout.addWidget(self._matches, 2)
        layout.addWidget(self._span)
        layout.addWidget(self._grid, 5)
        layout.addLayout(below)

    def _connect(self) -> None:
        self._shown.textChanged.connect(self._on_shown)
        self._quantity.currentIndexChanged.connect(lambda _: self._offer_units())
        self._keep.clicked.connect(self._on_keep)
        self._forget.clicked.connect(self._on_forget)
        self._make.clicked.connect(self._on_make)
        self._span.changed.connect(self._on_span)
        self._span.live_changed.connect(self._on_live)
        self._span.wide_changed.connect(lambda is_wide: self._use_columns(with_64=is_wide))
        self._reader.came.connect(self._on_registers)
        self._reader.failed.connect(self._on_failed)
        self._matches.selectionModel().currentRowChanged.connect(lambda *_: self._follow_choice())
        self._matches.doubleClicked.connect(lambda _: self._on_make())
        self._grid.clicked.connect(self._on_cell)
        self._grid.selectionModel().currentChanged.connect(lambda *_: self._follow_choice())
        self._show_looks()
        self._shown.setFocus()

    # -- what happens ------------------------------------------------------------------------------------

    def _on_span(self, span: RegisterSpan) -> None:
        self._looks = Looks(self._decodings(span))
        self._looks.show(self._shown.text())
        self._state.setText("Reading…")
        self._reader.read(span)
        self._show_looks()

    def _on_live(self, is_live: bool) -> None:  # noqa: FBT001 - a signal's argument
        if is_live:
            self._reader.read(self._span.span)
        else:
            self._reader.stop()
            self._state.setText("Paused: what is shown is as it was read last.")

    def _on_registers(self, span: RegisterSpan, registers: Registers) -> None:
        self._looks.take(registers)
        refused = "  ".join(registers.refusals)
        last = span.start + span.count - 1
        self._state.setText(
            f"{span.table} {span.start} to {last}, answered in {registers.took_ms:.0f} ms.  "
            f"{refused}".rstrip()
        )
        self._grid_model.show_registers(span.start, registers.words, self._looks.decodings)
        if not self._span.is_live:
            self._reader.stop()
        self._show_looks()

    def _on_failed(self, sentence: str) -> None:
        self._state.setText(sentence)

    def _on_shown(self, typed: str) -> None:
        self._told = ""
        wrong = self._looks.show(typed)
        self._show_looks(wrong)
        if self._looks.matches:
            self._matches.selectRow(0)

    def _on_keep(self) -> None:
        self._looks.keep()
        self._shown.selectAll()
        self._shown.setFocus()
        self._show_looks()

    def _on_forget(self) -> None:
        self._looks.forget()
        self._show_looks()

    def _on_cell(self, _index: QModelIndex) -> None:
        self._matches.clearSelection()
        self._matches.setCurrentIndex(QModelIndex())
        self._follow_choice()

    def _on_make(self) -> None:
        match = self._chosen()
        if match is None:
            return
        tag = tag_of(match, self._quantity.currentData(), self._unit.currentData())
        self._made += 1
        self.tag_made.emit(tag)
        self._shown.clear()
        self._looks.forget()
        # Until the next value is typed: the line below tells of every reading, and nobody would see it there.
        self._told = (
            f"{self._quantity.currentData().label} is tag {tag.address} × {tag.scale:g} now. "
            "Type the next value, or close."
        )
        self._show_looks()
        self._shown.setFocus()

    # -- what is shown -----------------------------------------------------------------------------------

    def _show_looks(self, wrong: str = "") -> None:
        kept = self._looks.kept
        words = wrong or self._told or self._looks.sentence()
        self._said.setText(f"{words} ({kept} earlier look{'s' if kept > 1 else ''} kept)" if kept else words)
        self._match_model.show_matches(self._looks.matches)
        self._grid_model.show_fits(self._looks.closeness())
        self._keep.setEnabled(bool(self._looks.matches))
        self._forget.setEnabled(bool(kept))
        self._follow_choice()

    def _follow_choice(self) -> None:
        match = self._chosen()
        self._make.setEnabled(match is not None)
        if match is not None and self._matches.currentIndex().isValid():
            place = self._grid_model.place_of(match.decoding)
            if place.isValid():
                self._grid.scrollTo(place)

    def _chosen(self) -> Match | None:
        """Return what a tag would be made of: the chosen line, else the chosen cell."""
        index = self._matches.currentIndex()
        if index.isValid() and index.row() < self._match_model.rowCount():
            return self._match_model.row_at(index.row())
        decoding: Decoding | None = self._grid.currentIndex().data(DECODING_ROLE)
        if decoding is None or decoding.value is None:
            return None
        fitting = (match for match in self._looks.matches if match.decoding.address == decoding.address)
        return next(fitting, Match(decoding, 1.0, Closeness.NEAR))

    def _offer_units(self) -> None:
        quantity: Quantity = self._quantity.currentData()
        self._unit.clear()
        for unit in units_for(quantity.unit):
            self._unit.addItem(unit.label or "no unit", unit)

    def _use_columns(self, *, with_64: bool) -> None:
        columns = grid_columns(with_64=with_64)
        self._grid_model.set_columns(columns)
        set_columns(self._grid, self._grid_model, (*_FIXED_WIDTHS, *(column.width for column in columns)))


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
