"""The row above a device's cards: how much time their trends show."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QWidget

from console.panels.device_face.fact_tables import heading

SPANS: tuple[tuple[str, float], ...] = (("2 min", 120.0), ("10 min", 600.0), ("1 h", 3600.0))
"""Label and seconds of the spans that can be chosen."""

USUAL_SPAN_S = 600.0


class SpanBar(QWidget):
    """Heading and one button a span.

    Attributes:
        chosen: A person chose a span, seconds.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(heading("Metrics"))
        layout.addStretch(1)
        layout.addWidget(QLabel("Trends show"))
        for number, (label, span_s) in enumerate(SPANS):
            button = QPushButton(label)
            button.setObjectName(f"device-span-{number}")
            button.setAccessibleName(f"Trends show {label}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, span_s=span_s: self.chosen.emit(span_s))
            self._group.addButton(button, number)
            layout.addWidget(button)
        self.show_span(USUAL_SPAN_S)

    def show_span(self, span_s: float) -> None:
        """Press the button of this span, which is one of `SPANS`."""
        number = [seconds for _, seconds in SPANS].index(span_s)
        self._group.button(number).setChecked(True)
