"""The row above the chart: how much time, live or held, earlier and later, and what to take along."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from console.widgets.icons import icon
from console.widgets.theme import ThemeSource

SPANS: tuple[tuple[str, float], ...] = (
    ("2 min", 120.0),
    ("5 min", 300.0),
    ("15 min", 900.0),
    ("1 h", 3600.0),
    ("8 h", 8 * 3600.0),
    ("24 h", 24 * 3600.0),
    ("7 d", 7 * 24 * 3600.0),
)
"""Label and seconds of the spans that can be chosen."""


class TimeBar(QWidget):
    """Buttons only; the chart keeps what they ask for.

    Attributes:
        span_chosen: Seconds to show.
        following_chosen: True = live, False = hold.
        moved: Part of the visible stretch to move by, negative = earlier.
        picture_wanted, table_wanted: Save what is shown.
    """

    span_chosen = Signal(float)
    following_chosen = Signal(bool)
    moved = Signal(float)
    picture_wanted = Signal()
    table_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(QLabel("Show"))
        layout.addSpacing(4)
        self._spans = QButtonGroup(self)
        for number, (label, span_s) in enumerate(SPANS):
            button = QPushButton(label)
            button.setObjectName(f"trends-span-{number}")
            button.setAccessibleName(f"Show {label}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, span_s=span_s: self.span_chosen.emit(span_s))
            self._spans.addButton(button, number)
            layout.addWidget(button)
        layout.addSpacing(12)
        self._earlier = self._move_button("trends-earlier", "Earlier by half a screen", -0.5)
        self._later = self._move_button("trends-later", "Later by half a screen", 0.5)
        self._follow = QPushButton()
        self._follow.setObjectName("trends-follow")
        self._follow.clicked.connect(lambda: self.following_chosen.emit(not self._is_following))
        for button in (self._earlier, self._follow, self._later):
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self._make_save())
        self._is_following = True
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    def set_span(self, span_s: float) -> None:
        """Check the button of this span; none where it is not one of them."""
        self._spans.setExclusive(False)
        for number, (_, seconds) in enumerate(SPANS):
            self._spans.button(number).setChecked(abs(seconds - span_s) < 1.0)
        self._spans.setExclusive(True)

    def set_following(self, *, is_following: bool) -> None:
        """Show whether the chart follows the clock."""
        self._is_following = is_following
        self._theme_changed()

    def _move_button(self, name: str, words: str, part: float) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setFixedWidth(36)
        button.clicked.connect(lambda: self.moved.emit(part))
        return button

    def _make_save(self) -> QPushButton:
        button = QPushButton("Save…")
        button.setObjectName("trends-save")
        button.setAccessibleName("Save what is shown")
        menu = QMenu(button)
        picture = QAction("Picture (PNG)…", menu)
        picture.triggered.connect(self.picture_wanted)
        table = QAction("Table (CSV)…", menu)
        table.triggered.connect(self.table_wanted)
        menu.addActions([picture, table])
        button.setMenu(menu)
        return button

    def _theme_changed(self) -> None:
        theme = self._themes.theme
        self._earlier.setIcon(icon("mdi6.chevron-left", theme))
        self._later.setIcon(icon("mdi6.chevron-right", theme))
        self._later.setEnabled(not self._is_following)
        self._follow.setText("Pause" if self._is_following else "Go live")
        self._follow.setIcon(icon("mdi6.pause" if self._is_following else "mdi6.play", theme))
        self._follow.setIconSize(QSize(16, 16))
        self._follow.setAccessibleName(
            "Live; press to pause" if self._is_following else "Paused; press to go live"
        )
