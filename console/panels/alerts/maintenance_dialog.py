"""Asks why and for how long devices are in maintenance; offers to end what is running."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.panels.alerts.alert_rows import maintenance_text
from console.panels.alerts.consequence import maintenance_consequence
from console.panels.alerts.duration_field import DurationField
from console.panels.alerts.durations import MAINTENANCE_LENGTHS_S, lengths
from console.panels.alerts.reason_field import ReasonField
from console.panels.wording import count_text, length_text
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_dialog import FormDialog
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import Device
from models.records.shelf import AlarmSettings, Maintenance

_FIRST_S = 3600.0


class MaintenanceDialog(FormDialog):
    """Reason and length; of a device that is in maintenance already, how it goes on or that it ends.

    Attributes:
        ending: The work is done: maintenance shall end now.
    """

    ending = Signal()

    def __init__(
        self,
        devices: Sequence[Device],
        running: Sequence[Maintenance],
        open_alerts: int,
        settings: AlarmSettings,
        now: Callable[[], datetime],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay the form out.

        Args:
            devices: Which, at least one.
            running: Of those, what is in maintenance already.
            open_alerts: How many of their open alerts ask somebody now.
            settings: How long the site allows, and its shifts.
            now: Timezone-aware.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        names = [device.name for device in devices]
        verb = "Change the maintenance" if running else "Begin maintenance"
        title = maintenance_consequence(names, open_alerts)
        super().__init__("maintenance-dialog", title, verb, theme_source, parent)
        self._settings = settings
        self._now = now
        self.reason_field = ReasonField("maintenance-reason")
        offered = lengths(MAINTENANCE_LENGTHS_S, settings.max_maintenance_s, settings, now())
        self.duration = DurationField("maintenance-length", offered, _FIRST_S, now)
        if running:
            self.add_widget(self._end_line(running))
        self.add_row("&Reason", self.reason_field, self.reason_field.error)
        self._length_row = self.add_row("For how &long", self.duration, hint=self._length_words())
        self.duration.changed.connect(self.show_until)
        if len(running) == 1:
            self.reason_field.setEditText(running[0].reason)
        self.reason_field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_until(self) -> None:
        """Say until when by the clock, which goes on while the form is open."""
        self._length_row.set_hint(self._length_words())

    def _end_line(self, running: Sequence[Maintenance]) -> QWidget:
        line = QWidget()
        words = plain_label(
            maintenance_text(running[0], self._now())
            if len(running) == 1
            else f"{count_text(len(running), 'device')} of these are in maintenance already."
        )
        words.setObjectName("maintenance-running")
        words.setWordWrap(True)
        words.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        end = QPushButton("&End it now")
        end.setObjectName("maintenance-end")
        end.setAutoDefault(False)
        end.clicked.connect(self.ending)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(words, 1)
        row.addWidget(end, alignment=Qt.AlignmentFlag.AlignTop)
        return line

    def _length_words(self) -> str:
        most = f"This site allows {length_text(self._settings.max_maintenance_s)} at most."
        return f"{self.duration.words}. {most}"
