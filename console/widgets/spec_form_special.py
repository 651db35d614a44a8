"""Fields with a tool of their own: a serial port of this computer, a certificate to trust, a PEM text."""

import base64
import binascii
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QPlainTextEdit, QPushButton, QWidget

from console.widgets.looked_at import set_looked_at
from console.widgets.plain_text import plain_label
from console.widgets.spec_form_fields import SpecField
from console.widgets.spec_form_input import SpecInput, placeholder_of
from models.records.device import JsonValue

_PEM_PX = 74
_LARGEST_PEM = 256 * 1024


def ask_file(parent: QWidget) -> Path | None:
    """Ask for a file to read; None where the person thought better of it."""
    dialog = QFileDialog(parent, "Read a PEM file", "", "PEM files (*.pem *.crt *.cer *.key);;All files (*)")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    is_accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    dialog.deleteLater()
    return Path(dialog.selectedFiles()[0]) if is_accepted and dialog.selectedFiles() else None


class SerialPortInput(SpecInput):
    """A port's name, typed or chosen from those that were offered."""

    def __init__(self, field: SpecField) -> None:
        self._box = QComboBox()
        super().__init__(field, self._box)
        self._box.setEditable(True)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self._box.lineEdit()
        if line is not None:
            line.setPlaceholderText(placeholder_of(field) or "e.g. /dev/ttyUSB0 or COM3")
            line.setObjectName(f"{self._box.objectName()}-text")
            line.setAccessibleName(field.title)
        self._box.editTextChanged.connect(self.edited)
        self._box.activated.connect(self._choose)

    def value(self) -> JsonValue:
        """Return the port's name."""
        return self._box.currentText().strip() or None

    def show_value(self, value: JsonValue) -> None:
        """Show a name."""
        self.quietly(lambda: self._box.setEditText("" if value is None else str(value)))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        set_looked_at(self._box, is_read_only=is_read_only)

    def offer(self, ports: Sequence[tuple[str, str]]) -> None:
        """Offer ports by name, each with its description; what was typed stays."""
        typed = self._box.currentText()

        def fill() -> None:
            self._box.clear()
            for name, description in ports:
                self._box.addItem(f"{name}  {description}".strip(), name)
            self._box.setCurrentIndex(-1)
            self._box.setEditText(typed)

        self.quietly(fill)

    def _choose(self, row: int) -> None:
        self._box.setEditText(str(self._box.itemData(row)))


class CertificateInput(SpecInput):
    """A server's certificate that is trusted, or none: fetched, looked at, and trusted on purpose.

    Attributes:
        fetch_wanted: The server's certificate shall be fetched and shown.
    """

    fetch_wanted = Signal()

    def __init__(self, field: SpecField) -> None:
        self._fetch = QPushButton("Fetch…")
        super().__init__(field, self._fetch)
        self._fetch.setAccessibleName(f"Fetch {field.title}")
        self.row.setStretch(0, 0)
        self._words = plain_label()
        self._words.setObjectName(f"{self._fetch.objectName()}-facts")
        self._words.setWordWrap(True)
        self._forget = QPushButton("Remove")
        self._forget.setObjectName(f"{self._fetch.objectName()}-remove")
        self._forget.setAccessibleName(f"Remove {field.title}")
        self.row.insertWidget(0, self._words, 1)
        self.row.addWidget(self._forget)
        self._value = ""
        self._is_read_only = False
        self._may_fetch = True
        self._fetch.clicked.connect(self.fetch_wanted)
        self._forget.clicked.connect(lambda: self.trust(""))
        self._follow()

    def trust(self, der_base64: str) -> None:
        """Trust another certificate from now on; empty: none."""
        self._value = der_base64
        self._follow()
        self.edited.emit()

    def set_may_fetch(self, *, may_fetch: bool) -> None:
        """Offer fetching, where the protocol can."""
        self._may_fetch = may_fetch
        self._follow()

    def value(self) -> JsonValue:
        """Return the certificate in base64 DER."""
        return self._value or None

    def show_value(self, value: JsonValue) -> None:
        """Show which certificate is trusted."""
        self._value = value if isinstance(value, str) else ""
        self._follow()

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._is_read_only = is_read_only
        self._follow()

    def _follow(self) -> None:
        self._words.setText(certificate_words(self._value))
        self._fetch.setVisible(self._may_fetch and not self._is_read_only)
        self._forget.setVisible(bool(self._value) and not self._is_read_only)


class PemInput(SpecInput):
    """A text between BEGIN and END, pasted or read from a file."""

    def __init__(self, field: SpecField, choose_file: Callable[[QWidget], Path | None] = ask_file) -> None:
        self._text = QPlainTextEdit()
        super().__init__(field, self._text)
        self._choose_file = choose_file
        self._text.setFixedHeight(_PEM_PX)
        self._text.setTabChangesFocus(True)
        self._text.setPlaceholderText("-----BEGIN CERTIFICATE-----")
        self._read = QPushButton("From file…")
        self._read.setObjectName(f"{self._text.objectName()}-file")
        self._read.setAccessibleName(f"Read {field.title} from a file")
        self.row.addWidget(self._read)
        self._text.textChanged.connect(self.edited)
        self._read.clicked.connect(self._read_file)

    def value(self) -> JsonValue:
        """Return the text."""
        return self._text.toPlainText().strip() or None

    def show_value(self, value: JsonValue) -> None:
        """Show a text."""
        self.quietly(lambda: self._text.setPlainText("" if value is None else str(value)))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._text.setReadOnly(is_read_only)
        self._read.setVisible(not is_read_only)

    def _read_file(self) -> None:
        if (path := self._choose_file(self)) is not None:
            fill_from_file(self._text, path)


def fill_from_file(field: QPlainTextEdit, path: Path) -> None:
    """Put the PEM text of a file into a field; a file that holds none is named in the empty field."""
    try:
        # Of a file of any size no more is read than a PEM can have.
        with path.open("rb") as file:
            text = file.read(_LARGEST_PEM).decode("ascii")
    except (OSError, UnicodeDecodeError):
        text = ""
    is_pem = "-----BEGIN" in text
    field.setPlainText(text.strip() if is_pem else "")
    if not is_pem:
        field.setPlaceholderText(f"{path.name} holds no PEM text (-----BEGIN …).")


def certificate_words(der_base64: str) -> str:
    """Return whose certificate it is and how long it is good, in one line."""
    if not der_base64:
        return "none trusted"
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    try:
        found = x509.load_der_x509_certificate(base64.b64decode(der_base64, validate=True))
    except (ValueError, binascii.Error):
        return "is no certificate; fetch it again"
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else found.subject.rfc4514_string() or "nameless"
    print_ = found.fingerprint(SHA256()).hex().upper()
    return f"{name}, until {found.not_valid_after_utc:%Y-%m-%d}, SHA-256 {print_[:8]}…{print_[-8:]}"
