"""Which part of the past is looked at: back from now, or between two moments."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QTimer, Signal
from PySide6.QtWidgets import QDateTimeEdit, QHBoxLayout, QLabel, QWidget

from console.panels.settings.audit_words import Span, since_of
from console.panels.wording import moment_from_unix
from console.widgets.choice_combo import ChoiceCombo

_TYPING_MS = 400


class PeriodChoice(QWidget):
    """A combo box; two moments beside it where "Between…" is chosen.

    Attributes:
        changed: Another period.
    """

    changed = Signal()

    def __init__(self, name: str, now: Callable[[], float], parent: QWidget | None = None) -> None:
        """Lay it out; parts are called after `name`. `now`: Unix seconds."""
        super().__init__(parent)
        self._now = now
        self._span = ChoiceCombo(f"{name}-span", "Time", [(span.value, span) for span in Span])
        self._from, self._to = _moment(f"{name}-from", "From"), _moment(f"{name}-to", "To")
        self._between = QWidget()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        between = QHBoxLayout(self._between)
        between.setContentsMargins(0, 0, 0, 0)
        between.setSpacing(6)
        for words, moment in (("from", self._from), ("to", self._to)):
            between.addWidget(QLabel(words))
            between.addWidget(moment)
            moment.dateTimeChanged.connect(self._typing.start)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._span)
        row.addWidget(self._between)
        self._between.hide()
        self._span.currentIndexChanged.connect(self._on_choice)
        self._typing.timeout.connect(self.changed)

    @property
    def is_narrowing(self) -> bool:
        """Whether anything is left out."""
        return self._span.is_narrowing

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """From when, and until before when; None = without end."""
        span = Span(self._span.currentData())
        if span is Span.BETWEEN:
            return _utc(self._from), _utc(self._to)
        return since_of(span, moment_from_unix(self._now())), None

    def reset(self) -> None:
        """Look at everything."""
        self._span.reset()

    def _on_choice(self) -> None:
        is_between = Span(self._span.currentData()) is Span.BETWEEN
        if is_between and self._between.isHidden():
            now = QDateTime.fromSecsSinceEpoch(int(self._now()))
            self._from.setDateTime(now.addDays(-1))
            self._to.setDateTime(now.addSecs(60))
        self._between.setVisible(is_between)
        self._typing.stop()
        self.changed.emit()


def _moment(name: str, accessible_name: str) -> QDateTimeEdit:
    field = QDateTimeEdit()
    field.setObjectName(name)
    field.setAccessibleName(accessible_name)
    field.setDisplayFormat("yyyy-MM-dd HH:mm")
    return field


def _utc(field: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(field.dateTime().toSecsSinceEpoch(), UTC)
