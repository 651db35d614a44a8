"""Putting devices into maintenance and taking them out, from the question to the sentence after."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.alert_commands import BeginMaintenance, EndMaintenance
from console.bridge.bridge import Bridge
from console.panels.alerts.alert_questions import AskMaintenanceReasons
from console.panels.alerts.consequence import ended_sentence, maintenance_sentence
from console.panels.alerts.maintenance_dialog import MaintenanceDialog
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.wording import moment_from_unix
from console.widgets.severity_badge import state_of
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.device import Device, DeviceId
from models.records.rights import Action
from models.records.shelf import Maintenance


class MaintenanceOrders(QObject):
    """For the Alerts and the Device screen alike.

    Attributes:
        said: One sentence: what came of it.
    """

    said = Signal(str)

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float], window: QWidget
    ) -> None:
        """Store what is needed; `window` is what the question is shown over."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._window = window

    def of_mine(self, devices: Sequence[DeviceId]) -> list[Device]:
        """Return those that exist and whose alerts this person may handle, each once."""
        known = [self._bridge.catalogue.device(device) for device in dict.fromkeys(devices)]
        return [
            device
            for device in known
            if device is not None and self._bridge.may(Action.HANDLE_ALERTS, device.user_id)
        ]

    def running(self, devices: Sequence[DeviceId]) -> list[Maintenance]:
        """Return the maintenance of those that are in it."""
        wanted = set(devices)
        return [work for work in self._bridge.maintenance if work.device in wanted]

    def ask(self, devices: Sequence[DeviceId]) -> None:
        """Ask why and for how long, then put devices into maintenance; or end what is running."""
        mine = self.of_mine(devices)
        if not mine:
            return
        ids = tuple(device.id for device in mine)
        running = self.running(ids)
        asking = sum(alert.device in ids and _is_asking(alert) for alert in self._bridge.alerts)
        dialog = MaintenanceDialog(
            mine, running, asking, self._bridge.alarm_settings, self._moment, self._themes, self._window
        )
        dialog.reason_field.offer([work.reason for work in self._bridge.maintenance])
        question = AskMaintenanceReasons(self._moment())
        self._bridge.ask(question, dialog.reason_field.offer, lambda _sentence: None, dialog)
        dialog.submitted.connect(lambda: self._send(dialog, mine))
        dialog.ending.connect(lambda: self._end(dialog, running))
        dialog.open()

    def end(self, works: Sequence[Maintenance]) -> None:
        """End the maintenance of devices: what stands asks again."""
        if works:
            self.said.emit("Ending the maintenance…")
            self._bridge.command(
                EndMaintenance(tuple(work.device for work in works)),
                lambda done: self.said.emit(ended_sentence([work.device_name for work in works], done)),
                self.said.emit,
                self,
            )

    def _send(self, dialog: MaintenanceDialog, devices: Sequence[Device]) -> None:
        until = dialog.duration.until
        names = {device.id: device.name for device in devices}
        order = BeginMaintenance(tuple(names), dialog.reason_field.words, dialog.duration.seconds)

        def take(done: Sequence[DeviceId]) -> None:
            close_form(dialog)
            begun = [names[device] for device in done if device in names]
            self.said.emit(maintenance_sentence(begun, until, self._moment()))

        dialog.set_busy("Beginning maintenance…")
        self._bridge.command(order, take, self._refusing(dialog), self)

    def _end(self, dialog: MaintenanceDialog, running: Sequence[Maintenance]) -> None:
        def take(done: Sequence[DeviceId]) -> None:
            close_form(dialog)
            self.said.emit(ended_sentence([work.device_name for work in running], done))

        dialog.set_busy("Ending the maintenance…")
        order = EndMaintenance(tuple(work.device for work in running))
        self._bridge.command(order, take, self._refusing(dialog), self)

    def _refusing(self, dialog: MaintenanceDialog) -> Callable[[str], None]:
        return lambda sentence: refuse_in_form(dialog, sentence, self.said.emit)

    def _moment(self) -> datetime:
        return moment_from_unix(self._now())


def _is_asking(alert: Alert) -> bool:
    state = state_of(alert)
    return state is not None and not state.is_hidden
