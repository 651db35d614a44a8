"""Devices saved and removed: asked first, on its way, and what came of it, down to the first value."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.device_commands import AskDeviceUses, RemoveDevice, SaveDevice
from console.panels.devices.editor_subject import EditorSubject
from console.panels.wording import count_text
from console.widgets.confirm import Ask
from models.records.device import Device, DeviceId
from models.records.device_edit import DeviceUses, SavedDevice

_GIVEN_UP_S = 30.0
_TROUBLE_TOLD_S = 6.0
"""A station has tried what was saved by then; trouble that it tells of is of that, no longer of before."""
_SOON_MS = 250


class DeviceOrders(QObject):
    """Belongs to the window's thread.

    Attributes:
        said: What came of an order; one sentence.
        polled: Whether the stored device is read (its number, a sentence); the form may show another by then.
        saved: A device is stored (SavedDevice, and the Device as it was sent).
        refused: It is not; one sentence.
        removed: A device is gone (its number).
    """

    said = Signal(str)
    polled = Signal(object, str)
    saved = Signal(object, object)
    refused = Signal(str)
    removed = Signal(object)

    def __init__(self, bridge: Bridge, now: Callable[[], float], ask: Ask, parent: QWidget) -> None:
        """Store whose orders they are; `ask` shows a consequence and returns whether the person wants it."""
        super().__init__(parent)
        self._bridge, self._now, self._ask, self._window = bridge, now, ask, parent
        self._awaited: DeviceId | None = None
        self._saved_unix = 0.0
        self._words = ""
        self._look = QTimer(self, interval=_SOON_MS)
        self._look.timeout.connect(self._look_for_value)
        bridge.values_arrived.connect(self._on_values)

    def save(self, subject: EditorSubject, device: Device) -> None:
        """Store what was typed."""
        command = SaveDevice(subject.stored, device, subject.origin, self._bridge.sealing)

        def take(saved: SavedDevice) -> None:
            self._awaited, self._saved_unix = saved.id, self._now()
            back = " It had been removed, and is back with its history." if saved.was_removed else ""
            self._words = " ".join(part for part in (f"Saved.{back}", saved.note) if part)
            self.said.emit(f"{self._words} Waiting for its station to poll it…")
            self._look.start()
            self.saved.emit(saved, device)

        self._bridge.command(command, take, self.refused.emit, self)

    def remove(self, device: Device) -> None:
        """Ask what hangs on a device, show it, and remove the device if that is wanted."""

        def show(uses: DeviceUses) -> None:
            if self._ask(self._window, consequence_of(device), "Delete device", lines_of(uses)):
                self.said.emit(f"Removing {device.name}…")
                self._bridge.command(RemoveDevice(device), done, self.said.emit, self)

        def done(_nothing: None) -> None:
            self.said.emit(f"{device.name} is deleted; its readings and alerts stay in the history.")
            self.removed.emit(device.id)

        self._bridge.ask(AskDeviceUses(device), show, self.said.emit, self)

    # -- private ---------------------------------------------------------------------------------------

    def _on_values(self, devices: Iterable[int]) -> None:
        if self._awaited is not None and self._awaited in devices:
            self._look_for_value()

    def _look_for_value(self) -> None:
        device = self._awaited
        if device is None:
            self._look.stop()
            return
        latest = self._bridge.live.latest(device)
        passed_s = self._now() - self._saved_unix
        if latest is not None and latest.recorded_unix > self._saved_unix:
            station = self._station_of(device)
            self._end(device, f"Saved; {station} polls it, first value after {passed_s:.1f} s.")
            return
        state = self._bridge.live.state(device)
        if passed_s > _GIVEN_UP_S or (state.detail and passed_s > _TROUBLE_TOLD_S):
            why = state.detail or "no station tells of it; the screen Stations says who polls what."
            self._end(device, f"Saved, but no value has come for {passed_s:.0f} s: {why}")

    def _end(self, device: DeviceId, sentence: str) -> None:
        extra = self._words.removeprefix("Saved.").strip()
        self._awaited = None
        self._look.stop()
        self.polled.emit(device, f"{sentence} {extra}".strip())

    def _station_of(self, device: DeviceId) -> str:
        name = self._bridge.link.station_name
        return f"station {name}" if device in self._bridge.polled_here and name else "its station"


def consequence_of(device: Device) -> str:
    """Return what removing a device means, in a sentence."""
    return (
        f"{device.name} ({device.device_id}) is no longer polled, and disappears from every screen. What it "
        "has measured and its alerts stay in the history."
    )


def lines_of(uses: DeviceUses) -> list[str]:
    """Return what hangs on a device, a line each."""
    lines: list[str] = []
    if uses.open_alerts:
        alerts = count_text(uses.open_alerts, "open alert")
        lines.append(f"{alerts}: over, or waiting to be acknowledged")
    if uses.limits:
        lines.append(f"{count_text(uses.limits, 'limit')}: judged no more")
    if uses.children:
        shown = ", ".join(uses.children[:2]) + (" …" if len(uses.children) > 2 else "")
        devices = count_text(len(uses.children), "device")
        lines.append(f"{devices} reached through it ({shown}): no longer hidden by it")
    lines.append(f"readings since {uses.first_reading}: stay" if uses.first_reading else "readings: stay")
    lines.append("all of it comes back with a device of the same hardware id")
    return lines
