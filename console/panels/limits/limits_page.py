"""The Limits tab: the list, and the editor that takes its place; what is asked for is carried out here."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.threshold_commands import ChangeThresholds
from console.catalogue.threshold_fields import differences
from console.panels.device_face.device_facts import in_order
from console.panels.limits.copy_dialog import CopyDialog
from console.panels.limits.file_choice import ask_open_path
from console.panels.limits.import_dialog import ImportDialog
from console.panels.limits.limit_editor import EditorSubject, LimitEditor
from console.panels.limits.limit_questions import AskLimits, ExportLimits, LimitsAnswer
from console.panels.limits.limits_list import LimitsList
from console.panels.limits.many_dialog import ManyDialog
from console.panels.limits.many_edits import first_free
from console.panels.limits.order_dialogs import OrderDialog, RemoveDialog, SwitchDialog
from console.panels.panel import Navigate
from console.panels.settings.file_name import ask_path
from console.panels.trends.file_job import FileJob
from console.panels.wording import moment_from_unix
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.device import Device, DeviceId
from models.records.rights import Action
from models.records.threshold import Threshold, ThresholdId
from models.records.threshold_entry import EditOutcome, ThresholdEdit, ThresholdEntry

_FILES = "Workbooks (*.xlsx);;Tables (*.csv)"
_NEW = ThresholdId(0)
_LAG_MS = 5_000


class LimitsPage(QWidget):
    """Shows the list or the editor. Asks the database only while it is seen."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        now: Callable[[], float],
        navigate: Navigate,
        *,
        ask: Ask = confirm.ask,
        choose_target: Callable[[QWidget, str, str], Path | None] = ask_path,
        choose_source: Callable[[QWidget, str], Path | None] = ask_open_path,
    ) -> None:
        """Store what is needed.

        Args:
            bridge: Catalogue, questions and commands.
            theme_source: The theme in use.
            flash: Not needed: limits never flash.
            now: Unix seconds.
            navigate: Leads to devices.
            ask: Shows a consequence and returns whether the person wants it.
            choose_target: Asks under which name something shall be saved.
            choose_source: Asks which file to read.
        """
        super().__init__()
        del flash
        self.setObjectName("limits-page")
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._choose_target, self._choose_source = choose_target, choose_source
        self._answer: LimitsAnswer | None = None
        self._is_asking, self._is_wanted_again = False, False
        self._proposal: Threshold | None = None
        self._dialog: OrderDialog | None = None
        self._wanted: list[ThresholdId] = []
        self._list = LimitsList(theme_source, now)
        self._ask = ask
        self._built_editor: LimitEditor | None = None
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._list)
        self._deeds: dict[str, Callable[[], None]] = {
            "new": self._new,
            "edit": self._edit,
            "switch": self._switch,
            "copy": self._copy,
            "remove": self._remove,
            "import": self._import,
            "export": self._export,
        }
        self._list.wanted.connect(self._do)
        self._list.device_wanted.connect(lambda id: navigate("device", id))
        bridge.catalogue_changed.connect(self._on_changed)
        # How loud each is may lag: counting a month of alerts is work, and a flood changes it all the time.
        self._lagging = QTimer(self, singleShot=True, interval=_LAG_MS)
        self._lagging.timeout.connect(self._on_changed)
        bridge.alerts_changed.connect(self._on_alerts)
        bridge.person_changed.connect(self._show_rights)
        bridge.session.changed.connect(self._show_rights)

    @property
    def limits_list(self) -> LimitsList:
        """The list."""
        return self._list

    @property
    def editor(self) -> LimitEditor:
        """The editor; made when it is first needed, so that the list opens as fast as a list."""
        if self._built_editor is None:
            self._built_editor = made = LimitEditor(self._bridge, self._themes, self._now, self._ask)
            made.left.connect(self._show_list)
            made.submitted.connect(self._store)
            self._stack.addWidget(made)
        return self._built_editor

    @property
    def dialog(self) -> OrderDialog | None:
        """The form that is open over the list."""
        return self._dialog

    @property
    def is_editing(self) -> bool:
        """Whether the editor is shown instead of the list."""
        return self._stack.currentWidget() is self._built_editor

    def refresh(self) -> None:
        """Read every threshold anew; while an answer is awaited, once more after it."""
        if self._is_asking:
            self._is_wanted_again = True
            return
        self._is_asking = True

        def take(answer: LimitsAnswer) -> None:
            self._rest()
            self._show(answer)

        def fail(sentence: str) -> None:
            self._rest()
            self._list.show_failure(sentence)

        catalogue = self._bridge.catalogue
        question = AskLimits(catalogue.devices, moment_from_unix(self._now()), catalogue.quantities)
        self._bridge.ask(question, take, fail, self)

    def focus_list(self) -> None:
        """Put the keyboard where work begins."""
        if self.is_editing:
            self.editor.form.focus_first()
        else:
            self._list.focus_list()

    def is_populated(self) -> bool:
        """Tell whether a list, or why there is none, could be seen."""
        return self._answer is not None

    def show_device(self, device: DeviceId) -> None:
        """Show the thresholds of a device."""
        known = self._bridge.catalogue.device(device)
        if known is not None:
            self._show_list()
            self._list.search(known.device_id)

    def show_proposal(self, proposal: Threshold) -> None:
        """Open a threshold with other settings than it has, and replay the past through them at once.

        One without a number is a new threshold of its device.
        """
        self._proposal = proposal
        if self._answer is not None:
            self._open_proposal()
        elif self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the list up to date: it is about to be seen."""
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    # -- what is shown ---------------------------------------------------------------------------------

    def _rest(self) -> None:
        self._is_asking = False
        if self._is_wanted_again:
            self._is_wanted_again = False
            self.refresh()

    def _on_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _on_alerts(self) -> None:
        if self.isVisible() and not self._lagging.isActive():
            self._lagging.start()

    def _show(self, answer: LimitsAnswer) -> None:
        self._answer = answer
        self._list.offer(self._bridge.catalogue.quantities)
        self._list.show_rows(answer.rows)
        self._show_rights()
        if self._wanted:
            self._list.select(self._wanted)
            self._wanted = []
        subject = self.editor.subject if self.is_editing else None
        if subject is not None and subject.entry is not None:
            self.editor.take_fresh(self._entry(subject.entry.threshold.id))
        self._open_proposal()

    def _show_rights(self) -> None:
        self._list.set_rights(
            lambda row: self._may_change(row.device),
            any_device=self._bridge.may_somewhere(Action.CONFIGURE_THRESHOLDS),
        )

    def _may_change(self, device: Device) -> bool:
        return self._bridge.may(Action.CONFIGURE_THRESHOLDS, device.user_id)

    def _own_devices(self) -> list[Device]:
        return [device for device in in_order(self._bridge.catalogue.devices) if self._may_change(device)]

    def _entry(self, id: ThresholdId) -> ThresholdEntry | None:
        entries = self._answer.entries if self._answer is not None else ()
        return next((entry for entry in entries if entry.threshold.id == id), None)

    def _show_list(self) -> None:
        subject = None if self._built_editor is None else self._built_editor.subject
        if self._built_editor is not None:
            self._built_editor.close_subject()
        self._stack.setCurrentWidget(self._list)
        if subject is not None and subject.entry is not None:
            self._list.select([subject.entry.threshold.id])
        self._list.focus_list()

    def _open_proposal(self) -> None:
        proposal, self._proposal = self._proposal, None
        if proposal is None or self._answer is None:
            return
        if self.is_editing and not self.editor.may_leave():
            return
        if proposal.id == _NEW:
            self._open(None, proposal)
            return
        entry = self._entry(proposal.id)
        if entry is None:
            self._show_list()
            self._list.say("This limit was removed meanwhile.")
            return
        # Who owns it, and whether it is in service, is not what a proposal is about.
        stored = entry.threshold
        wanted = replace(proposal, user_id=stored.user_id, disabled_by=stored.disabled_by)
        wanted = replace(wanted, enabled=stored.enabled, disabled_reason=stored.disabled_reason)
        wanted = replace(wanted, disabled_at=stored.disabled_at)
        said = ", ".join(map(str, differences(stored, wanted, self._bridge.catalogue.quantities)))
        self._open(entry, wanted, f"Proposed: {said}. Nothing is stored yet." if said else "")

    def _open(self, entry: ThresholdEntry | None, threshold: Threshold, note: str = "") -> None:
        answer = self._answer
        device = self._bridge.catalogue.device(threshold.device)
        if answer is None or device is None:
            return
        devices = self._own_devices() if entry is None else [device]
        if entry is None and device not in devices:
            self._list.say("Only the device's owner or an administrator can add a limit to it.")
            return
        ids = {known.id for known in devices}
        others = [e.threshold for e in answer.entries if e.threshold.device in ids]
        may_change = self._may_change(device)
        self._stack.setCurrentWidget(self.editor)
        quantities = self._bridge.catalogue.quantities
        self.editor.open(
            EditorSubject(entry, threshold, devices, others, answer.people, may_change, note, quantities)
        )

    # -- what is done ----------------------------------------------------------------------------------

    def _do(self, name: str) -> None:
        if self._dialog is None and self._answer is not None:
            self._deeds[name]()

    def _new(self) -> None:
        chosen = self._list.selected()
        devices = self._own_devices()
        if not devices:
            self._list.say("You own no device yet; a limit belongs to one.")
            return
        likely = [row.device for row in chosen if row.device in devices]
        device = likely[0] if likely else devices[0]
        person = self._bridge.person
        known = [row.threshold for row in self._list.table_model.rows]
        metric, severity = first_free(device, known, self._bridge.catalogue.quantities)
        owner = None if person is None else person.id
        self._open(None, Threshold(_NEW, device.id, metric, None, None, severity, user_id=owner))

    def _edit(self) -> None:
        chosen = self._list.selected()
        if len(chosen) == 1:
            self._open(chosen[0].entry, chosen[0].threshold)
        elif mine := self._list.changeable():
            people = self._answer.people if self._answer is not None else {}
            rows = self._list.table_model.rows
            self._show_dialog(ManyDialog(mine, rows, people, self._themes, self))

    def _switch(self) -> None:
        rows = self._list.changeable()
        is_on = all(not row.threshold.enabled for row in rows)
        self._show_dialog(SwitchDialog(rows, self._themes, self, is_on=is_on))

    def _copy(self) -> None:
        chosen = self._list.selected()
        template = chosen[0].device
        rows = self._list.table_model.rows
        # One selected row stands for its device; several stand for themselves.
        sources = chosen if len(chosen) > 1 else [row for row in rows if row.device.id == template.id]
        others = self._own_devices()
        self._show_dialog(CopyDialog(template, sources, others, rows, self._themes, self))

    def _remove(self) -> None:
        self._show_dialog(RemoveDialog(self._list.changeable(), self._themes, self))

    def _import(self) -> None:
        path = self._choose_source(self, "Tables (*.xlsx *.csv)")
        if path is not None:
            devices = self._own_devices()
            self._show_dialog(ImportDialog(path, devices, self._bridge, self._now, self._themes, self))

    def _export(self) -> None:
        if self._bridge.is_locked:
            self._list.say("The controls are locked; enter the password to save files.")
            return
        chosen = self._list.selected()
        rows = chosen if len(chosen) > 1 else self._list.table_model.shown
        path = self._choose_target(self, "limits.xlsx", _FILES)
        if path is not None:
            entries = [row.entry for row in rows]
            catalogue = self._bridge.catalogue
            job = FileJob(ExportLimits(entries, catalogue.devices, path, catalogue.quantities), self)
            job.ended.connect(self._list.say)
            job.ended.connect(job.deleteLater)
            job.start()

    def _show_dialog(self, dialog: OrderDialog) -> None:
        self._dialog = dialog
        dialog.submitted.connect(partial(self._give, dialog))
        dialog.finished.connect(partial(self._on_dialog_closed, dialog))
        dialog.open()

    def _on_dialog_closed(self, dialog: OrderDialog, _result: int) -> None:
        if self._dialog is dialog:
            self._dialog = None
            self.window().activateWindow()
            self._list.focus_list()

    def _give(self, dialog: OrderDialog) -> None:
        order = dialog.order()
        ids = [edit.before.threshold.id for edit in order.edits if edit.before is not None]
        told = dialog.told
        dialog.set_busy(dialog.pending)
        self._list.table_model.set_pending(ids, dialog.pending)

        def take(_outcome: EditOutcome) -> None:
            if self._dialog is dialog:
                dialog.accept()
            self._list.say(told)
            self.refresh()

        def refuse(sentence: str) -> None:
            self._list.table_model.set_pending(ids, "")
            if self._dialog is dialog:
                dialog.refuse(sentence)
            else:
                self._list.say(sentence)
            self.refresh()

        self._bridge.command(ChangeThresholds(order.edits), take, refuse, self)

    def _store(self, edit: ThresholdEdit) -> None:
        self.editor.set_busy("Saving…")

        def take(outcome: EditOutcome) -> None:
            self.editor.close_subject()
            self._stack.setCurrentWidget(self._list)
            self._list.say("Saved; stations judge by it at once.")
            self._list.focus_list()
            known = [*outcome.added, *outcome.changed, *outcome.unchanged]
            self._wanted = known
            self.refresh()

        def refuse(sentence: str) -> None:
            self.editor.refuse(sentence)
            # What was refused is often out of date: show what is stored now beside it.
            self.refresh()

        self._bridge.command(ChangeThresholds((edit,)), take, refuse, self)
