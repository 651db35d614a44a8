"""For how long: one key or click a usual length, or any number of minutes; says until when by the clock."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.panels.alerts.durations import Length
from console.panels.alerts.time_words import until_text
from console.panels.wording import length_text
from console.widgets.spin_box import make_spin_box

_A_ROW = 4


class DurationField(QWidget):
    """Buttons above a field of minutes; whichever was used last counts.

    Attributes:
        changed: Another length.
    """

    changed = Signal()

    def __init__(
        self, name: str, offered: Sequence[Length], first_s: float, now: Callable[[], datetime]
    ) -> None:
        """Lay it out.

        Args:
            name: Object name; parts are called after it.
            offered: What the buttons offer; the longest is the most that can be typed.
            first_s: What is chosen at the beginning.
            now: Timezone-aware.
        """
        super().__init__()
        self.setObjectName(name)
        self._now = now
        self._longest_s = max(length.seconds for length in offered)
        self._seconds = min(first_s, self._longest_s)
        most = max(1, int(self._longest_s // 60))
        self._minutes = make_spin_box(f"{name}-minutes", "Minutes", 1, most, 1)
        self._minutes.setSuffix(" min")
        self._minutes.setGroupSeparatorShown(True)
        self._minutes.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._minutes.setFixedWidth(110)
        self._buttons: list[tuple[Length, QPushButton]] = []
        self._lay_out(name, offered)
        self._minutes.valueChanged.connect(self._type)
        self._choose(self._seconds)

    @property
    def seconds(self) -> float:
        """What is chosen."""
        return self._seconds

    @property
    def until(self) -> datetime:
        """When it would be over, were it begun now."""
        return self._now() + timedelta(seconds=self._seconds)

    @property
    def words(self) -> str:
        """Until when, by the clock, and how long that is."""
        return f"Until {until_text(self.until, self._now())}, {length_text(self._seconds)} from now"

    def choose(self, seconds: float) -> None:
        """Choose a length, at most the longest allowed."""
        self._choose(min(seconds, self._longest_s))

    def _lay_out(self, name: str, offered: Sequence[Length]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        for number, length in enumerate(offered):
            if number % _A_ROW == 0:
                row = QHBoxLayout()
                row.setSpacing(6)
                column.addLayout(row)
            button = QPushButton(length.words)
            button.setObjectName(f"{name}-{number}")
            button.setAccessibleName(f"For {length.words}")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, length=length: self._choose(length.seconds))
            row.addWidget(button, 1)
            self._buttons.append((length, button))
        for _ in range(-len(offered) % _A_ROW):
            row.addStretch(1)
        typed = QHBoxLayout()
        typed.setSpacing(6)
        typed.addWidget(QLabel("or"))
        typed.addWidget(self._minutes)
        typed.addStretch(1)
        column.addLayout(typed)

    def _type(self, minutes: int) -> None:
        self._choose(minutes * 60.0, is_typed=True)

    def _choose(self, seconds: float, *, is_typed: bool = False) -> None:
        self._seconds = seconds
        if not is_typed:
            self._minutes.blockSignals(True)
            self._minutes.setValue(max(1, round(seconds / 60)))
            self._minutes.blockSignals(False)
        for length, button in self._buttons:
            button.setChecked(length.seconds == seconds)
        self.changed.emit()
