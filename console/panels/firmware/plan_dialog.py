"""A plan in the making: settings, and beside them every device with the reason why it is in or out."""

from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.bridge.rollout_commands import SavePlan
from console.panels.firmware.firmware_questions import AskPlan, PlanDraft
from console.panels.firmware.plan_devices import WIDTHS, PlanDevicesModel, plan_rows, plan_summary
from console.panels.firmware.plan_form import PlanForm
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_dialog import FormDialog
from console.widgets.labelled_row import LabelledRow
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.device import Device
from models.records.firmware import FirmwareVersion
from models.records.rights import Action
from models.records.rollout import PlanSettings, Rollout, RolloutId

_SETTLED_MS = 250
_LONGEST_NAME = 200
_FORM_PX = 450
_SIZE = QSize(1080, 640)


@dataclass(frozen=True, slots=True)
class PlanStart:
    """What a plan begins from.

    Attributes:
        versions: Released ones to choose from, at least one.
        edited: The rollout whose plan it replaces.
        undoes: The rollout that it takes back.
    """

    versions: tuple[FirmwareVersion, ...]
    settings: PlanSettings = field(default_factory=PlanSettings)
    name: str = ""
    edited: Rollout | None = None
    undoes: RolloutId | None = None


class PlanDialog(FormDialog):
    """What is listed when the verb is said is what is kept, device for device."""

    def __init__(self, start: PlanStart, bridge: Bridge, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__("rollout-plan-dialog", _title(start), "Keep this plan", theme_source, parent)
        self._start, self._bridge = start, bridge
        self._draft: PlanDraft | None = None
        self._generation = 0
        self._name = QLineEdit(start.name)
        self._name.setObjectName("plan-name")
        self._name.setMaxLength(_LONGEST_NAME)
        self._version = ChoiceCombo(
            "plan-version", "Version", [(one.version, one) for one in start.versions], letters=20
        )
        if start.edited is not None:
            wanted = [one for one in start.versions if one.id == start.edited.version_id]
            self._version.setCurrentIndex(start.versions.index(wanted[0]) if wanted else 0)
        self._form = PlanForm(start.settings, bridge.catalogue.quantities, theme_source)
        self._devices = PlanDevicesModel(self)
        self._summary = plain_label("Planning…")
        self._submit_too = QCheckBox("&Ask a second person for approval at once")
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._name_row = LabelledRow("Name", self._name, self._name, theme_source, "", "What people call it.")
        self._lay_out()
        self._settled.timeout.connect(self._plan)
        self._form.edited.connect(self._on_edited)
        self._version.currentIndexChanged.connect(self._on_edited)
        self._name.textChanged.connect(lambda: self._name_row.set_error(""))
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        # Qt makes no dialog larger than two thirds of the screen by itself.
        self.resize(_SIZE)
        self._plan()

    @property
    def draft(self) -> PlanDraft | None:
        """What is listed; None while it is being planned."""
        return self._draft

    def command(self) -> SavePlan | None:
        """Return what keeps the plan that is listed."""
        if self._draft is None or self._draft.plan is None:
            return None
        edited = self._start.edited
        return SavePlan(
            None if edited is None else edited.id,
            self._name.text().strip(),
            self._draft.plan,
            self._submit_too.isChecked(),
        )

    def check(self) -> bool:
        """Say what is missing; only a plan that is listed can be kept."""
        if not self._name.text().strip():
            self._name_row.set_error("Give it a name.")
            self._name.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        if self._form.settings() is None:
            self.refuse("Something in the settings cannot be read; it is said below its field.")
            return False
        if self._draft is None:
            self.refuse("The devices are still being planned; wait until they are listed.")
            return False
        if self._draft.plan is None:
            self.refuse(self._draft.fault)
            return False
        return True

    def sizeHint(self) -> QSize:
        """Room for the form and the list side by side."""
        return _SIZE

    # -- private ---------------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        self._generation += 1
        self._draft = None
        self._summary.setText("Planning…")
        self._settled.start()

    def _plan(self) -> None:
        settings = self._form.settings()
        version: FirmwareVersion | None = self._version.currentData()
        if settings is None or version is None:
            self._summary.setText("Not planned: something in the settings cannot be read.")
            return
        generation = self._generation

        def take(draft: PlanDraft) -> None:
            if generation == self._generation:
                self.show_draft(draft)

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._summary.setText(sentence)

        question = AskPlan(version, self._own_devices(), settings, self._start.undoes)
        self._bridge.ask(question, take, fail, self)

    def show_draft(self, draft: PlanDraft) -> None:
        """List what came of planning; what is still being planned counts no more."""
        self._generation += 1
        self._draft = draft
        self._devices.show_rows(plan_rows(draft.devices, self._bridge.catalogue.device))
        self._summary.setText(draft.fault or plan_summary(draft.devices))
        self._summary.setAccessibleName(self._summary.text())

    def _own_devices(self) -> tuple[Device, ...]:
        bridge = self._bridge
        return tuple(
            device
            for device in bridge.catalogue.devices
            if bridge.may(Action.DEPLOY_FIRMWARE, device.user_id)
        )

    def _lay_out(self) -> None:
        self._summary.setObjectName("plan-summary")
        self._summary.setWordWrap(True)
        self._summary.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._submit_too.setObjectName("plan-submit")
        self._submit_too.setChecked(True)
        head = QVBoxLayout()
        head.addWidget(self._name_row)
        version = LabelledRow(
            "Version", self._version, self._version, self.theme_source, "", "Released ones."
        )
        head.addWidget(version)
        scroll = QScrollArea()
        scroll.setObjectName("plan-scroll")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._form)
        left = QVBoxLayout()
        left.addLayout(head)
        left.addWidget(scroll, 1)
        table = make_table("plan-devices", "Devices of the plan")
        set_columns(table, self._devices, WIDTHS)
        table.setItemDelegate(WholeRowDelegate(table))
        right = QVBoxLayout()
        right.addWidget(self._summary)
        right.addWidget(table, 1)
        right.addWidget(self._submit_too)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        holder = QWidget()
        holder.setLayout(left)
        holder.setFixedWidth(_FORM_PX)
        row.addWidget(holder)
        row.addLayout(right, 1)
        both.setMinimumHeight(490)
        self.add_widget(both)


def _title(start: PlanStart) -> str:
    nothing = (
        "Nothing changes at any device before a second person has approved the plan and somebody starts it."
    )
    if start.undoes is not None:
        return f"Rollout {start.undoes} is taken back, on the devices that it changed. {nothing}"
    if start.edited is not None and all(one.id != start.edited.version_id for one in start.versions):
        gone = f"Its version {start.edited.version} is released no more, so another has to be chosen."
        return f"The plan of “{start.edited.name}” is replaced. {gone} {nothing}"
    if start.edited is not None:
        return f"The plan of “{start.edited.name}” is replaced; what was approved of it is void. {nothing}"
    return f"A new rollout is planned. {nothing}"
