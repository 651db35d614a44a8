"""What an empty screen says: what is missing, and what to do next."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.icons import icon
from console.widgets.theme import ThemeSource


class EmptyState(QWidget):
    """An icon, what is missing in a few words, what to do in a sentence, and a button that does it.

    Attributes:
        acted: The button was pressed.
    """

    acted = Signal()

    def __init__(
        self,
        theme_source: ThemeSource,
        icon_name: str,
        title: str,
        advice: str,
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Lay it out. `action` is the button's text; empty = no button."""
        super().__init__(parent)
        self._themes = theme_source
        self._icon_name = icon_name
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.setSpacing(8)
        self._picture = QLabel()
        self._title = QLabel(title)
        self._title.setFont(text_font(BODY_PX + 4, QFont.Weight.DemiBold))
        self._advice = QLabel(advice)
        self._advice.setWordWrap(True)
        self._advice.setMinimumWidth(320)
        self._advice.setMaximumWidth(460)
        for label in (self._picture, self._title, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label, alignment=Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton(action)
        self._button.setObjectName("empty-state-action")
        self._button.clicked.connect(self.acted)
        layout.addSpacing(4)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignCenter)
        self._button.setVisible(bool(action))
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    def set_text(self, title: str, advice: str) -> None:
        """Say something else, for instance after a search that found nothing."""
        self._title.setText(title)
        self._advice.setText(advice)

    def _theme_changed(self) -> None:
        theme = self._themes.theme
        self._picture.setPixmap(icon(self._icon_name, theme).pixmap(QSize(48, 48)))
        self._advice.setStyleSheet(f"color: {theme.muted.name()};")
