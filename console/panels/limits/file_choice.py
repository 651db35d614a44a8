"""Asks which file shall be read."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_open_path(parent: QWidget, kinds: str, title: str = "Import") -> Path | None:
    """Ask for a file that exists; None where the person thought better of it."""
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    is_accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    dialog.deleteLater()
    return Path(dialog.selectedFiles()[0]) if is_accepted and dialog.selectedFiles() else None
