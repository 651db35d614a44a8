"""Release notes from Markdown: no HTML, nothing loaded from anywhere, no link followed."""

from typing import Any

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QTextBrowser


class NotesView(QTextBrowser):
    """Whoever uploads writes the notes, so they are somebody else's words."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("Release notes")
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setTabChangesFocus(True)
        self._shown = ""

    def show_notes(self, notes: str) -> None:
        """Show these."""
        if notes != self._shown:
            self._shown = notes
            self.document().setMarkdown(notes, QTextDocument.MarkdownFeature.MarkdownNoHTML)

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        """Load nothing: a picture in notes would ask whatever host they name."""
        del type, name
        return QByteArray()
