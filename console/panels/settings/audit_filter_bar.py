"""The rows above the trail: search, and what the list is narrowed to."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from console.panels.keyboard import LeaveFilter
from console.panels.settings.audit_questions import Choices
from console.panels.settings.audit_words import OPERATION_WORDS, Span, since_of, table_words
from console.panels.settings.person_words import short_name
from console.panels.wording import moment_from_unix
from models.records.audit import AuditFilter, AuditOperation

_TYPING_MS = 300
_SHOWN_CHOICES = 20

Item = tuple[str, object]


class AuditFilterBar(QWidget):
    """Choices that narrow the list; the first of each lets everything through.

    Attributes:
        changed: Another filter.
    """

    changed = Signal()

    def __init__(self, table: QWidget, now: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent)
        self._now = now
        self._search = QLineEdit()
        self._search.setObjectName("audit-search")
        self._search.setAccessibleName("Search the audit trail")
        self._search.setPlaceholderText("Search values, numbers, logins, workstations  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(160)
        self._span = _combo("audit-span", "Time", [(span.value, span) for span in Span])
        self._from, self._to = _moment("audit-from", "From"), _moment("audit-to", "To")
        self._between = QWidget()
        self._who = _combo("audit-who", "Who", [("Anybody", None)])
        self._table = _combo("audit-table", "What", [("Everything", "")])
        self._done = _combo(
            "audit-done",
            "Done",
            [("Any action", None), *((words, op) for op, words in OPERATION_WORDS.items())],
        )
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        for combo in (self._span, self._who, self._table, self._done):
            combo.currentIndexChanged.connect(self._on_choice)
        for moment in (self._from, self._to):
            moment.dateTimeChanged.connect(self._typing.start)
        self._search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self.changed)
        LeaveFilter(self._search, table)
        find = QShortcut(QKeySequence.StandardKey.Find, parent)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)

    @property
    def chosen(self) -> AuditFilter:
        """The filter now set."""
        span = Span(self._span.currentData())
        since, until = since_of(span, moment_from_unix(self._now())), None
        if span is Span.BETWEEN:
            since, until = _utc(self._from), _utc(self._to)
        # Qt hands an enumeration of strings back as a plain string.
        operation = self._done.currentData()
        kind, number = self._who.currentData() or ("", None)
        return AuditFilter(
            since=since,
            until=until,
            person_id=number if kind == "person" else None,
            station_id=number if kind == "station" else None,
            table=self._table.currentData() or "",
            operation=AuditOperation(operation) if operation else None,
            text=self._search.text().strip(),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered away."""
        combos = (self._span, self._who, self._table, self._done)
        return bool(self._search.text().strip()) or any(combo.currentIndex() > 0 for combo in combos)

    def set_choices(self, choices: Choices) -> None:
        """Offer these persons, stations and tables; what is chosen stays chosen."""
        people = [(short_name(person.name), ("person", person.id)) for person in choices.people]
        stations = [
            (f"Station {short_name(station.name)}", ("station", station.id)) for station in choices.stations
        ]
        _refill(self._who, [("Anybody", None), *people, *stations])
        tables = sorted((table_words(table), table) for table in choices.tables)
        _refill(self._table, [("Everything", ""), *tables])

    def clear(self) -> None:
        """Show everything."""
        self._search.clear()
        for combo in (self._span, self._who, self._table, self._done):
            combo.setCurrentIndex(0)

    def _on_choice(self) -> None:
        is_between = Span(self._span.currentData()) is Span.BETWEEN
        if is_between and self._between.isHidden():
            now = QDateTime.fromSecsSinceEpoch(int(self._now()))
            self._from.setDateTime(now.addDays(-1))
            self._to.setDateTime(now.addSecs(60))
        self._between.setVisible(is_between)
        self._typing.stop()
        self.changed.emit()

    def _lay_out(self) -> None:
        between = QHBoxLayout(self._between)
        between.setContentsMargins(0, 0, 0, 0)
        between.setSpacing(6)
        for words, moment in (("from", self._from), ("to", self._to)):
            between.addWidget(QLabel(words))
            between.addWidget(moment)
        self._between.hide()
        choices = QHBoxLayout()
        choices.setSpacing(6)
        for combo in (self._who, self._table, self._done, self._span):
            choices.addWidget(combo)
        choices.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addWidget(self._search)
        rows.addLayout(choices)
        rows.addWidget(self._between, alignment=Qt.AlignmentFlag.AlignLeft)


def _combo(name: str, accessible_name: str, items: Sequence[Item]) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setAccessibleName(accessible_name)
    combo.setMaxVisibleItems(_SHOWN_CHOICES)
    # As wide as a usual name; a name of 255 letters must not push the others out of the window.
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(14)
    for words, data in items:
        combo.addItem(words, data)
    return combo


def _refill(combo: QComboBox, items: Sequence[Item]) -> None:
    known = [(combo.itemText(place), combo.itemData(place)) for place in range(combo.count())]
    if known == list(items):
        return
    was = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    for words, data in items:
        combo.addItem(words, data)
    places = [place for place, (_words, data) in enumerate(items) if data == was]
    combo.setCurrentIndex(places[0] if places else 0)
    combo.blockSignals(False)


def _moment(name: str, accessible_name: str) -> QDateTimeEdit:
    field = QDateTimeEdit()
    field.setObjectName(name)
    field.setAccessibleName(accessible_name)
    field.setDisplayFormat("yyyy-MM-dd HH:mm")
    return field


def _utc(field: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(field.dateTime().toSecsSinceEpoch(), UTC)
