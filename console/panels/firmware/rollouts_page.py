"""The tab of rollouts: the list beside the one that is selected, and what can be done with it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.catalogue.rollout_acts import Act, Standing, acts_of, is_planner
from console.catalogue.rollout_words import is_held, worst_first
from console.panels.elided_label import ElidedLabel
from console.panels.firmware.firmware_questions import AskHeads, AskRollout, RolloutNow
from console.panels.firmware.rollout_orders import RolloutOrders
from console.panels.firmware.rollout_pane import RolloutPane
from console.panels.firmware.rollout_saver import RolloutSaver
from console.panels.firmware.rollouts_list import RolloutsList
from console.panels.wording import count_text
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId
from models.records.rights import Action
from models.records.rollout import Rollout, RolloutHead, RolloutId, RolloutState

_AGAIN_MS = 400
_SAID_MS = 15_000
_LIST_PX = 260


class RolloutsPage(QWidget):
    """Follows the database's announcements, at most twice a second, while it is seen.

    Attributes:
        device_wanted: A device shall be shown (DeviceId).
        plan_wanted: A plan shall be made: None = a new one; an (Act, RolloutNow) to edit or to take back.
    """

    device_wanted = Signal(object)
    plan_wanted = Signal(object)

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        super().__init__()
        self.setObjectName("firmware-rollouts")
        self._bridge, self._themes, self._now = bridge, theme_source, now
        self._heads: tuple[RolloutHead, ...] = ()
        self._shown: RolloutNow | None = None
        self._is_asking = self._is_answered = self._is_stale = False
        self._asked: RolloutId | None = None
        self._orders = RolloutOrders(bridge, theme_source, self)
        self._saver = RolloutSaver(bridge, self)
        self._summary = ElidedLabel()
        self._new = QPushButton("&New rollout…")
        self._said = plain_label()
        self._list = RolloutsList(theme_source)
        self._pane = RolloutPane(theme_source, self.name_of, now)
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._empty = EmptyState(theme_source, "mdi6.update", "No rollout yet", "")
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_heads()

    @property
    def pane(self) -> RolloutPane:
        """The selected rollout."""
        return self._pane

    @property
    def list_view(self) -> RolloutsList:
        """The list."""
        return self._list

    @property
    def orders(self) -> RolloutOrders:
        """What asks before anything is written."""
        return self._orders

    def is_populated(self) -> bool:
        """Tell whether rollouts have been told, and the selected one."""
        return self._is_answered and (not self._heads or self._shown is not None)

    def name_of(self, device: DeviceId) -> str:
        """Return what people call a device."""
        found = self._bridge.catalogue.device(device)
        return f"Device {device}" if found is None else found.name

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Ask anew, now; what is shown stays meanwhile."""
        if self._is_asking:
            self._is_stale = True
            return
        self._is_asking, self._is_stale = True, False
        self._bridge.ask(AskHeads(), self._take_heads, self._on_unanswered, self)

    def select(self, rollout: RolloutId) -> None:
        """Show a rollout, now or as soon as it is told of."""
        self._list.select(rollout)
        self.refresh()

    def show_heads(self, heads: list[RolloutHead]) -> None:
        """Show these rollouts."""
        self._is_answered = True
        self._heads = tuple(worst_first(heads))
        self._show_heads()

    def show_now(self, now: RolloutNow) -> None:
        """Show a rollout in full, if it is still the selected one."""
        head = self._list.selected()
        if head is not None and head.id == now.rollout.id:
            self._shown = now
            self._show_pane()

    def say(self, sentence: str) -> None:
        """Say what came of something, for some seconds."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))
        self._forget_said.start()

    # -- private ---------------------------------------------------------------------------------------

    def _take_heads(self, heads: list[RolloutHead]) -> None:
        self._is_asking, self._asked = False, None
        self.show_heads(heads)
        if self._asked is None:
            self._ask_selected()
        if self._is_stale:
            self._again.start()

    def _ask_selected(self) -> None:
        head = self._list.selected()
        if head is not None and self.isVisible():
            self._asked = head.id
            self._bridge.ask(AskRollout(head.id), self.show_now, self._on_unanswered, self)

    def _on_unanswered(self, sentence: str) -> None:
        # The window's frame says that the database is away; what was known stays.
        self._is_asking, self._is_answered = False, True
        if self._bridge.link.is_window_live:
            self.say(sentence)
        self._show_heads()

    def _show_heads(self) -> None:
        self._list.show_heads(self._heads)
        may_plan = self._bridge.may_somewhere(Action.DEPLOY_FIRMWARE)
        self._new.setVisible(may_plan)
        if not self._is_answered:
            self._summary.setText("Loading…")
        else:
            self._summary.setText(summary(self._heads))
        advice = (
            "A rollout brings a released version to many devices, wave by wave: New rollout plans one."
            if may_plan
            else "A rollout brings a released version to many devices, wave by wave. Engineers and "
            "administrators plan one; anybody here may pause or halt it."
        )
        self._empty.set_text("No rollout yet" if self._is_answered else "Loading…", advice)
        self._stack.setCurrentIndex(0 if self._heads else 1)

    def _on_chosen(self) -> None:
        head = self._list.selected()
        if head is None:
            self._shown = None
        elif self._shown is None or self._shown.rollout.id != head.id:
            self._ask_selected()

    def _show_pane(self) -> None:
        if self._shown is not None:
            self._pane.show_rollout(self._shown, self._acts(self._shown), self._bridge.catalogue.quantities)

    def _acts(self, now: RolloutNow) -> tuple[Act, ...]:
        person = self._bridge.person
        if person is None:
            return ()
        return acts_of(Standing(now.rollout, now.waves, person, self._may_plan(now.rollout)))

    def _may_plan(self, rollout: Rollout) -> bool:
        person, catalogue = self._bridge.person, self._bridge.catalogue
        if person is None or not self._bridge.may_somewhere(Action.DEPLOY_FIRMWARE):
            return False
        planned = [one.device for one in rollout.plan.devices if one.wave is not None]
        owners = {device.id: device.user_id for device in catalogue.devices}
        return is_planner(person, planned, owners)

    def _on_wanted(self, act: Act) -> None:
        now = self._shown
        if now is None or act not in self._acts(now):
            return
        if act in (Act.EDIT, Act.TAKE_BACK):
            self.plan_wanted.emit((act, now))
        else:
            self._orders.ask(act, now, self.name_of)

    def _save_report(self) -> None:
        if self._shown is not None:
            self._saver.save(self._shown.rollout)

    def _on_changed(self) -> None:
        if self.isVisible() and not self._again.isActive():
            self._again.start()

    def _connect(self) -> None:
        self._bridge.firmware_changed.connect(self._on_changed)
        self._bridge.catalogue_changed.connect(self._on_catalogue)
        self._again.timeout.connect(self.refresh)
        self._list.chosen.connect(self._on_chosen)
        self._pane.wanted.connect(self._on_wanted)
        self._pane.device_wanted.connect(self.device_wanted)
        self._pane.report_wanted.connect(self._save_report)
        self._saver.said.connect(self.say)
        self._orders.said.connect(self.say)
        self._orders.settled.connect(self.select)
        self._new.clicked.connect(lambda: self.plan_wanted.emit(None))
        self._forget_said.timeout.connect(lambda: self.say(""))

    def _on_catalogue(self) -> None:
        if self.isVisible():
            self._show_heads()
            self._show_pane()

    def _lay_out(self) -> None:
        self._summary.setObjectName("rollouts-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._new.setObjectName("rollouts-new")
        self._said.setObjectName("rollouts-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._said.hide()
        top = QHBoxLayout()
        top.addWidget(self._summary, 1)
        top.addWidget(self._new)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 4)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._said)
        layout.addWidget(self._stack, 1)
        self._stack.addWidget(splitter)
        splitter.addWidget(self._list)
        splitter.addWidget(self._pane)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST_PX, 900])
        splitter.setChildrenCollapsible(False)
        self._stack.addWidget(self._empty)


def summary(heads: tuple[RolloutHead, ...]) -> str:
    """Return how many rollouts there are, and how many of them need somebody."""
    counts = (
        (sum(one.state is RolloutState.HALTED or is_held(one) for one in heads), "stopped"),
        (sum(one.state is RolloutState.AWAITING_APPROVAL for one in heads), "to be approved"),
        (sum(one.state is RolloutState.RUNNING and not is_held(one) for one in heads), "running"),
    )
    parts = [f"{count} {words}" for count, words in counts if count]
    return " · ".join([count_text(len(heads), "rollout"), *parts])
