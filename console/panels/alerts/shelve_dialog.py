"""Asks why, for how long and with whose signature alerts are shelved (ISA-18.2, 11.7)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from console.panels.alerts.affected_list import affected_list
from console.panels.alerts.consequence import line_of, shelve_consequence
from console.panels.alerts.duration_field import DurationField
from console.panels.alerts.durations import SHELF_LENGTHS_S, lengths
from console.panels.alerts.reason_field import ReasonField
from console.panels.alerts.time_words import until_text
from console.panels.wording import count_text, length_text
from console.widgets.form_dialog import FormDialog
from console.widgets.password_field import PasswordField
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.shelf import AlarmSettings
from models.records.threshold import Severity

_FIRST_S = 1800.0


class ShelveDialog(FormDialog):
    """Reason, length and one-shot; the password, too, where something critical is among them."""

    def __init__(
        self,
        alerts: Sequence[Alert],
        settings: AlarmSettings,
        now: Callable[[], datetime],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay the form out.

        Args:
            alerts: One a threshold.
            settings: How long the site allows, and its shifts.
            now: Timezone-aware.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        verb = f"Shelve {count_text(len(alerts), 'alert')}"
        super().__init__("shelve-dialog", shelve_consequence(alerts), verb, theme_source, parent)
        self._settings = settings
        self._now = now
        self.reason_field = ReasonField("shelve-reason")
        offered = lengths(SHELF_LENGTHS_S, settings.max_shelf_s, settings, now())
        self.duration = DurationField("shelve-length", offered, _FIRST_S, now)
        self._once = QCheckBox("C&ome back as soon as the value has returned to normal (one-shot)")
        self._once.setObjectName("shelve-once")
        self.password = PasswordField("shelve-password")
        self.needs_signature = any(alert.severity is Severity.CRITICAL for alert in alerts)
        self.add_widget(affected_list([line_of(alert) for alert in alerts]))
        self.add_row("&Reason", self.reason_field, self.reason_field.error)
        self._length_row = self.add_row("For how &long", self.duration, hint=self._length_words())
        self.add_widget(self._once)
        row = self.add_row(
            "Your &password",
            self.password,
            lambda: "" if self.password.text() else "Type your password.",
            "Shelving a critical alert is signed with it.",
        )
        row.setVisible(self.needs_signature)
        self.duration.changed.connect(self.show_until)
        self._once.toggled.connect(self.show_until)
        self.reason_field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_one_shot(self) -> bool:
        """Whether they come back as soon as they are normal."""
        return self._once.isChecked()

    def show_until(self) -> None:
        """Say until when by the clock, which goes on while the form is open."""
        self._length_row.set_hint(self._length_words())

    def refuse(self, sentence: str) -> None:
        """Say why not; a password that was wrong is typed again."""
        super().refuse(sentence)
        self.password.forget()
        if self.needs_signature:
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _length_words(self) -> str:
        most = f"This site allows {length_text(self._settings.max_shelf_s)} at most."
        if self.is_one_shot:
            until = until_text(self.duration.until, self._now())
            return f"Until normal, at the latest {until}. {most}"
        return f"{self.duration.words}. {most}"
