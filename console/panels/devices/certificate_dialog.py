"""A server's certificate before it is trusted: whose it is, who vouches, how long, what is wrong with it."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QPushButton, QVBoxLayout

from console.bridge.device_tools import DeviceQuestion
from console.panels.devices.desk import Desk
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from drivers.workbench import CertificateFacts, Tool

_TRUST = (
    "Compare the fingerprint with what the device or its maker shows. Who is trusted here may give values to "
    "this plant, and is told the device's password."
)
_WIDE_PX = 640


class CertificateDialog(QDialog):
    """Fetches by itself. Trusting takes a button of its own, which Enter does not press by accident."""

    def __init__(self, desk: Desk, trust: Callable[[str], None]) -> None:
        """Store what to ask, and what takes a certificate that is trusted (base64 DER)."""
        super().__init__(desk.parent)
        self.setObjectName("server-certificate")
        self.setWindowTitle("Certificate of the server")
        self.setAccessibleName("Certificate of the server")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._trust = trust
        self._facts: CertificateFacts | None = None
        self._question: DeviceQuestion | None = None
        device = desk.device()
        title = plain_label(f"Certificate of {device.name or 'the new device'}")
        title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._task = TaskLine("server-certificate-task")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._complaints = plain_label()
        self._complaints.setObjectName("server-certificate-complaints")
        self._complaints.setWordWrap(True)
        self._complaints.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._advice = plain_label(_TRUST)
        self._advice.setWordWrap(True)
        self._go = QPushButton("Trust this certificate")
        self._go.setObjectName("server-certificate-trust")
        self._cancel = QPushButton("Cancel")
        self._cancel.setObjectName("server-certificate-cancel")
        buttons = QDialogButtonBox()
        buttons.addButton(self._go, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._cancel, QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        for part in (title, self._task, self._complaints, self._advice):
            layout.addWidget(part)
        layout.insertLayout(2, self._grid)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._cancel.setDefault(True)
        for part in (self._complaints, self._advice, self._go):
            part.hide()
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._task.cancelled.connect(self.reject)
        self.finished.connect(lambda _result: self._drop())
        self._task.begin("Asking the server for its certificate…")
        self._question = desk.ask(
            device, Tool.CERTIFICATE, on_done=self._show, on_failed=self._task.say, owner=self
        )

    @property
    def facts(self) -> CertificateFacts | None:
        """What the server showed; None before it has."""
        return self._facts

    def sizeHint(self) -> QSize:
        """Wide enough for a fingerprint on two lines."""
        return super().sizeHint().expandedTo(QSize(_WIDE_PX, 260))

    def event(self, event: QEvent) -> bool:
        """Grow with what was put in: wrapped lines would be cut off instead."""
        answer = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.hasHeightForWidth():
            needed = self.heightForWidth(max(self.width(), _WIDE_PX))
            if needed > self.height() or self.width() < _WIDE_PX:
                self.resize(max(self.width(), _WIDE_PX), max(needed, self.height()))
        return answer

    def _show(self, facts: CertificateFacts) -> None:
        self._facts, self._question = facts, None
        self._task.say("")
        rows = (
            ("Issued to", facts.subject),
            ("Issued by", "itself" if facts.issuer == facts.subject else facts.issuer),
            ("For", ", ".join(facts.hosts) or "no name at all"),
            ("Good", f"{_day(facts.not_before_unix)} to {_day(facts.not_after_unix)}"),
            ("SHA-256", _on_two_lines(facts.fingerprint)),
        )
        for row, (name, text) in enumerate(rows):
            label, value = plain_label(name), plain_label(text)
            value.setWordWrap(True)
            value.setObjectName(f"server-certificate-{name.lower().replace(' ', '-')}")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
        self._complaints.setText("\n".join(f"• {sentence}" for sentence in facts.complaints))
        self._complaints.setVisible(bool(facts.complaints))
        self._advice.show()
        self._go.setText("Trust it all the same" if facts.complaints else "Trust this certificate")
        self._go.show()
        self._cancel.setFocus()

    def _accept(self) -> None:
        if self._facts is not None:
            self._trust(self._facts.der_base64)
            self.accept()

    def _drop(self) -> None:
        if self._question is not None:
            self._question.stop()
            self._question = None


def _on_two_lines(fingerprint: str) -> str:
    half = len(fingerprint) // 2
    return f"{fingerprint[:half].rstrip(':')}\n{fingerprint[half:].lstrip(':')}"


def _day(unix: float) -> str:
    return f"{datetime.fromtimestamp(unix, UTC):%Y-%m-%d}"
