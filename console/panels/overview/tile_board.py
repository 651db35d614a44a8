"""Keyboard and mouse on the board of tiles."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from console.panels.overview.tile_source import TileSource
from console.panels.overview.tile_surface import TileSurface
from console.widgets.flash import FlashClock
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId


class TileBoard(TileSurface):
    """The board that people use.

    Attributes:
        opened: A device was clicked, or Enter was pressed on it (DeviceId).
        typed: A printable character was pressed: it belongs into the filter (str).
        cleared: Escape was pressed.
        focus_moved: The keyboard's focus is on another device (DeviceId).
    """

    opened = Signal(object)
    typed = Signal(str)
    cleared = Signal()
    focus_moved = Signal(object)

    def __init__(
        self, source: TileSource, theme_source: ThemeSource, flash: FlashClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(source, theme_source, flash, parent)
        self._pressed: DeviceId | None = None

    @property
    def is_pressed(self) -> bool:
        """Whether a mouse button is held on a tile: tiles must not move under it."""
        return self._pressed is not None

    def focus_device(self, id: DeviceId | None) -> None:
        """Put the keyboard's focus on a device and scroll it into view."""
        if id is None:
            return
        before, self._focused = self._focused, id
        self._repaint([device for device in (before, id) if device is not None])
        self.reveal(id)
        if before != id:
            self.setAccessibleDescription(plain_tip(self._source.tooltip(id)))
            self.focus_moved.emit(id)

    def _device_at(self, point: QPoint) -> DeviceId | None:
        return self._grid.device_at(point.x(), point.y() + self.verticalScrollBar().value())

    def _rows_a_page(self) -> int:
        visible = self._visible()
        return max(1, len({box.y for _, box in visible}) - 1)

    def focusInEvent(self, event: QEvent) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Show where the keyboard is."""
        if self._focused is None and self._grid.order:
            visible = self.visible_devices()
            self.focus_device(visible[0] if visible else self._grid.order[0])
        self.viewport().update()

    def focusOutEvent(self, event: QEvent) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The keyboard is elsewhere."""
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter opens, letters filter, Escape clears."""
        steps = {
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Down: (0, 1),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Home: (-len(self._grid.order), 0),
            Qt.Key.Key_End: (len(self._grid.order), 0),
            Qt.Key.Key_PageDown: (0, self._rows_a_page()),
            Qt.Key.Key_PageUp: (0, -self._rows_a_page()),
        }
        key = Qt.Key(event.key())
        has_command = event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if key in steps and not has_command:
            self.focus_device(self._grid.neighbour(self._focused, *steps[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._focused is not None:
                self.opened.emit(self._focused)
        elif key == Qt.Key.Key_Escape:
            self.cleared.emit()
        elif event.text().isprintable() and event.text().strip() and not has_command:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note which tile was pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._device_at(event.position().toPoint())
            self.focus_device(self._pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the tile if it was pressed and released on it."""
        if event.button() is Qt.MouseButton.LeftButton:
            pressed, self._pressed = self._pressed, None
            if pressed is not None and pressed == self._device_at(event.position().toPoint()):
                self.opened.emit(pressed)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the full name and the age of a tile's data to whoever points at it."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            id = self._device_at(event.pos())
            if id is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._source.tooltip(id), self.viewport())
            return True
        return super().viewportEvent(event)
