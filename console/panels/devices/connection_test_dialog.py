"""Test connection: what was tried, step by step as it happens, whether it worked, and what to do if not."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.bridge.device_tools import DeviceQuestion
from console.catalogue.device_words import protocol_label
from console.panels.devices.desk import Desk
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.icons import icon
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from drivers.driver import TestStep
from drivers.questions import TEST, TestSubject

_ICON_PX = 20
_OK, _FAILED = "mdi6.check-circle-outline", "mdi6.close-octagon"


class ConnectionTestDialog(QDialog):
    """Begins by itself; Escape stops it and closes."""

    def __init__(self, desk: Desk) -> None:
        """Store what to test; nothing is asked before it is shown."""
        super().__init__(desk.parent)
        device = desk.device()
        self.setObjectName("connection-test")
        self.setWindowTitle("Test connection")
        self.setAccessibleName("Test connection")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._steps: list[TestStep] = []
        self._question: DeviceQuestion | None = None
        self._title = plain_label(f"{device.name or 'The new device'} over {protocol_label(device.driver)}")
        self._title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(3, 1)
        self._task = TaskLine("connection-test-task")
        self._verdict = plain_label()
        self._verdict.setObjectName("connection-test-verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._again = QPushButton("Test again")
        self._again.setObjectName("connection-test-again")
        self._close = QPushButton("Close")
        self._close.setObjectName("connection-test-close")
        self._lay_out()
        self._task.cancelled.connect(self._stop)
        self._again.clicked.connect(self.begin)
        self._close.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self._drop())
        self.resize(self.sizeHint())
        self.begin()

    @property
    def steps(self) -> tuple[TestStep, ...]:
        """What has been tried so far."""
        return tuple(self._steps)

    @property
    def verdict(self) -> str:
        """What came of it, in a sentence; empty while it goes on."""
        return self._verdict.text()

    def begin(self) -> None:
        """Test from the beginning, with what is typed now."""
        self._drop()
        self._steps.clear()
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._verdict.setText("")
        self._verdict.hide()
        self._again.setEnabled(False)
        self._task.begin("Connecting…")
        device = self._desk.device()
        addresses = tuple(tag.address for tag in device.tags if tag.address)
        self._question = self._desk.ask(
            device,
            TEST,
            TestSubject(addresses),
            on_part=self._take,
            on_done=lambda _end: self._end(""),
            on_failed=self._end,
            owner=self,
        )

    def sizeHint(self) -> QSize:
        """Wide enough for a sentence on two lines."""
        return QSize(660, 420)

    # -- private ---------------------------------------------------------------------------------------

    def _take(self, step: TestStep) -> None:
        self._steps.append(step)
        row = len(self._steps)
        picture = QLabel()
        picture.setPixmap(
            icon(_OK if step.ok else _FAILED, self._desk.themes.theme).pixmap(_ICON_PX, _ICON_PX)
        )
        picture.setAccessibleName("worked" if step.ok else "failed")
        name = plain_label(step.name)
        took = plain_label(f"{step.took_ms:,.0f} ms")
        detail = plain_label(step.detail)
        detail.setWordWrap(True)
        detail.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        weight = QFont.Weight.Normal if step.ok else QFont.Weight.DemiBold
        for label in (name, detail):
            label.setFont(text_font(BODY_PX, weight))
        detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        for column, part in enumerate((picture, name, took)):
            self._grid.addWidget(
                part, row, column, top | (Qt.AlignmentFlag.AlignRight if column == 2 else top)
            )
        self._grid.addWidget(detail, row, 3)
        self._task.begin(f"{row} done, going on…" if step.ok else "Ending…")

    def _stop(self) -> None:
        self._drop()
        self._end("Stopped before the end.")

    def _drop(self) -> None:
        if self._question is not None:
            self._question.stop()
            self._question = None

    def _end(self, fault: str) -> None:
        self._question = None
        self._task.say("")
        failed = next((step for step in self._steps if not step.ok), None)
        if fault:
            words = fault
        elif failed is not None:
            words = f"“{failed.name}” failed; what stands above it worked. Correct that and test again."
        elif self._steps:
            took = sum(step.took_ms for step in self._steps)
            words = f"All {len(self._steps)} steps worked, in {took:,.0f} ms."
        else:
            words = "The station told nothing; try again."
        self._verdict.setText(words)
        self._verdict.setAccessibleName(words)
        self._verdict.show()
        self._again.setEnabled(True)
        self._close.setFocus()

    def _lay_out(self) -> None:
        self._close.setAutoDefault(True)
        self._again.setAutoDefault(False)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("connection-test-steps")
        area.setAccessibleName("Steps")
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._again)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(area, 1)
        layout.addWidget(self._task)
        layout.addWidget(self._verdict)
        layout.addLayout(buttons)
