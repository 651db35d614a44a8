"""What is asked before devices are handed over and before a drill: which station, how long."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.panels.stations.device_rows import DeviceRow
from console.panels.stations.drill_words import (
    LEAST_DRILL_S,
    MOST_DRILL_S,
    USUAL_DRILL_S,
    drill_consequence,
    hand_over_consequence,
)
from console.panels.stations.station_rows import StationRow
from console.panels.wording import count_text
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.form_dialog import FormDialog
from console.widgets.plain_text import plain_label
from console.widgets.spin_box import make_spin_box
from console.widgets.theme import ThemeSource


class HandOverDialog(FormDialog):
    """Which station shall poll these devices."""

    def __init__(
        self,
        devices: Sequence[DeviceRow],
        targets: Sequence[StationRow],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay the form out; `targets` are the stations that can take devices, at least one."""
        title = f"Which station shall poll {_what(devices)}?"
        super().__init__("station-hand-over", title, "Hand over", theme_source, parent)
        self._devices = devices
        self._targets = {row.id: row for row in targets}
        choices = [(f"{row.name} ({count_text(row.held, 'device')} now)", row.id) for row in targets]
        self._choice = ChoiceCombo("station-hand-over-to", "To station", choices, letters=30)
        self._consequence = plain_label()
        self._consequence.setObjectName("station-hand-over-consequence")
        self._consequence.setWordWrap(True)
        self.add_row("&To station", self._choice)
        self.add_widget(self._consequence)
        # Who has all of them already is not what the person is looking for.
        others = [row for row in targets if any(device.station != row.id for device in devices)]
        self._choice.choose(others[0].id if others else targets[0].id)
        self._choice.currentIndexChanged.connect(self._tell)
        self._choice.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    @property
    def target(self) -> StationRow:
        """The station chosen."""
        return self._targets[self._choice.currentData()]

    def _tell(self) -> None:
        there = sum(device.station == self.target.id for device in self._devices)
        words = hand_over_consequence(len(self._devices) - there, there, self.target.name)
        self._consequence.setText(words)
        self.setAccessibleDescription(words)


class DrillDialog(FormDialog):
    """For how long a station shall be cut off the database."""

    def __init__(
        self, station: StationRow, others: Sequence[StationRow], theme_source: ThemeSource, parent: QWidget
    ) -> None:
        """Lay the form out; `others` are the stations that work beside it."""
        title = (
            f"Does {station.name} keep every reading while it cannot reach the database? A drill shows it."
        )
        super().__init__("station-drill", title, "Begin the drill", theme_source, parent)
        self._station, self._others = station, others
        self._seconds = make_spin_box("station-drill-seconds", "", LEAST_DRILL_S, MOST_DRILL_S, USUAL_DRILL_S)
        self._seconds.setSuffix(" s")
        self._seconds.setFixedWidth(110)
        self._consequence = plain_label()
        self._consequence.setObjectName("station-drill-consequence")
        self._consequence.setWordWrap(True)
        self.add_row("For how &long", self._seconds, hint=f"{LEAST_DRILL_S} to {MOST_DRILL_S} s")
        self.add_widget(self._consequence)
        self._seconds.valueChanged.connect(self._tell)
        self._tell()
        self.start_at_cancel()

    @property
    def seconds(self) -> float:
        """The length chosen."""
        return float(self._seconds.value())

    def _tell(self) -> None:
        words = drill_consequence(self._station, self._others, self.seconds)
        self._consequence.setText(words)
        self.setAccessibleDescription(words)


def _what(devices: Sequence[DeviceRow]) -> str:
    return devices[0].device.name if len(devices) == 1 else f"these {count_text(len(devices), 'device')}"
