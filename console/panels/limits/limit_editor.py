"""The editor of one threshold: form on the left, trend and back-test on the right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.catalogue.threshold_fields import Difference, differences
from console.catalogue.threshold_sheet import name_of
from console.panels.elided_label import ElidedLabel
from console.panels.limits.back_test_view import BackTestView
from console.panels.limits.limit_form import FormSubject, LimitForm
from console.panels.limits.notice_bar import NoticeBar
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.confirm import Ask
from console.widgets.fonts import text_font
from console.widgets.theme import ThemeSource
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import Threshold
from models.records.threshold_entry import ThresholdEdit, ThresholdEntry

_FORM_PX = 372


@dataclass(frozen=True, slots=True)
class EditorSubject:
    """What is edited.

    Attributes:
        entry: As it is stored; None for a new one.
        threshold: What the form begins with.
        devices: Its device, or those offered for a new one.
        others: The other thresholds of these devices.
        people: Names of possible owners by `users.id`.
        may_change: Otherwise the form is for looking, and for trying.
        note: Why the form begins with other values than those stored; empty otherwise.
        quantities: What can be measured at the site.
    """

    entry: ThresholdEntry | None
    threshold: Threshold
    devices: Sequence[Device]
    others: Sequence[Threshold]
    people: Mapping[int, str]
    may_change: bool
    note: str = ""
    quantities: Quantities = THE_SIX


class LimitEditor(QWidget):
    """Escape leads back, Ctrl+S saves, Ctrl+R replays.

    Attributes:
        left: The person wants the list again.
        submitted: What shall be stored (ThresholdEdit).
    """

    left = Signal()
    submitted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        ask: Ask,
        parent: QWidget | None = None,
    ) -> None:
        """Store what is needed; `ask` shows a consequence and returns whether the person wants it."""
        super().__init__(parent)
        self.setObjectName("limit-editor")
        self._now = now
        self._ask = ask
        self._subject: EditorSubject | None = None
        self._fresh: ThresholdEntry | None = None
        self._is_gone = False
        self._is_busy = False
        self._form = LimitForm(theme_source)
        self._view = BackTestView(bridge, theme_source, now)
        self._title = ElidedLabel()
        self._title.setObjectName("limit-editor-title")
        self._title.setFont(text_font(16, QFont.Weight.DemiBold))
        self._back = QPushButton("‹ All limits  (Esc)")
        self._back.setObjectName("limit-back")
        self._save = QPushButton("Save  (Ctrl+S)")
        self._save.setObjectName("limit-save")
        self._revert = QPushButton("Undo all")
        self._revert.setObjectName("limit-revert")
        self._said = ElidedLabel()
        self._said.setObjectName("limit-editor-said")
        self._said.setFont(text_font(13, QFont.Weight.DemiBold))
        self._bar = NoticeBar("limit-notice", theme_source)
        self._lay_out()
        self._connect()

    # -- what is edited --------------------------------------------------------------------------------

    @property
    def form(self) -> LimitForm:
        """The fields."""
        return self._form

    @property
    def view(self) -> BackTestView:
        """The trend and the back-test."""
        return self._view

    @property
    def subject(self) -> EditorSubject | None:
        """What is edited; None before anything was opened."""
        return self._subject

    @property
    def changes(self) -> list[Difference]:
        """What differs from what is stored."""
        subject, typed = self._subject, self._form.threshold
        if subject is None or typed is None or subject.entry is None:
            return []
        found = differences(subject.entry.threshold, typed, subject.quantities)
        if typed.user_id != subject.entry.threshold.user_id:
            name = subject.people.get(typed.user_id or 0, "nobody")
            found.append(Difference("Owner", subject.entry.owner or "nobody", name))
        return found

    @property
    def is_changed(self) -> bool:
        """Whether leaving would lose something."""
        subject, typed = self._subject, self._form.threshold
        if subject is None or typed is None or not subject.may_change or self._is_gone:
            return False
        return bool(self.changes) if subject.entry is not None else typed != subject.threshold

    def open(self, subject: EditorSubject) -> None:
        """Edit this from now on, and replay it at once."""
        self._subject, self._fresh, self._is_gone = subject, None, False
        self._is_busy = False
        is_new = subject.entry is None
        stored = subject.threshold if subject.entry is None else subject.entry.threshold
        form = _form_subject(subject, stored, is_new=is_new)
        self._bar.say(subject.note)
        self._say("")
        self._form.show_subject(form, subject.threshold)
        device = self._device()
        typed = self._form.threshold
        if device is not None and typed is not None:
            self._view.begin(device, typed, is_new=is_new, may_drag=subject.may_change)
        self._follow(at_once=True)
        self._scroll.verticalScrollBar().setValue(0)
        self._form.focus_first()

    def close_subject(self) -> None:
        """Rest; nothing is edited."""
        self._subject = None
        self._view.stop()

    def take_fresh(self, entry: ThresholdEntry | None) -> None:
        """Hear what is stored now: somebody else may have changed or removed it."""
        subject = self._subject
        if subject is None or subject.entry is None or self._is_busy:
            return
        if entry is None:
            self._is_gone = True
            self._bar.say("This limit was removed meanwhile; what you typed can only be read.")
        elif entry.changed_at != subject.entry.changed_at and not self.is_changed:
            self._rebase(entry, keeps_mine=False)
        elif entry.changed_at != subject.entry.changed_at:
            self._fresh = entry
            theirs = ", ".join(
                map(str, differences(subject.entry.threshold, entry.threshold, subject.quantities))
            )
            when = moment_text(entry.changed_at, moment_from_unix(self._now()))
            who = entry.changed_by or "Somebody"
            self._bar.say(
                f"{who} changed this limit at {when}: {theirs or 'its owner'}.", "Take theirs", "Keep mine"
            )
        self._follow_buttons()

    def set_busy(self, words: str) -> None:
        """Show that the change is on its way."""
        self._is_busy = True
        self._say(words)
        self._follow_buttons()

    def refuse(self, sentence: str) -> None:
        """Say why it was not stored; everything typed is still there."""
        self._is_busy = False
        self._say(sentence)
        self._follow_buttons()

    def save(self) -> None:
        """Hand out what shall be stored, if it is in order."""
        subject, typed = self._subject, self._form.threshold
        if subject is None or typed is None or not self._save.isEnabled():
            if self._form.faults:
                self._form.focus_fault()
            return
        self.submitted.emit(ThresholdEdit(subject.entry, typed))

    def may_leave(self) -> bool:
        """Tell whether something else may be shown; asks first where something typed would be lost."""
        if not self.is_changed or self._is_busy:
            return True
        changes = [str(change) for change in self.changes]
        words = count_text(len(changes), "change") if changes else "The new limit"
        verb = "is" if len(changes) <= 1 else "are"
        return self._ask(self, f"{words} of yours {verb} not stored.", "Leave without saving", changes)

    def leave(self) -> None:
        """Go back to the list."""
        if self.may_leave():
            self.left.emit()

    # -- private ---------------------------------------------------------------------------------------

    def _device(self) -> Device | None:
        subject, typed = self._subject, self._form.threshold
        if subject is None:
            return None
        wanted = (typed or subject.threshold).device
        return next((device for device in subject.devices if device.id == wanted), None)

    def _rebase(self, entry: ThresholdEntry, *, keeps_mine: bool) -> None:
        """Go on from what is stored now."""
        subject, typed = self._subject, self._form.threshold
        if subject is None or typed is None:
            return
        self._fresh = None
        wanted = typed if keeps_mine else entry.threshold
        self._subject = replace(subject, entry=entry, threshold=wanted, note="")
        form = _form_subject(subject, entry.threshold, is_new=False)
        self._form.show_subject(form, wanted)
        self._bar.say("")
        self._follow()

    def _follow(self, *, at_once: bool = False) -> None:
        device, typed = self._device(), self._form.threshold
        subject = self._subject
        if subject is None or device is None or typed is None:
            return
        self._title.setText(
            name_of(typed, device, subject.quantities) if subject.entry is not None else "New limit"
        )
        self._view.follow(device, typed, is_sound=_is_replayable(self._form.faults), at_once=at_once)
        self._follow_buttons()

    def _follow_buttons(self) -> None:
        subject = self._subject
        may_change = subject is not None and subject.may_change and not self._is_gone
        is_free = not self._is_busy and self._fresh is None
        is_worth_it = self.is_changed or (subject is not None and subject.entry is None)
        self._save.setVisible(may_change)
        self._revert.setVisible(may_change)
        self._save.setEnabled(may_change and is_free and is_worth_it and not self._form.faults)
        self._revert.setEnabled(self.is_changed and not self._is_busy)
        if subject is not None and not subject.may_change and not self._is_busy:
            self._say("For looking only: the device's owner or an administrator can change it.")
        elif may_change and not self._is_busy and not self._said_is_answer:
            self._show_changes()

    def _show_changes(self) -> None:
        faults = len(self._form.faults)
        if faults and self._form.is_touched:
            self._said.setText(f"{count_text(faults, 'field')} to mend")
        elif self.changes:
            self._said.setText(", ".join(map(str, self.changes)))
        else:
            self._said.setText("")

    def _say(self, sentence: str) -> None:
        self._said_is_answer = bool(sentence)
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def _on_edit(self) -> None:
        self._said_is_answer = False
        self._follow()

    def _on_revert(self) -> None:
        subject = self._subject
        if subject is not None:
            stored = subject.threshold if subject.entry is None else subject.entry.threshold
            form = _form_subject(subject, stored, is_new=subject.entry is None)
            self._form.show_subject(form)
            self._on_edit()

    def _on_notice(self, number: int) -> None:
        if self._fresh is not None:
            self._rebase(self._fresh, keeps_mine=number == 1)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for part in (self._back, self._title):
            top.addWidget(part)
        top.setStretch(1, 2)
        top.addWidget(self._said, 3)
        top.addWidget(self._revert)
        top.addWidget(self._save)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("limit-form-area")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._form)
        self._scroll.setMinimumWidth(_FORM_PX)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._scroll)
        splitter.addWidget(self._view)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_FORM_PX, 800])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._bar)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self._said_is_answer = False
        self._form.edited.connect(self._on_edit)
        self._view.dragged.connect(self._form.set_number)
        self._back.clicked.connect(self.leave)
        self._save.clicked.connect(self.save)
        self._revert.clicked.connect(self._on_revert)
        self._bar.chosen.connect(self._on_notice)
        for keys, act in (("Escape", self.leave), ("Ctrl+S", self.save), ("Ctrl+R", self._view.replay)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)


def _form_subject(subject: EditorSubject, stored: Threshold, *, is_new: bool) -> FormSubject:
    return FormSubject(
        stored,
        subject.devices,
        subject.others,
        subject.people,
        is_new,
        subject.may_change,
        subject.quantities,
    )


def _is_replayable(faults: Mapping[str, str]) -> bool:
    """Tell whether the past can be replayed: words and double thresholds do not matter for that."""
    return not set(faults) - {"reason", "severity", "cause", "consequence", "action", "respond", "realarm"}
