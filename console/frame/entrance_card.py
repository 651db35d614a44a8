"""The quiet sheet in the middle of an empty window that every page before the plant is written on."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from console.frame.spoken_line import SpokenLine
from console.version import VERSION
from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.theme import ThemeSource

WIDTH = 460
_TITLE_PX = 24


class EntranceCard(QWidget):
    """Title above, room for a page's own parts in the middle, place and version below.

    Attributes:
        body: Where a page puts its parts.
        line: What went wrong, or why somebody has to sign in again.
    """

    def __init__(self, theme_source: ThemeSource, name: str, title: str, introduction: str) -> None:
        """Lay the sheet out. `introduction` stands below the title while there is nothing else to say."""
        super().__init__()
        self.setObjectName(name)
        self._themes = theme_source
        self._title = QLabel(title)
        self._title.setObjectName(f"{name}-title")
        self._title.setFont(text_font(_TITLE_PX, QFont.Weight.DemiBold))
        self.line = SpokenLine(f"{name}-said", introduction)
        self._busy = QProgressBar()
        self._busy.setObjectName(f"{name}-busy")
        self._busy.setAccessibleName("Working")
        self._busy.setRange(0, 0)
        self._busy.setFixedHeight(4)
        self._busy.setTextVisible(False)
        policy = self._busy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._busy.setSizePolicy(policy)
        self._busy.hide()
        self._about = QLabel()
        self._about.setObjectName(f"{name}-about")
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self._about.setFont(text_font(SMALL_PX))
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 28, 32, 24)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self.line)
        layout.addLayout(self.body)
        layout.addWidget(self._busy)
        layout.addWidget(self._about)
        self.setFixedWidth(WIDTH)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_busy(self, *, is_busy: bool) -> None:
        """Show that something is under way."""
        self._busy.setVisible(is_busy)

    def set_about(self, place: str, cautions: tuple[str, ...]) -> None:
        """Say where the database is, what is less safe than it could be, and which program this is."""
        where = [f"Database: {place}"] if place else []
        self._about.setText("\n".join([*where, *cautions, f"Operator console {VERSION}"]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sheet."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.line)
        painter.setBrush(theme.surface)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()

    def _on_theme_changed(self) -> None:
        self._about.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
        self.update()
