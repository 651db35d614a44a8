"""One rollout in full: where it stands, what may be asked of it, its waves, evidence, journal and plan."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from console.catalogue.rollout_acts import Act
from console.catalogue.rollout_words import ROLLOUT_WORDS, approval_words, override_asked, settings_words
from console.panels.elided_label import ElidedLabel
from console.panels.firmware.evidence_view import EvidenceView
from console.panels.firmware.firmware_questions import RolloutNow
from console.panels.firmware.journal_model import WIDTHS, JournalModel
from console.panels.firmware.order_words import LABELS, TIPS, plan_size
from console.panels.firmware.rollout_mark import MARK_OF_ROLLOUT, MarkLamp
from console.panels.firmware.wave_rows import columns_of
from console.panels.firmware.waves_view import WavesView
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.quantities import Quantities
from models.records.device import DeviceId
from models.records.rollout import Rollout, RolloutState, WaveState

WAVES, EVIDENCE, JOURNAL, PLAN = "waves", "evidence", "journal", "plan"
_TITLES = {WAVES: "Waves", EVIDENCE: "Evidence", JOURNAL: "Journal", PLAN: "Plan"}
_STANDS_STILL = (RolloutState.HALTED, RolloutState.RUNNING)
"""It can be gone on with: after a halt, or with a wave that is held."""
_SAID = {
    "plan": "Approved by",
    "override asked": "Asks to go on",
    "override agreed": "Agreed to going on",
}


class RolloutPane(QWidget):
    """Shows one rollout; what is pressed here is asked about elsewhere.

    Attributes:
        wanted: Something was pressed (Act).
        device_wanted: A device shall be shown (DeviceId).
        report_wanted: The closing report shall be saved.
    """

    wanted = Signal(object)
    device_wanted = Signal(object)
    report_wanted = Signal()

    def __init__(
        self, theme_source: ThemeSource, name_of: Callable[[DeviceId], str], now: Callable[[], float]
    ) -> None:
        super().__init__()
        self.setObjectName("rollout")
        self._name_of, self._now = name_of, now
        self._shown: object = None
        self._mark = MarkLamp(theme_source)
        self._name = ElidedLabel()
        self._name.setObjectName("rollout-name")
        self._name.setFont(text_font(BODY_PX + 4, QFont.Weight.DemiBold))
        self._state = plain_label()
        self._state.setObjectName("rollout-state")
        self._state.setWordWrap(True)
        self._state.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._facts = plain_label()
        self._facts.setObjectName("rollout-facts")
        self._facts.setWordWrap(True)
        self._buttons = {act: self._button(act) for act in Act}
        self._report = QPushButton("Save rep&ort…")
        self._waves = WavesView(theme_source)
        self._evidence = EvidenceView(theme_source)
        self._journal = JournalModel(name_of, now, self)
        self._tabs = QTabWidget()
        self._plan = QFormLayout()
        self._plan_rows: list[tuple[QLabel, QLabel]] = []
        self._lay_out()
        self._waves.entered.connect(self._evidence.choose)
        self._waves.device_wanted.connect(self.device_wanted)
        self._report.clicked.connect(self.report_wanted)

    @property
    def waves(self) -> WavesView:
        """The columns."""
        return self._waves

    def show_part(self, part: str) -> None:
        """Show a tab."""
        self._tabs.setCurrentIndex(list(_TITLES).index(part))

    def show_rollout(self, now: RolloutNow, acts: tuple[Act, ...], quantities: Quantities) -> None:
        """Show another state of it, or another rollout."""
        one = now.rollout
        is_other = self._shown != one.id
        self._shown = one.id
        self._mark.show_mark(MARK_OF_ROLLOUT[one.state])
        self._name.setText(one.name)
        self._state.setText(head_words(now))
        self._facts.setText(self._facts_of(one))
        self._offer(acts)
        self._report.setVisible(one.started_at is not None or one.ended_at is not None)
        columns = columns_of(now, self._name_of)
        self._waves.show_columns(columns, self._now())
        self._evidence.show_columns(columns, quantities)
        if is_other:
            self._evidence.choose_worst()
        self._journal.show_rows(now.events)
        self._show_plan(one, quantities)

    def press(self, act: Act) -> None:
        """Press a button, where it is offered."""
        if self._buttons[act].isVisibleTo(self):
            self._buttons[act].click()

    # -- private ---------------------------------------------------------------------------------------

    def _facts_of(self, one: Rollout) -> str:
        now = moment_from_unix(self._now())
        parts = [f"{one.version} for {plan_size(one)}"]
        parts.append(f"planned by {one.creator or 'somebody'} {moment_text(one.created_at, now)}")
        if approved := approval_words(one.approvals):
            parts.append(f"approved by {approved}")
        if one.started_at is not None:
            parts.append(f"started {moment_text(one.started_at, now)}")
        if one.ended_at is not None:
            parts.append(f"ended {moment_text(one.ended_at, now)}")
        if one.conductor:
            parts.append(f"conducted by {one.conductor}")
        if one.undoes is not None:
            parts.append(f"takes back rollout {one.undoes}")
        return " · ".join(parts)

    def _offer(self, acts: tuple[Act, ...]) -> None:
        for act, button in self._buttons.items():
            is_offered = act in acts
            if not is_offered and button.hasFocus():
                # Otherwise Qt gives the keyboard to the next button, and a second Enter would press that.
                self._tabs.setFocus(Qt.FocusReason.OtherFocusReason)
            button.setVisible(is_offered)

    def _show_plan(self, one: Rollout, quantities: Quantities) -> None:
        rows = settings_words(one.plan.settings, quantities)
        rows += [
            (
                _SAID.get(each.kind, each.kind),
                (each.person or "somebody") + (f": {each.reason}" if each.reason else ""),
            )
            for each in one.approvals
        ]
        while len(self._plan_rows) < len(rows):
            words = plain_label()
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._plan_rows.append((plain_label(), words))
            self._plan.addRow(*self._plan_rows[-1])
        for place, pair in enumerate(self._plan_rows):
            for part, text in zip(pair, rows[place] if place < len(rows) else ("", ""), strict=True):
                part.setText(text)
                part.setVisible(bool(text))

    def _button(self, act: Act) -> QPushButton:
        button = QPushButton(LABELS[act])
        button.setObjectName(f"rollout-{act}")
        button.setToolTip(TIPS.get(act, ""))
        button.setAutoDefault(True)
        button.hide()
        button.clicked.connect(lambda: self.wanted.emit(act))
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._name, 1)
        head.addWidget(self._report)
        self._report.setObjectName("rollout-report")
        self._report.setToolTip("As PDF: plan, approvals, waves, evidence, every device, journal.")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in self._buttons.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        journal = make_table("rollout-journal", "Journal of the rollout")
        set_columns(journal, self._journal, WIDTHS)
        journal.setItemDelegate(WholeRowDelegate(journal))
        self._tabs.setObjectName("rollout-tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("Parts of the rollout")
        for page, title in zip(
            (self._waves, self._evidence, journal, self._plan_page()), _TITLES.values(), strict=True
        ):
            self._tabs.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._state)
        layout.addWidget(self._facts)
        layout.addLayout(buttons)
        layout.addWidget(self._tabs, 1)

    def _plan_page(self) -> QWidget:
        inside = QWidget()
        self._plan.setContentsMargins(6, 10, 6, 6)
        self._plan.setHorizontalSpacing(18)
        inside.setLayout(self._plan)
        page = QScrollArea()
        page.setObjectName("rollout-plan")
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setWidgetResizable(True)
        page.setWidget(inside)
        return page


def head_words(now: RolloutNow) -> str:
    """Return where a rollout stands and why: "Halted: 2 of 12 updates failed."."""
    one = now.rollout
    words = ROLLOUT_WORDS[one.state].capitalize()
    said = f"{words}: {one.reason}" if one.reason else f"{words}."
    held = [wave for wave in now.waves if wave.state is WaveState.HELD]
    if held and one.state is RolloutState.RUNNING:
        said = f"Wave {held[0].place + 1} is held until somebody decides: {held[0].reason}"
    asked = override_asked(one.approvals)
    if asked is None or one.state not in _STANDS_STILL:
        return said
    return f"{said} {asked.person or 'Somebody'} asks to go on: {asked.reason} A second person has to agree."
