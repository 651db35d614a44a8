"""How the connection of one device does, in full: sentence, figures, errors by kind, the last ten minutes."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.panels.devices.health.grey_dialog import GreyDialog
from console.panels.devices.health.health_figures import figure_rows
from console.panels.devices.health.health_painting import paint_connection
from console.panels.devices.health.health_saver import HealthSaver
from console.panels.devices.health.health_words import state_sentence
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import Device
from models.records.device_health import DeviceHealth

_SECOND_MS = 1000
_NEW = "This device is not stored yet; its connection is looked at once it is."


class HealthPart(QWidget):
    """A tab about the device in the editor; follows it once a second while it is seen."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("device-health")
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._device: Device | None = None
        self._sentence = plain_label()
        self._sentence.setObjectName("device-health-sentence")
        self._sentence.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._sentence.setWordWrap(True)
        self._trend = ConnectionTrend(theme_source)
        self._grid = QGridLayout()
        self._cells: list[tuple[QLabel, QLabel]] = []
        self._grey = QPushButton("Why is this grey?")
        self._grey.setObjectName("device-health-grey")
        self._grey.setToolTip("Follows a value from the device to the database and shows where it breaks")
        self._save = QPushButton("Save the health of all devices…")
        self._save.setObjectName("device-health-save")
        self._said = plain_label()
        self._said.setObjectName("device-health-said")
        self._said.setWordWrap(True)
        self._said.hide()
        self._saver = HealthSaver(bridge, self._save, self._said, now)
        self._second = QTimer(self, interval=_SECOND_MS)
        self._lay_out()
        self._second.timeout.connect(self._on_second)
        self._grey.clicked.connect(self.open_chain)
        bridge.device_health.changed.connect(self._on_health)
        bridge.device_health.watch(self, self.isVisible)
        theme_source.changed.connect(self._theme_changed)

    def show_device(self, device: Device | None) -> None:
        """Show a stored device; None: a new one, of which nothing is known yet."""
        self._device = device
        self.refresh()

    def open_chain(self) -> GreyDialog | None:
        """Open the chain of the device shown; None where none is."""
        if self._device is None:
            return None
        dialog = GreyDialog(self._bridge, self._themes, self._device.id, self._now, self)
        dialog.show()
        return dialog

    def refresh(self) -> None:
        """Show what is known now."""
        device = self._device
        health = None if device is None else self._bridge.device_health.of(device.id)
        now_unix = self._now()
        self._sentence.setText(_NEW if device is None else state_sentence(health, now_unix))
        self._trend.show_health(health)
        self._grey.setEnabled(device is not None)
        stations = {each.id: each.name for each in self._bridge.stations}
        live_age_s = None if device is None else self._bridge.live.good_age_s(device.id, now_unix)
        rows = () if device is None else figure_rows(health, live_age_s, stations, now_unix)
        for place, (name, words) in enumerate(rows):
            if place == len(self._cells):
                self._add_cell()
            label, value = self._cells[place]
            label.setText(name)
            value.setText(words)
            value.setAccessibleName(f"{name}: {words}")
        for place, cell in enumerate(self._cells):
            for part in cell:
                part.setVisible(place < len(rows))

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._grey)
        buttons.addStretch(1)
        buttons.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addWidget(self._sentence)
        layout.addWidget(self._trend)
        layout.addLayout(self._grid)
        layout.addStretch(1)
        layout.addWidget(self._said)
        layout.addLayout(buttons)

    def _add_cell(self) -> None:
        row = len(self._cells)
        label, value = plain_label(), plain_label()
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
        self._grid.addWidget(label, row, 0, alignment=Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._cells.append((label, value))

    def _on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def _on_health(self, devices: frozenset[int]) -> None:
        if self.isVisible() and self._device is not None and self._device.id in devices:
            self.refresh()

    def _theme_changed(self) -> None:
        for label, _ in self._cells:
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")

    def showEvent(self, event: QShowEvent) -> None:
        """Follow from now on."""
        super().showEvent(event)
        self.refresh()
        self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing while nobody looks."""
        self._second.stop()
        super().hideEvent(event)


class ConnectionTrend(QWidget):
    """The last ten minutes, large: round trips as a line, errors as ticks below it."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("device-health-trend")
        self.setAccessibleName("Round trips and errors of the last 10 minutes")
        self._themes = theme_source
        self._health: DeviceHealth | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def show_health(self, health: DeviceHealth | None) -> None:
        """Show this connection."""
        if health is not self._health:
            self._health = health
            self.update()

    def sizeHint(self) -> QSize:
        """As high as a small chart."""
        return QSize(320, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, frame and trend, with what its ends mean."""
        theme = self._themes.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        painter.fillRect(rect, theme.surface)
        painter.setPen(QPen(theme.line, 1.0))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(text_font(11))
        painter.setPen(theme.muted)
        ends = rect.adjusted(6, 0, -6, -3)
        painter.drawText(ends, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, "10 min ago")
        painter.drawText(ends, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, "now")
        paint_connection(painter, rect.adjusted(6, 6, -6, -20), self._health, theme)
        painter.end()
