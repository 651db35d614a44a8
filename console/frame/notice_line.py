"""One sentence for the person, below the banner, until it has been read or closed."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from console.widgets.icons import icon
from console.widgets.theme import ThemeSource

_SHOWN_MS = 12_000


class NoticeLine(QFrame):
    """Hidden until something is told; the next sentence replaces the last."""

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("notice-line")
        self.setAutoFillBackground(True)
        self._themes = theme_source
        self._label = QLabel()
        self._label.setObjectName("notice-text")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._close = QToolButton()
        self._close.setObjectName("notice-close")
        self._close.setAccessibleName("Close this notice")
        self._close.setToolTip("Close this notice")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.hide)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._close)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def tell(self, sentence: str) -> None:
        """Show a sentence for twelve seconds."""
        self._label.setText(sentence)
        self.setAccessibleName(sentence)
        self.show()
        self._timer.start()

    def _on_theme_changed(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._themes.theme.raised)
        self.setPalette(palette)
        self._close.setIcon(icon("mdi6.close", self._themes.theme))
