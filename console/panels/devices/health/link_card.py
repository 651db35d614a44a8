"""One link of the chain on the screen: mark, title, age, what it saw, and what to do where it is broken."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.panels.devices.health.grey_link import MARK_WORDS, Link, Mark, Place, ShownExchange
from console.panels.devices.health.wire_bytes import exchange_text
from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.stale_hatching import age_text, paint_hatching
from console.widgets.theme import ThemeSource

_MARK_PX = 22
_PAD = 10
_MARKS = {Mark.HOLDS: "✓", Mark.BROKEN: "✕", Mark.IDLE: "–", Mark.UNKNOWN: "?"}
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


class LinkCard(QWidget):
    """Made once a place; shows another state of it as often as there is one."""

    def __init__(self, place: Place, theme_source: ThemeSource, *, is_last: bool) -> None:
        super().__init__()
        self.setObjectName(f"grey-{place.value}")
        self._themes = theme_source
        self._is_last = is_last
        self._link: Link | None = None
        self._is_first_broken = False
        self._title = plain_label()
        self._title.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._age = plain_label()
        self._lines = _words()
        self._captions = (_words(), _words())
        self._bytes = (_words(), _words())
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(SMALL_PX + 1)
        for number, label in enumerate(self._bytes):
            label.setFont(fixed)
            label.setObjectName(f"grey-{place.value}-bytes-{number}")
        self._advice = _words()
        self._advice.setObjectName(f"grey-{place.value}-advice")
        self._advice.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._age)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * _PAD + _MARK_PX, _PAD, _PAD + 2, _PAD)
        layout.setSpacing(4)
        layout.addLayout(head)
        exchanges = (part for pair in zip(self._captions, self._bytes, strict=True) for part in pair)
        for part in (self._lines, *exchanges, self._advice):
            layout.addWidget(part)
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    @property
    def link(self) -> Link | None:
        """What is shown."""
        return self._link

    def show_link(self, link: Link, *, is_first_broken: bool) -> None:
        """Show a link; the one where to begin stands out."""
        self._link, self._is_first_broken = link, is_first_broken
        self._title.setText(link.title)
        self._age.setText("" if link.age_s is None else f"{age_text(link.age_s)} ago")
        _fill(self._lines, "\n".join(link.lines))
        for label, caption, shown in zip(self._bytes, self._captions, _both(link), strict=True):
            _fill(caption, "" if shown is None else shown.caption)
            _fill(label, "" if shown is None else exchange_text(shown.exchange))
        _fill(self._advice, link.advice)
        self.setAccessibleName(f"{link.title}: {MARK_WORDS[link.mark]}")
        self.setAccessibleDescription(" ".join((*link.lines, link.advice)).strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, the mark, and the way to the next link."""
        link = self._link
        if link is None:
            return
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_first_broken:
            painter.fillRect(self.rect(), theme.raised)
            painter.setPen(QPen(theme.text, 2.0))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        mark = QRectF(_PAD, _PAD - 2, _MARK_PX, _MARK_PX)
        middle = mark.center().x()
        painter.setPen(QPen(theme.outline, 1.5, Qt.PenStyle.SolidLine))
        if not self._is_last:
            painter.drawLine(QLineF(QPointF(middle, mark.bottom() + 3), QPointF(middle, self.height())))
        painter.setPen(QPen(theme.text if link.mark is Mark.BROKEN else theme.outline, 1.5))
        if link.mark is Mark.BROKEN:
            painter.fillRect(mark, theme.text)
        elif link.mark is Mark.UNKNOWN:
            paint_hatching(painter, mark, theme)
            painter.drawRect(mark)
        else:
            painter.drawEllipse(mark)
        painter.setPen(theme.background if link.mark is Mark.BROKEN else theme.text)
        painter.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, _MARKS[link.mark])
        painter.end()

    def _theme_changed(self) -> None:
        self._age.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
        self.update()


def _both(link: Link) -> tuple[ShownExchange | None, ShownExchange | None]:
    """The newest, and the newest that failed where that is another one."""
    first, second = (*link.exchanges, None, None)[:2]
    return first, second


def _words() -> QLabel:
    label = plain_label()
    label.setWordWrap(True)
    label.setTextInteractionFlags(_SELECTABLE)
    return label


def _fill(label: QLabel, words: str) -> None:
    # Setting the same text again would take away what somebody selected to copy.
    if label.text() != words:
        label.setText(words)
    label.setVisible(bool(words))
