"""One device as a form: tabs, what is wrong, what was changed, and what can be done with it.

It hands out what shall be stored and says what came of it; it stores nothing itself (`device_orders.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.permissions import OFFLINE
from console.catalogue.device_checks import general_faults, tag_faults
from console.catalogue.device_differences import device_differences
from console.panels.devices.connection_page import ConnectionPage
from console.panels.devices.device_actions import DEVICE_ACTIONS
from console.panels.devices.device_rows import DeviceRow
from console.panels.devices.editor_head import EditorHead
from console.panels.devices.editor_parts import EDITOR_PARTS, EditorPart
from console.panels.devices.editor_subject import EditorSubject
from console.panels.devices.editor_tools import EditorTools
from console.panels.devices.tags_page import TagsPage
from console.panels.devices.tool_offers import ToolOffers
from console.panels.wording import count_text
from console.widgets.confirm import Ask
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.quantities import Quantities
from models.records.device import Device, Tag
from models.records.device_edit import configuration, differs, merged

CONNECTION, TAGS = "connection", "tags"
_SHOWN_DIFFERENCES = 4
_READ_ONLY = "For looking only: the device's owner or an administrator can change it."


class DeviceEditor(QWidget):
    """Ctrl+S saves and actions have keys, from the list as well; Escape leads there.

    Attributes:
        submitted: What shall be stored (EditorSubject, Device).
        left: The keyboard shall go to the list.
        discarded: What was typed is gone (EditorSubject).
    """

    submitted = Signal(object, object)
    left = Signal()
    discarded = Signal(object)

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float], ask: Ask) -> None:
        """Store what is needed; `ask` shows a consequence and returns whether the person wants it."""
        super().__init__()
        self.setObjectName("device-editor")
        self._bridge, self._ask = bridge, ask
        self._subject: EditorSubject | None = None
        self._fresh: Device | None = None
        self._people: Mapping[int, str] = {}
        self._is_busy = self._is_gone = self._is_everything_said = False
        self._faults: dict[str, str] = {}
        self._offers = ToolOffers(self)
        self._head = EditorHead(theme_source)
        self._tabs = QTabWidget()
        self._page = ConnectionPage(theme_source)
        self._tags = TagsPage(theme_source)
        self._parts = {kind.key: kind.build(bridge, theme_source, now) for kind in EDITOR_PARTS}
        self._said = plain_label()
        self._tools = EditorTools(
            self,
            bridge,
            theme_source,
            now,
            self._page,
            self._tags,
            lambda: self._subject,
            lambda: self.typed,
            lambda: self._faults,
            lambda: self.quantities,
            self._add_tags,
        )
        self._lay_out()
        self._connect()

    # -- what is edited --------------------------------------------------------------------------------

    @property
    def subject(self) -> EditorSubject | None:
        """What is edited; None before anything was opened."""
        return self._subject

    @property
    def page(self) -> ConnectionPage:
        """The first tab."""
        return self._page

    @property
    def tags(self) -> TagsPage:
        """The second tab."""
        return self._tags

    @property
    def dialog(self) -> QWidget | None:
        """The dialog that was opened last."""
        return self._tools.dialog

    @property
    def quantities(self) -> Quantities:
        """What can be measured at this site."""
        return self._bridge.catalogue.quantities

    @property
    def faults(self) -> Mapping[str, str]:
        """Everything that is wrong, said or not yet, by place."""
        return self._faults

    @property
    def said(self) -> str:
        """What came of the last order."""
        return self._said.text()

    @property
    def typed(self) -> Device:
        """The device as it stands in the form."""
        subject = self._require()
        device = self._page.typed(subject.stored or subject.begun)
        return replace(device, tags=self._tags.table_model.tags)

    @property
    def is_changed(self) -> bool:
        """Whether leaving would lose something."""
        subject = self._subject
        if subject is None or not subject.may_change or self._is_gone:
            return False
        if subject.stored is None:
            return subject.origin is not None or differs(subject.begun, self.typed)
        return differs(subject.stored, self.typed)

    def open(self, subject: EditorSubject, begun: Device | None = None) -> None:
        """Edit this from now on; `begun`: other values than the subject's to begin with."""
        shown = begun or subject.begun
        self._subject, self._fresh = subject, None
        self._is_busy = self._is_gone = self._is_everything_said = False
        self._head.notice.say("")
        self._page.show_subject(subject, shown)
        self._tags.show_tags(
            shown.tags,
            subject.stored.tags if subject.stored is not None else (),
            self.quantities,
            self._page.address_help,
            may_change=subject.may_change,
        )
        for part in self._parts.values():
            cast("EditorPart", part).show_device(subject.stored)
        self.say("")
        self._follow()
        self._tools.touch()

    def close_subject(self) -> None:
        """Rest; nothing is edited."""
        self._subject = None
        self._tools.rest()

    def show_state(self, row: DeviceRow | None) -> None:
        """Show how the device answers; None: it is a new one."""
        self._head.show_state(row)

    def offer_known(self, devices: Sequence[Device], people: Mapping[int, str], *, may_give: bool) -> None:
        """Offer what is known to be completed from."""
        self._people = people
        self._tags.table_model.set_quantities(self.quantities)
        self._page.offer_known(devices, people, may_give=may_give)

    def take_fresh(self, device: Device | None, who: str = "") -> None:
        """Hear what is stored now: somebody else may have changed or removed it.

        Args:
            device: As it is stored; None = it is gone.
            who: Who changed it and when, in words; empty where that is not known yet.
        """
        subject = self._subject
        if subject is None or subject.stored is None or self._is_busy:
            return
        if device is None:
            self._is_gone = True
            words = f"{subject.stored.name} was removed meanwhile; what you typed can only be read."
            self._head.notice.say(words)
        elif configuration(device) == configuration(subject.stored):
            # Sealed anew after a change of the key, or nothing at all.
            if device.connection != subject.stored.connection:
                self._rebase(device, merged(subject.stored, self.typed, device))
        elif not self.is_changed:
            self._rebase(device, device)
        else:
            self._fresh = device
            found = device_differences(subject.stored, device, self.quantities, self._people)
            more = " …" if len(found) > _SHOWN_DIFFERENCES else ""
            theirs = ", ".join(map(str, found[:_SHOWN_DIFFERENCES])) + more
            self._head.notice.say(
                f"{who or 'Somebody'} changed this device meanwhile: {theirs}. “Save over” keeps both: yours "
                "where you changed something, theirs everywhere else.",
                "Take theirs",
                "Save over",
            )
        self._follow()

    def set_busy(self, words: str) -> None:
        """Show that it is on its way; empty: no more."""
        self._is_busy = bool(words)
        self.say(words)
        self._follow()

    def say(self, sentence: str) -> None:
        """Say what came of something; everything typed is still there."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def adopt(self, device: Device, *, may_change: bool) -> None:
        """Go on from what was stored a moment ago."""
        said = self.said
        self._subject = EditorSubject(device, device, may_change)
        self._rebase(device, device)
        self.say(said)

    def save(self) -> None:
        """Hand out what shall be stored, if it is in order; else lead to what is wrong."""
        subject = self._subject
        if subject is None or not subject.may_change or self._is_busy or self._is_gone or self._fresh:
            return
        self._is_everything_said = True
        self._follow()
        if self._faults:
            self._lead_to_fault()
            self.say(f"{count_text(len(self._faults), 'field')} to mend before this can be saved.")
        elif self.is_changed:
            self.submitted.emit(subject, self.typed)

    def may_leave(self) -> bool:
        """Tell whether something else may be shown; asks first where something typed would be lost.

        While it is on its way nothing else may: it could still come back refused.
        """
        if (subject := self._subject) is None or self._is_busy or not self.is_changed:
            return not self._is_busy
        changes: list[str] = []
        if subject.stored is not None:
            found = device_differences(subject.stored, self.typed, self.quantities, self._people)
            changes = [str(change) for change in found]
        name = self.typed.name or "the new device"
        return self._ask(self, f"What you typed for {name} is not stored.", "Leave without saving", changes)

    def discard(self) -> None:
        """Show what is stored again; of a new device nothing is left."""
        subject = self._subject
        if subject is not None and not self._is_busy:
            self.open(subject)
            self.discarded.emit(subject)

    def parts(self) -> list[str]:
        """Return the keys of the tabs."""
        return [CONNECTION, TAGS, *self._parts]

    def show_part(self, key: str) -> None:
        """Show a tab by its key."""
        if key in self.parts():
            self._tabs.setCurrentIndex(self.parts().index(key))

    def focus_form(self) -> None:
        """Put the keyboard where typing begins on the tab that is shown."""
        shown = self._tabs.currentWidget()
        if shown is self._tags:
            self._tags.focus_first()
        elif shown is self._page:
            self._page.general.focus_first()
        else:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- private ---------------------------------------------------------------------------------------

    def _require(self) -> EditorSubject:
        if self._subject is None:
            raise LookupError("No device is in the editor.")
        return self._subject

    def _rebase(self, device: Device, begun: Device) -> None:
        """Go on from what is stored now, with these values in the form."""
        may_change, said = self._require().may_change, self.said
        self.open(EditorSubject(device, device, may_change), begun)
        self.say(said)

    def _on_notice(self, number: int) -> None:
        subject, fresh = self._subject, self._fresh
        if subject is None or subject.stored is None or fresh is None:
            return
        self._rebase(fresh, merged(subject.stored, self.typed, fresh) if number else fresh)
        if number:
            self.save()

    def _on_edited(self) -> None:
        self.say("")
        self._follow()
        self._tools.touch()

    def _judge(self) -> dict[str, str]:
        typed, spec = self.typed, self._page.spec
        faults = general_faults(typed, self._bridge.catalogue.devices)
        if text := self._page.general.period_fault:
            faults["period_s"] = text
        if spec is not None:
            faults |= {f"connection.{name}": text for name, text in self._page.form.faults.items()}
            faults |= tag_faults(typed.tags, spec.parse_address, self.quantities)
        return faults | self._tags.table_model.own_faults()

    def _follow(self) -> None:
        """Show what is wrong, what was changed, and what can be done about it."""
        subject = self._subject
        if subject is None:
            return
        may_change = subject.may_change and not self._is_gone
        self._page.check()
        self._faults = self._judge() if may_change else {}
        self._page.show_faults(self._faults, is_everything_said=self._is_everything_said)
        self._page.mark_changes()
        is_missing_said = self._is_everything_said or self._tags.isVisible()
        self._tags.show_faults(
            {
                place: text
                for place, text in self._faults.items()
                if place.startswith("tags[") or (place == "tags" and is_missing_said)
            }
        )
        is_changed, typed = self.is_changed, self.typed
        self._head.show_title(typed.name or "New device", is_changed=is_changed)
        self._tabs.setTabText(1, f"Tags ({len(typed.tags)})")
        is_free = is_changed and not self._is_busy
        self._head.follow(
            may_change=may_change, may_save=is_free and self._fresh is None, may_discard=is_free
        )
        offered = self._offers.of(self._page.spec)
        self._page.set_offered(offered)
        self._head.offer_actions(offered if may_change else frozenset())
        if not subject.may_change:
            self.say(OFFLINE if self._bridge.link.is_offline else _READ_ONLY)

    def _lead_to_fault(self) -> None:
        is_elsewhere = any(not place.startswith("tags") for place in self._faults)
        self._tabs.setCurrentWidget(self._page if is_elsewhere else self._tags)
        if is_elsewhere:
            self._page.focus_fault(self._faults)
        elif not self._tags.focus_fault():
            self._tags.focus_first()

    def _add_tags(self, tags: Sequence[Tag]) -> None:
        self._tabs.setCurrentWidget(self._tags)
        self._tags.add_tags(tags)

    def _open_action(self, name: str) -> None:
        if self._subject is not None and self._head.offers(name):
            self._tools.open_action(name)

    def _open_by_keys(self, keys: str) -> None:
        names = [action.name for action in DEVICE_ACTIONS if action.keys == keys]
        self._open_action(next(filter(self._head.offers, names), names[0]))

    def _lay_out(self) -> None:
        self._tabs.setObjectName("device-editor-tabs")
        self._tabs.setDocumentMode(True)
        self._said.setObjectName("device-editor-said")
        self._said.setWordWrap(True)
        self._said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._said.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._head)
        layout.addWidget(self._tabs, 1)
        self._tabs.addTab(self._page, "Connection")
        self._tabs.addTab(self._tags, "Tags")
        for kind in EDITOR_PARTS:
            self._tabs.addTab(self._parts[kind.key], kind.title)
        layout.addWidget(self._said)

    def _connect(self) -> None:
        self._page.edited.connect(self._on_edited)
        self._page.protocol_changed.connect(lambda: self._tags.show_address_help(self._page.address_help))
        self._offers.known.connect(self._follow)
        self._tags.edited.connect(self._on_edited)
        self._head.save_wanted.connect(self.save)
        self._head.discard_wanted.connect(self.discard)
        self._head.chosen.connect(self._on_notice)
        self._head.action_wanted.connect(self._open_action)
        keys: dict[str, Callable[[], object]] = {"Ctrl+S": self.save}
        keys |= {one.keys: partial(self._open_by_keys, one.keys) for one in DEVICE_ACTIONS if one.keys}
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(act)
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence("Escape"), self, context=inside).activated.connect(self.left)
