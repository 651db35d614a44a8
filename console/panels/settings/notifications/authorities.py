"""Certificates of a site's own authority: chosen from a file, shown as a number, forgotten."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

ChoosePem = Callable[[QWidget], Path | None]
_MOST_PEM_BYTES = 100_000


def ask_pem(parent: QWidget) -> Path | None:
    """Ask for a file of certificates; None where the person thought better of it."""
    kinds = "PEM (*.pem *.crt *.cer)"
    chosen, _ = QFileDialog.getOpenFileName(parent, "Certificates of an authority", "", kinds)
    return Path(chosen) if chosen else None


class Authorities(QWidget):
    """Certificates that were chosen from a file, and the way to forget them."""

    def __init__(self, name: str, pem: str, choose: ChoosePem) -> None:
        """Show what is stored.

        Args:
            name: Object name.
            pem: What is stored; empty = none.
            choose: Asks for a file.
        """
        super().__init__()
        self.setObjectName(name)
        self.pem = pem
        self.fault = ""
        self._choose = choose
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setObjectName(f"{name}-words")
        self._pick = QPushButton("Choose file…")
        self._pick.setObjectName(f"{name}-choose")
        self._drop = QPushButton("Forget")
        self._drop.setObjectName(f"{name}-forget")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._words, 1)
        for button in (self._pick, self._drop):
            button.setAutoDefault(False)
            layout.addWidget(button)
        self._pick.clicked.connect(self._take)
        self._drop.clicked.connect(lambda: self._show(""))
        self.setFocusProxy(self._pick)
        self._show(pem)

    def _take(self) -> None:
        file = self._choose(self)
        if file is None:
            return
        try:
            text = file.read_bytes()[: _MOST_PEM_BYTES + 1].decode("ascii")
            if len(text) > _MOST_PEM_BYTES:
                raise ValueError
            ssl.create_default_context(cadata=text)
        except (ValueError, ssl.SSLError):
            self._show(self.pem, f"{file.name} holds no certificates in PEM form.")
        except OSError as error:
            self._show(self.pem, f"{file.name} cannot be read: {error.strerror}.")
        else:
            self._show(text)

    def _show(self, pem: str, fault: str = "") -> None:
        self.pem, self.fault = pem, fault
        count = len(re.findall("-----BEGIN CERTIFICATE-----", pem))
        own = f"{count} {'certificate' if count == 1 else 'certificates'} of your own"
        self._words.setText(fault or (own if pem else "Those that the sending computer trusts"))
        self._drop.setEnabled(bool(pem))
