"""Devices: the list with how they do at the left, the selected one as a form at the right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.device_commands import AskLastChange, AskOwners
from console.panels.devices.bulk.bulk_menu import BulkMenu
from console.panels.devices.device_columns import COLUMNS
from console.panels.devices.device_editor import DeviceEditor
from console.panels.devices.device_orders import DeviceOrders
from console.panels.devices.device_rows import DeviceRow, rows_of
from console.panels.devices.devices_list import DevicesList
from console.panels.devices.editor_subject import EditorSubject, copy_of, new_device
from console.panels.devices.health.health_columns import health_columns
from console.panels.devices.pictured_dialogs import NAMES, open_pictured
from console.panels.panel import Panel
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.empty_state import EmptyState
from models.records.device import Device, DeviceId
from models.records.device_edit import SavedDevice, configuration
from models.records.person import Role
from models.records.rights import Action

_LEFT_PX, _RIGHT_PX = 520, 640
_AGAIN_MS = 500
_TAKEN_BACK_S = 5.0
"""What is stored is another than what was sent where somebody changed it in the same moment."""


class DevicesPanel(Panel):
    """Everybody looks; engineers change their own devices, administrators all."""

    key: ClassVar[str] = "devices"
    title: ClassVar[str] = "Devices"
    icon: ClassVar[str] = "mdi6.tools"

    def __init__(self, *arguments: Any, ask: Ask = confirm.ask, **options: Any) -> None:
        """Arguments as `Panel` takes them; `ask` shows a consequence and returns whether it is wanted."""
        super().__init__(*arguments, **options)
        self._people: Mapping[int, str] = {}
        self._sent: Device | None = None
        self._sent_unix = 0.0
        self._wanted: DeviceId | None = None
        self._has_begun = False
        self._list = DevicesList(self.theme_source, (*COLUMNS, *health_columns(self._station_names)))
        self._editor = DeviceEditor(self.bridge, self.theme_source, self.now, ask)
        self._orders = DeviceOrders(self.bridge, self.now, ask, self)
        self._nothing = EmptyState(self.theme_source, self.icon, "", "")
        self._many = BulkMenu(self.bridge, self.theme_source, self.now, self._selected_devices, self, ask=ask)
        self._list.add_menu(self._many.button, self._many.line)
        self._right = QStackedWidget()
        # States come every second and more often; a thousand rows are arranged a few times a second at most.
        self._soon = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._soon.timeout.connect(self._show_rows)
        self._lay_out()
        self._connect()
        self._show_rights()
        self._show_editor(None)

    @property
    def devices_list(self) -> DevicesList:
        """The list."""
        return self._list

    @property
    def editor(self) -> DeviceEditor:
        """The form."""
        return self._editor

    @property
    def many(self) -> BulkMenu:
        """What is done with many devices at once, or with what they were before."""
        return self._many

    @property
    def orders(self) -> DeviceOrders:
        """What is on its way."""
        return self._orders

    def show_device(self, device: DeviceId) -> None:
        """Put a device into the form."""
        self._wanted = device
        if self.isVisible():
            self._show_rows()

    def parts(self) -> Sequence[str]:
        """Return the tabs of the form."""
        return self._editor.parts()

    def show_part(self, part: str) -> None:
        """Show one of the tabs."""
        self._editor.show_part(part)

    def dialogs(self) -> Sequence[str]:
        """Return the names of dialogs."""
        return NAMES

    def show_dialog(self, name: str) -> QWidget | None:
        """Open one over a device that has something in it."""
        rows = sorted(self._list.table_model.all_rows, key=lambda row: row.badness)
        devices = [row.device for row in rows]
        return open_pictured(name, devices, self._editor, self._many, self._open)

    def is_populated(self) -> bool:
        """Tell whether devices are listed, or it is known that there are none."""
        is_listed = bool(self._list.table_model.all_rows) or not self.bridge.catalogue.devices
        return is_listed and (not self.bridge.catalogue.devices or self._editor.subject is not None)

    def on_shown(self) -> None:
        """Catch up with catalogue, states and people."""
        self._show_rights()
        self._show_rows()
        self._take_back()
        self._follow_stored()
        if self._is_admin():
            self.bridge.ask(AskOwners(), self._take_people, lambda _sentence: None, self)

    def on_second(self) -> None:
        """Ages tick, and whoever was silent for too long moves up."""
        self._show_rows()
        self._take_back(is_late=self.now() - self._sent_unix > _TAKEN_BACK_S)

    # -- the list --------------------------------------------------------------------------------------

    def _show_rows(self) -> None:
        self._soon.stop()
        healths = self.bridge.device_health.all
        rows = rows_of(self.bridge.catalogue.devices, self.bridge.live, self.now(), self._may_change, healths)
        self._list.show_rows(rows)
        if self._wanted is not None and self._list.select(self._wanted):
            self._wanted = None
        elif rows and not self._has_begun:
            self._list.select(self._list.table_model.row_at(0).id)
            holder = QApplication.focusWidget()
            if holder is not None and self.isAncestorOf(holder):
                # An empty table could not take the keyboard, and left it to the search.
                self._list.focus_list()
        self._has_begun = self._has_begun or bool(rows)
        self._show_state()

    def _station_names(self) -> Mapping[int, str]:
        return {station.id: station.name for station in self.bridge.stations}

    def _on_settled(self) -> None:
        """Put the selected device into the form; what is typed there is not lost without asking."""
        chosen = self._list.selected()
        edited = self._edited_id()
        if [row.id for row in chosen] == [edited]:
            return
        if len(chosen) != 1:
            if not self._editor.is_changed:
                self._show_editor(None)
            return
        if not self._may_leave():
            self._list.select_quietly(edited)
            return
        self._wanted = None
        self._open(chosen[0].device)

    def _do(self, name: str) -> None:
        chosen = self._list.selected()
        beside = chosen[0].device if len(chosen) == 1 else None
        if name == "remove":
            if beside is not None and self._may_leave():
                self._orders.remove(beside)
        elif self._may_leave():
            self._begin(beside, is_copy=name == "duplicate")

    def _begin(self, beside: Device | None, *, is_copy: bool) -> None:
        """Put a new device into the form."""
        if is_copy and beside is not None:
            begun = copy_of(beside, self.bridge.catalogue.devices)
            subject = EditorSubject(None, begun, may_change=True, origin=beside)
        else:
            subject = EditorSubject(None, new_device(beside), may_change=True)
        self._list.select_quietly(None)
        self._show_editor(subject)
        self._editor.show_part("connection")
        self._editor.focus_form()

    # -- the form --------------------------------------------------------------------------------------

    def _open(self, device: Device) -> None:
        self._show_editor(EditorSubject(device, device, self._may_change(device)))

    def _show_editor(self, subject: EditorSubject | None) -> None:
        if subject is None:
            self._editor.close_subject()
            self._say_nothing_selected()
        else:
            self._editor.open(subject)
        self._right.setCurrentIndex(0 if subject is None else 1)
        self._show_state()

    def _say_nothing_selected(self) -> None:
        chosen = len(self._list.selected())
        if chosen > 1:
            title, advice = f"{chosen:,} devices selected", "Select one to see its settings and tags."
        elif self.bridge.may_somewhere(Action.CONFIGURE_DEVICES):
            title, advice = "No device selected", "Select one at the left, or add a new one with Ins."
        else:
            title, advice = "No device selected", "Select one at the left to see its settings and tags."
        self._nothing.set_text(title, advice)

    def _show_state(self) -> None:
        # Beside an empty list, whose page says what to do next, there is nothing to say.
        self._right.setVisible(bool(self._list.table_model.all_rows) or self._editor.subject is not None)
        device = self._edited_id()
        row = self._row(device) if device is not None else None
        if self._editor.subject is not None and (row is not None or device is None):
            self._editor.show_state(row)

    def _row(self, device: DeviceId) -> DeviceRow | None:
        return next((row for row in self._list.table_model.all_rows if row.id == device), None)

    def _edited_id(self) -> DeviceId | None:
        subject = self._editor.subject
        return subject.stored.id if subject is not None and subject.stored is not None else None

    def _may_leave(self) -> bool:
        return self._editor.subject is None or self._editor.may_leave()

    def _on_submitted(self, subject: EditorSubject, device: Device) -> None:
        self._sent = device
        self._editor.set_busy("Saving…")
        self._orders.save(subject, device)

    def _on_saved(self, saved: SavedDevice, device: Device) -> None:
        """It is stored; the form goes on from what comes back from the database."""

        self._sent, self._sent_unix = replace(device, id=saved.id), self.now()
        self._take_back()

    def _on_polled(self, device: DeviceId, sentence: str) -> None:
        """Say it under the form that it is about, otherwise under the list."""
        stored = self.bridge.catalogue.device(device)
        if self._edited_id() == device or self._sent is not None or stored is None:
            self._editor.say(sentence)
        else:
            self._many.said.emit(f"{stored.name}: {sentence}")

    def _on_refused(self, sentence: str) -> None:
        self._sent = None
        self._editor.set_busy("")
        self._editor.say(sentence)
        self._follow_stored()

    def _take_back(self, *, is_late: bool = False) -> None:
        """Go on from the stored device, once the catalogue holds what was sent, or long should."""
        sent = self._sent
        stored = self.bridge.catalogue.device(sent.id) if sent is not None and sent.id else None
        if sent is None or stored is None or not (is_late or _is_settled(stored, sent)):
            return
        self._sent = None
        self._editor.adopt(stored, may_change=self._may_change(stored))
        self._wanted = stored.id
        self._show_rows()

    def _on_discarded(self, subject: EditorSubject) -> None:
        if subject.stored is None:
            self._show_editor(None)
            self._list.focus_list()

    def _on_removed(self, device: DeviceId) -> None:
        if self._edited_id() == device:
            self._list.select_quietly(None)
            self._show_editor(None)
            self._nothing.set_text("Deleted", self._editor.said)
            self._list.focus_list()

    # -- what others do --------------------------------------------------------------------------------

    def _on_catalogue(self) -> None:
        if not self.isVisible():
            return
        self._offer_known()
        self._show_rows()
        self._take_back()
        self._follow_stored()

    def _follow_stored(self) -> None:
        """Compare the device in the form with what is stored now."""
        subject = self._editor.subject
        if subject is None or subject.stored is None or self._sent is not None:
            return
        fresh = self.bridge.catalogue.device(subject.stored.id)
        if (
            fresh is None
            or configuration(fresh) == configuration(subject.stored)
            or not self._editor.is_changed
        ):
            self._editor.take_fresh(fresh)
            return
        stored = subject.stored

        def tell(who: str) -> None:
            if self._editor.subject is not None and self._editor.subject.stored is stored:
                self._editor.take_fresh(self.bridge.catalogue.device(stored.id), who)

        self.bridge.ask(AskLastChange(fresh), tell, lambda _sentence: tell(""), self)

    def _take_people(self, people: Mapping[int, str]) -> None:
        self._people = people
        self._offer_known()

    def _offer_known(self) -> None:
        self._editor.offer_known(self.bridge.catalogue.devices, self._people, may_give=self._is_admin())

    def _selected_devices(self) -> list[Device]:
        return [row.device for row in self._list.selected()]

    def _is_admin(self) -> bool:
        person = self.bridge.person
        return person is not None and person.role is Role.ADMIN and self.bridge.may(Action.CONFIGURE_DEVICES)

    def _may_change(self, device: Device) -> bool:
        return self.bridge.may(Action.CONFIGURE_DEVICES, device.user_id)

    def _show_rights(self) -> None:
        self._list.set_rights(may_add=self.bridge.may_somewhere(Action.CONFIGURE_DEVICES))
        self._offer_known()
        if self._editor.subject is None:
            self._say_nothing_selected()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        # From the outside to the inside: Qt styles all that is in a widget again wherever it is put.
        splitter = QSplitter(Qt.Orientation.Horizontal)
        layout.addWidget(splitter)
        splitter.addWidget(self._list)
        splitter.addWidget(self._right)
        self._right.addWidget(self._nothing)
        self._right.addWidget(self._editor)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LEFT_PX, _RIGHT_PX])
        splitter.setChildrenCollapsible(False)
        self.setFocusProxy(self._list)

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.catalogue_changed.connect(self._on_catalogue)
        bridge.states_changed.connect(self._on_states)
        bridge.device_health.changed.connect(self._on_states)
        bridge.device_health.watch(self, self.isVisible)
        bridge.person_changed.connect(self._on_catalogue)
        bridge.session.changed.connect(self._show_rights)
        self._list.settled.connect(self._on_settled)
        self._list.wanted.connect(self._do)
        self._list.entered.connect(self._editor.focus_form)
        self._editor.left.connect(self._list.focus_list)
        self._editor.submitted.connect(self._on_submitted)
        self._editor.discarded.connect(self._on_discarded)
        self._orders.saved.connect(self._on_saved)
        self._orders.refused.connect(self._on_refused)
        self._orders.removed.connect(self._on_removed)
        self._orders.said.connect(self._editor.say)
        self._orders.polled.connect(self._on_polled)
        self._editor.tags.signal_wanted.connect(self._many.add_signal)

    def _on_states(self, _devices: object) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()


def _is_settled(stored: Device, sent: Device) -> bool:
    """Whether what is stored is what was sent; the database gives a new device its owner."""
    owner = stored.user_id if sent.user_id is None else sent.user_id

    return configuration(stored) == configuration(replace(sent, user_id=owner))
