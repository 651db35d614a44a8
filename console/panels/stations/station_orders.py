"""What can be asked of stations, from the question before it to the sentence after.

An order is pending until the database shows what it was for; stations carry it out within a second or two.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.commands import Command
from console.bridge.station_commands import AssignDevices, DrainStation, OrderStation, WithdrawOrder
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.stations.device_rows import DeviceRow
from console.panels.stations.drill_words import (
    balance_consequence,
    drain_consequence,
    undrain_consequence,
    withdraw_consequence,
)
from console.panels.stations.station_dialogs import DrillDialog, HandOverDialog
from console.panels.stations.station_questions import LeasesNow
from console.panels.stations.station_rows import StationRow, others_alive
from console.panels.wording import count_text
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rights import Action
from models.records.station import OrderKind, StationOrder


class StationOrders(QObject):
    """Hand over, back to the balance, give everything away, drill, offer again: for administrators.

    Attributes:
        said: One sentence about what was asked for or what came of it.
        changed: What is pending is another.
    """

    said = Signal(str)
    changed = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is what the questions are shown over."""
        super().__init__(window)
        self._bridge = bridge
        self._themes = theme_source
        self._window = window
        self._targets: dict[DeviceId, StationRow | None] = {}
        self._drains: dict[int, bool] = {}
        self._orders: dict[int, int] = {}

    @property
    def may_act(self) -> bool:
        """Whether this person may ask stations for anything now."""
        return self._bridge.may(Action.MANAGE_STATIONS)

    @property
    def pending_devices(self) -> dict[DeviceId, str]:
        """What to say instead of a device's station."""
        return {
            device: f"→ {target.name}…" if target is not None else "→ automatic…"
            for device, target in self._targets.items()
        }

    @property
    def pending_stations(self) -> dict[int, str]:
        """What to say instead of a station's state."""
        words = dict.fromkeys(self._orders, "order on its way…")
        words |= {
            station: "will give everything away…" if wanted else "will take devices again…"
            for station, wanted in self._drains.items()
        }
        return words

    def hand_over(self, devices: Sequence[DeviceRow], stations: Sequence[StationRow]) -> None:
        """Ask which station shall poll these devices."""
        targets = [row for row in stations if row.may_take and not row.is_old]
        if not self.may_act or not devices:
            return
        if not targets:
            self.said.emit("No station can take devices now.")
            return
        dialog = HandOverDialog(devices, targets, self._themes, self._window)
        ids = tuple(row.id for row in devices)

        def submit() -> None:
            target = dialog.target
            self._order(
                dialog, AssignDevices(ids, target.id), lambda _count: self._await_devices(ids, target)
            )

        dialog.submitted.connect(submit)
        dialog.open()

    def to_balance(self, devices: Sequence[DeviceRow]) -> None:
        """Ask whether devices shall be shared out again."""
        mine = [row for row in devices if row.chosen is not None]
        if not self.may_act or not mine:
            return
        ids = tuple(row.id for row in mine)
        self._ask(
            "station-balance",
            balance_consequence(len(ids)),
            "Back to automatic balance",
            AssignDevices(ids, None),
            lambda _count: self._await_devices(ids, None),
        )

    def drain(self, station: StationRow, stations: Sequence[StationRow]) -> None:
        """Ask whether a station shall give everything away, or take devices again."""
        if not self.may_act or not station.id:
            return
        wanted = not station.is_draining
        words = (
            drain_consequence(station, others_alive(stations, station))
            if wanted
            else undrain_consequence(station)
        )
        self._ask(
            "station-drain",
            words,
            "Give everything away" if wanted else "Take devices again",
            DrainStation(station.id, wanted),
            lambda _id: self._await_drain(station.id, is_draining=wanted),
        )

    def drill(self, station: StationRow, stations: Sequence[StationRow]) -> None:
        """Ask for how long a station shall be cut off."""
        if not self.may_act or not station.id:
            return
        dialog = DrillDialog(station, others_alive(stations, station), self._themes, self._window)

        def submit() -> None:
            command = OrderStation(station.id, OrderKind.DRILL, dialog.seconds)
            self._order(dialog, command, lambda number: self._await_order(station.id, number))

        dialog.submitted.connect(submit)
        dialog.open()

    def retry(self, station: StationRow) -> None:
        """Ask whether a station shall offer the database once more what that declined."""
        if not self.may_act or not station.id or station.report is None:
            return
        self._ask(
            "station-retry",
            f"{station.name} will offer the database once more what it declined: "
            f"{count_text(station.report.quarantined, 'reading')}. What it declines again stays where it is.",
            "Offer again",
            OrderStation(station.id, OrderKind.RETRY_QUARANTINE),
            lambda number: self._await_order(station.id, number),
        )

    def withdraw(self, station: StationRow, orders: Sequence[StationOrder]) -> None:
        """Ask whether what the station has not begun shall be taken back."""
        order = next((each for each in orders if each.station == station.id and each.is_waiting), None)
        if not self.may_act or order is None:
            return
        self._ask(
            "station-withdraw",
            withdraw_consequence(station, order),
            "Withdraw",
            WithdrawOrder(order.id),
            lambda _number: self.said.emit("Withdrawn."),
        )

    def settle(self, now: LeasesNow, stations: Sequence[StationRow]) -> None:
        """Take note of what the database shows: what it confirms is no longer pending."""
        before = (self.pending_devices, self.pending_stations)
        known = {row.id: row for row in stations}
        self._targets = {
            device: target
            for device, target in self._targets.items()
            if not _is_settled(device, target, now, known)
        }
        self._drains = {
            station: wanted
            for station, wanted in self._drains.items()
            if station in known and known[station].is_draining != wanted
        }
        numbers = {order.id for order in now.orders}
        self._orders = {station: number for station, number in self._orders.items() if number not in numbers}
        if (self.pending_devices, self.pending_stations) != before:
            self.changed.emit()

    # -- private ---------------------------------------------------------------------------------------

    def _ask(
        self, name: str, consequence: str, verb: str, command: Command[int], on_done: Callable[[int], None]
    ) -> None:
        dialog = FormDialog(name, consequence, verb, self._themes, self._window)
        dialog.start_at_cancel()
        dialog.submitted.connect(lambda: self._order(dialog, command, on_done))
        dialog.open()

    def _order(self, dialog: FormDialog, command: Command[int], on_done: Callable[[int], None]) -> None:
        dialog.set_busy("On its way…")

        def done(answer: int) -> None:
            close_form(dialog)
            on_done(answer)
            self.changed.emit()
            self._bridge.look_at_stations()

        self._bridge.command(
            command, done, lambda sentence: refuse_in_form(dialog, sentence, self.said.emit), self
        )

    def _await_devices(self, devices: Sequence[DeviceId], target: StationRow | None) -> None:
        self._targets |= dict.fromkeys(devices, target)
        count = count_text(len(devices), "device")
        self.said.emit(
            f"{count} on the way to {target.name}." if target is not None else f"{count} back in the balance."
        )

    def _await_drain(self, station: int, *, is_draining: bool) -> None:
        self._drains[station] = is_draining

    def _await_order(self, station: int, number: int) -> None:
        self._orders[station] = number


def _is_settled(
    device: DeviceId, target: StationRow | None, now: LeasesNow, stations: dict[int, StationRow]
) -> bool:
    if target is None:
        return device not in now.chosen
    span = now.leases.get(device)
    if span is not None and span.station == target.id:
        return True
    # A station that has failed meanwhile takes the device whenever it lives again: nothing to wait for here.
    is_chosen = now.chosen.get(device) == target.id
    return is_chosen and not (target.id in stations and stations[target.id].may_take)
