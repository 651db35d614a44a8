"""The one clock of everything that flashes: steps at 1 Hz, and stands still when nothing needs action.

One clock for the whole window, so that every unacknowledged alert flashes in step; scattered rhythms draw the
eye away from what matters (EEMUA 191 asks for one rate).
"""

from PySide6.QtCore import QObject, QTimer, Signal

HALF_PERIOD_MS = 500


class FlashClock(QObject):
    """Half a second on, half a second off, while somebody needs it.

    Attributes:
        stepped: Emitted at each step, after `is_on` changed. Repaint only what is unacknowledged.
    """

    stepped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_on = True
        self._timer = QTimer(self)
        self._timer.setInterval(HALF_PERIOD_MS)
        self._timer.timeout.connect(self._step)

    @property
    def is_on(self) -> bool:
        """Whether borders and tints are shown now. True while the clock stands still."""
        return self._is_on

    @property
    def is_running(self) -> bool:
        """Whether something needs action."""
        return self._timer.isActive()

    def set_needed(self, *, needed: bool) -> None:
        """Start flashing, or stop with everything shown steadily. Call whenever the open alerts change."""
        if needed == self._timer.isActive():
            return
        if needed:
            self._timer.start()
            return
        self._timer.stop()
        if not self._is_on:
            self._step()

    def _step(self) -> None:
        self._is_on = not self._is_on
        self.stepped.emit()
