"""All waves of a rollout side by side; what does not fit scrolls sideways."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from console.panels.firmware.wave_rows import WaveColumn
from console.panels.firmware.wave_view import WaveView
from console.widgets.theme import ThemeSource


class WavesView(QScrollArea):
    """Columns are made as they are needed and kept.

    Attributes:
        entered: A wave is looked at (its place from 0; None = what was left out).
        device_wanted: A device shall be shown (DeviceId).
    """

    entered = Signal(object)
    device_wanted = Signal(object)

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("rollout-waves")
        self._themes = theme_source
        self._views: list[WaveView] = []
        self._columns: Sequence[WaveColumn] = ()
        self._inside = QWidget()
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(0, 6, 0, 0)
        self._row.setSpacing(8)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_columns(self, columns: Sequence[WaveColumn], now_unix: float) -> None:
        """Show these."""
        self._columns = columns
        while len(self._views) < len(columns):
            self._add()
        for place, view in enumerate(self._views):
            if place < len(columns):
                view.show_column(columns[place], now_unix)
            view.setVisible(place < len(columns))

    def _add(self) -> None:
        place = len(self._views)
        view = WaveView(place + 1, self._themes)
        self._row.addWidget(view, 1)
        self._views.append(view)
        view.entered.connect(lambda: self._on_entered(place))
        view.left.connect(lambda steps: self._go(place + steps))
        view.device_wanted.connect(self.device_wanted)

    def _on_entered(self, place: int) -> None:
        self.ensureWidgetVisible(self._views[place], 0, 0)
        if place < len(self._columns):
            self.entered.emit(self._columns[place].place)

    def _go(self, place: int) -> None:
        if 0 <= place < len(self._columns):
            self._views[place].setFocus(Qt.FocusReason.OtherFocusReason)
