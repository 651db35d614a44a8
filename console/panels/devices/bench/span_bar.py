"""Which registers the bench looks at: table, first register, how many; and whether it goes on reading."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from console.widgets.spin_box import make_spin_box
from drivers.workbench import RegisterSpan

MOST_REGISTERS = 125
_SETTLED_MS = 350
_LAST = 65535


class SpanBar(QWidget):
    """Says what is wanted a moment after the last change, so that a register being typed is not read.

    Attributes:
        changed: Another span is wanted (RegisterSpan).
        live_changed: Whether to go on reading.
        wide_changed: Whether types of 64 bits are wanted, too.
    """

    changed = Signal(object)
    live_changed = Signal(bool)
    wide_changed = Signal(bool)

    def __init__(self, tables: Sequence[str], span: RegisterSpan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bench-span")
        self._table = QComboBox()
        self._table.setObjectName("bench-table")
        self._table.setAccessibleName("Table of registers")
        for table in tables:
            self._table.addItem(f"{table} registers", table)
        self._table.setCurrentIndex(max(0, self._table.findData(span.table)))
        self._start = make_spin_box("bench-start", "First register", 0, _LAST, span.start)
        self._count = make_spin_box("bench-count", "How many registers", 1, MOST_REGISTERS, span.count)
        self._back = _page_button("bench-back", "◀", "Registers before these")
        self._on = _page_button("bench-on", "▶", "Registers after these")
        self._wide = QCheckBox("64-&bit types")
        self._wide.setObjectName("bench-wide")
        self._live = QCheckBox("&Live, every second")
        self._live.setObjectName("bench-live")
        self._live.setChecked(True)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(lambda: self.changed.emit(self.span))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._table)
        layout.addWidget(_buddy("&From", self._start))
        layout.addWidget(self._start)
        layout.addWidget(_buddy("&Count", self._count))
        layout.addWidget(self._count)
        layout.addWidget(self._back)
        layout.addWidget(self._on)
        layout.addStretch(1)
        layout.addWidget(self._wide)
        layout.addWidget(self._live)
        self._table.currentIndexChanged.connect(lambda _: self._settled.start())
        self._start.valueChanged.connect(lambda _: self._settled.start())
        self._count.valueChanged.connect(lambda _: self._settled.start())
        self._back.clicked.connect(lambda: self._turn(-1))
        self._on.clicked.connect(lambda: self._turn(1))
        self._wide.toggled.connect(self.wide_changed)
        self._live.toggled.connect(self.live_changed)

    @property
    def span(self) -> RegisterSpan:
        """What is wanted now; cut where the last register is."""
        start = self._start.value()
        return RegisterSpan(
            str(self._table.currentData()), start, min(self._count.value(), _LAST + 1 - start)
        )

    @property
    def is_live(self) -> bool:
        """Whether to go on reading."""
        return self._live.isChecked()

    def _turn(self, pages: int) -> None:
        self._start.setValue(self._start.value() + pages * self._count.value())


def _page_button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setFixedWidth(36)
    return button


def _buddy(text: str, field: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(field)
    return label
