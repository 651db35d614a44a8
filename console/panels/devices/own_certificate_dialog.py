"""This station's own certificate for a protocol: to be copied or saved, and trusted at the device."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.bridge.device_tools import DeviceQuestion
from console.catalogue.device_words import protocol_label
from console.panels.devices.desk import Desk
from console.panels.settings.file_name import ask_path
from console.panels.trends.file_job import FileJob
from console.whole_file import whole_file
from console.widgets.fonts import SMALL_PX
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from drivers.questions import OWN_CERTIFICATE

_KINDS = "PEM files (*.pem)"


class OwnCertificateDialog(QDialog):
    """Asks by itself; made by the station where there is none yet."""

    def __init__(
        self, desk: Desk, choose_path: Callable[[QWidget, str, str], Path | None] = ask_path
    ) -> None:
        """Store what to ask; `choose_path` asks under which name it shall be saved."""
        super().__init__(desk.parent)
        device = desk.device()
        self.setObjectName("own-certificate")
        self.setWindowTitle("This station's certificate")
        self.setAccessibleName("This station's certificate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choose_path = choose_path
        self._pem = ""
        words = plain_label(
            f"By this the station on this computer signs in over {protocol_label(device.driver)}. Give it to "
            "the device or server and trust it there; the private key stays with the station."
        )
        words.setWordWrap(True)
        self._task = TaskLine("own-certificate-task")
        self._text = QPlainTextEdit()
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(SMALL_PX + 1)
        self._text.setFont(fixed)
        self._text.setObjectName("own-certificate-text")
        self._text.setAccessibleName("Certificate, PEM")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._copy = QPushButton("Copy")
        self._copy.setObjectName("own-certificate-copy")
        self._save = QPushButton("Save…")
        self._save.setObjectName("own-certificate-save")
        close = QPushButton("Close")
        close.setObjectName("own-certificate-close")
        buttons = QHBoxLayout()
        for button in (self._copy, self._save):
            button.setEnabled(False)
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        for part in (words, self._text, self._task):
            layout.addWidget(part)
        layout.addLayout(buttons)
        self._copy.clicked.connect(self._to_clipboard)
        self._save.clicked.connect(self._to_file)
        close.clicked.connect(self.reject)
        self._task.cancelled.connect(self.reject)
        self.finished.connect(lambda _result: self._drop())
        # Left to itself, Qt takes two thirds of a small screen at most, which cuts every line of PEM.
        self.resize(self.sizeHint())
        self._task.begin("Asking the station…")
        self._question: DeviceQuestion | None = desk.bridge.device_tools.ask(
            OWN_CERTIFICATE, device.driver, {}, on_done=self._show, on_failed=self._task.say, owner=self
        )

    def sizeHint(self) -> QSize:
        """Wide enough for a line of PEM."""
        return super().sizeHint().expandedTo(QSize(600, 420))

    def _show(self, pem: str) -> None:
        self._pem, self._question = pem, None
        self._task.say("")
        self._text.setPlainText(pem)
        for button in (self._copy, self._save):
            button.setEnabled(True)
        self._copy.setFocus()

    def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self._pem)
        self._task.say("Copied.")

    def _to_file(self) -> None:
        path = self._choose_path(self, "station.pem", _KINDS)
        if path is None:
            return
        job = FileJob(partial(_write, path, self._pem), self)
        job.ended.connect(self._task.say)
        job.ended.connect(job.deleteLater)
        job.start()

    def _drop(self) -> None:
        if self._question is not None:
            self._question.stop()
            self._question = None


def _write(path: Path, pem: str) -> str:
    with whole_file(path) as part:
        part.write_text(pem, encoding="ascii")
    return f"Saved as {path}."
