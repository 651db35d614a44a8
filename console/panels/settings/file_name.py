"""Asks under which name something shall be saved."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from console.panels.trends.chart_saver import save_dialog


def ask_path(parent: QWidget, name: str, kinds: str) -> Path | None:
    """Ask for a file; None where the person thought better of it."""
    dialog = save_dialog(parent, name, kinds)
    is_accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    dialog.deleteLater()
    return Path(dialog.selectedFiles()[0]) if is_accepted else None
