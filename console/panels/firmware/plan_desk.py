"""Opens plans: a new one, another for a rollout that has not begun, or one that takes a rollout back."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.bridge.bridge import Bridge
from console.catalogue.rollout_acts import Act
from console.panels.firmware.firmware_questions import AskVersions, RolloutNow, VersionsNow
from console.panels.firmware.plan_dialog import PlanDialog, PlanStart
from console.panels.firmware.rollout_orders import RolloutOrders
from console.widgets.theme import ThemeSource
from models.records.firmware import FirmwareVersion, VersionStatus
from models.records.rights import Action

NONE_RELEASED = "No version is released yet; release one on the tab Versions first."

Wanted = tuple[Act, RolloutNow] | None
"""A rollout whose plan is edited, or that is taken back; None = a new one."""


class PlanDesk(QObject):
    """One plan at a time."""

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, orders: RolloutOrders, window: QWidget
    ) -> None:
        """Store what is needed; `orders` carries out what a plan ends in."""
        super().__init__(window)
        self._bridge, self._themes, self._orders, self._window = bridge, theme_source, orders, window
        self._dialog: PlanDialog | None = None
        self._is_asking = False

    @property
    def dialog(self) -> PlanDialog | None:
        """The plan that stands open."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def plan(self, wanted: Wanted) -> None:
        """Ask which versions there are, and open the plan."""
        if (
            self.dialog is not None
            or self._is_asking
            or not self._bridge.may_somewhere(Action.DEPLOY_FIRMWARE)
        ):
            return
        self._is_asking = True

        def take(now: VersionsNow) -> None:
            self._is_asking = False
            released = [row.version for row in now.rows if row.version.status is VersionStatus.RELEASED]
            start = start_of(wanted, released)
            if isinstance(start, str):
                self._orders.said.emit(start)
            else:
                self.open(start)

        def fail(sentence: str) -> None:
            self._is_asking = False
            self._orders.said.emit(sentence)

        # Signatures are tried where versions are shown, released and installed; a plan installs nothing.
        self._bridge.ask(AskVersions(None), take, fail, self)

    def open(self, start: PlanStart) -> PlanDialog:
        """Open a plan."""
        dialog = self._dialog = PlanDialog(start, self._bridge, self._themes, self._window)
        dialog.submitted.connect(lambda: self._keep(dialog))
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    def _keep(self, dialog: PlanDialog) -> None:
        command = dialog.command()
        if command is not None:
            ends = "it waits for a second person's approval" if command.is_submitted else "it is a draft"
            self._orders.send(dialog, command, f"“{command.name}” is planned; {ends}.")

    def _forget(self) -> None:
        self._dialog = None


def start_of(wanted: Wanted, released: list[FirmwareVersion]) -> PlanStart | str:
    """Return what a plan begins from, or why there can be none."""
    if wanted is None:
        return PlanStart(tuple(released)) if released else NONE_RELEASED
    act, rollout = wanted[0], wanted[1].rollout
    plan = rollout.plan
    if act is Act.EDIT:
        if not released:
            return NONE_RELEASED
        return PlanStart(tuple(released), plan.settings, rollout.name, rollout, plan.undoes)
    product = rollout.version.partition("+")[2]
    others = tuple(one for one in released if one.product == product and one.id != rollout.version_id)
    if not others:
        return f"There is no other released version for {product} to go back to."
    return PlanStart(others, plan.settings, f"Take back {rollout.name}"[:200], undoes=rollout.id)
