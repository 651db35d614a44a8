"""What a device tells of itself, asked for once as the dialog opens."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.bridge.device_tools import DeviceQuestion
from console.panels.devices.desk import Desk
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from drivers.workbench import Fact, Tool

_WIDTH_PX = 520
_TALLEST_PX = 480
"""Of what is told: a server may name hundreds of devices, and a screen has 800 pixels."""


class IdentifyDialog(QDialog):
    """Begins by itself; Escape stops it and closes."""

    def __init__(self, desk: Desk) -> None:
        """Ask at once; the answer comes later."""
        super().__init__(desk.parent)
        device = desk.device()
        title = f"What {device.name or 'the new device'} tells of itself"
        self.setObjectName("identify")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH_PX)
        self._facts: Sequence[Fact] = ()
        self._task = TaskLine("identify-task")
        self._told = QWidget()
        self._form = QFormLayout(self._told)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(16)
        self._area = QScrollArea()
        self._area.setObjectName("identify-facts")
        self._area.setAccessibleName("What the device tells of itself")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._told)
        self._area.hide()
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._copy = QPushButton("&Copy")
        self._copy.setObjectName("identify-copy")
        self._copy.setEnabled(False)
        close = QPushButton("Close")
        close.setObjectName("identify-close")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._copy)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(self._task)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self._copy.clicked.connect(self._on_copy)
        close.clicked.connect(self.reject)
        self._task.cancelled.connect(self.reject)
        self._task.begin("Asking the device…")
        self._question: DeviceQuestion = desk.ask(
            device, Tool.IDENTIFY, on_done=self._show, on_failed=self._task.say, owner=self
        )

    def done(self, result: int) -> None:
        """Want no answer any more, and close."""
        self._question.stop()
        super().done(result)

    def _show(self, facts: Sequence[Fact]) -> None:
        self._facts = facts
        self._task.say("" if facts else "The device answered, and told nothing of itself.")
        self._copy.setEnabled(bool(facts))
        for fact in facts:
            value = plain_label(fact.value)
            value.setObjectName(f"identify-{fact.name.casefold()}")
            value.setWordWrap(True)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self._form.addRow(plain_label(fact.name), value)
        self._area.setVisible(bool(facts))
        self._area.setMinimumHeight(min(self._told.sizeHint().height(), _TALLEST_PX))
        self.adjustSize()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(f"{fact.name}: {fact.value}" for fact in self._facts))
