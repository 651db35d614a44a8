"""The row above the reports: which time, as of when, and what to take along."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.reports.periods import Period, PeriodKind, period_of
from console.panels.wording import moment_from_unix
from console.widgets.icons import icon
from console.widgets.theme import ThemeSource
from models.records.shelf import AlarmSettings

_DAY_S = 86_400


class PeriodBar(QWidget):
    """What is chosen decides; whoever holds it asks.

    Attributes:
        changed: Another time is wanted, or the same once more.
        pdf_wanted, csv_wanted, xlsx_wanted: Save what is shown.
    """

    changed = Signal()
    pdf_wanted = Signal()
    csv_wanted = Signal()
    xlsx_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        """Lay it out. `now`: Unix seconds."""
        super().__init__()
        self._themes = theme_source
        self._now = now
        self._kind = QComboBox()
        self._kind.setObjectName("reports-period")
        self._kind.setAccessibleName("Time to report on")
        for kind in PeriodKind:
            self._kind.addItem(kind.value, kind)
        self._kind.setCurrentIndex(list(PeriodKind).index(PeriodKind.HOURS_24))
        self._since, self._until = self._moment("reports-since", "From"), self._moment("reports-until", "To")
        self._custom = QWidget()
        self._go = QPushButton("&Show")
        self._go.setObjectName("reports-go")
        self._said = ElidedLabel()
        self._said.setObjectName("reports-period-said")
        self._refresh = QPushButton("&Refresh")
        self._refresh.setObjectName("reports-refresh")
        self._refresh.setToolTip("Compute the report again, up to now")
        self._save = self._make_save()
        self._lay_out()
        self._kind.currentIndexChanged.connect(self._on_kind)
        self._go.clicked.connect(self.changed)
        self._refresh.clicked.connect(self.changed)
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    @property
    def kind(self) -> PeriodKind:
        """What is chosen."""
        return PeriodKind(self._kind.currentData())

    def choose(self, kind: PeriodKind) -> None:
        """Choose something else."""
        self._kind.setCurrentIndex(list(PeriodKind).index(kind))

    def period(self, settings: AlarmSettings) -> Period | str:
        """Return the time that is meant now, or a sentence where it is none."""
        if self.kind is not PeriodKind.CUSTOM:
            return period_of(self.kind, moment_from_unix(self._now()), settings)
        since, until = _utc(self._since), _utc(self._until)
        if since >= until:
            return "The time must begin before it ends; correct one of the two."
        return Period(since, until, "Chosen time")

    def say(self, sentence: str) -> None:
        """Say which time is shown, as of when, or what is awaited."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def set_saving(self, *, possible: bool) -> None:
        """Offer to save only what is there."""
        self._save.setEnabled(possible)

    def _on_kind(self) -> None:
        is_custom = self.kind is PeriodKind.CUSTOM
        self._custom.setVisible(is_custom)
        if is_custom:
            self._since.setFocus()
        else:
            self.changed.emit()

    def _moment(self, name: str, words: str) -> QDateTimeEdit:
        field = QDateTimeEdit()
        field.setObjectName(name)
        field.setAccessibleName(words)
        field.setDisplayFormat("yyyy-MM-dd HH:mm")
        field.setCalendarPopup(True)
        ago = _DAY_S if words == "From" else 0
        field.setDateTime(QDateTime.fromSecsSinceEpoch(int(self._now() - ago)))
        return field

    def _make_save(self) -> QPushButton:
        button = QPushButton("S&ave")
        button.setObjectName("reports-save")
        button.setAccessibleName("Save the report")
        menu = QMenu(button)
        for words, name, signal in (
            ("As PDF, to print…", "pdf", self.pdf_wanted),
            ("As XLSX, for a spreadsheet…", "xlsx", self.xlsx_wanted),
            ("As CSV…", "csv", self.csv_wanted),
        ):
            action = QAction(words, menu)
            action.setObjectName(f"reports-save-{name}")
            action.triggered.connect(signal)
            menu.addAction(action)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        custom = QHBoxLayout(self._custom)
        custom.setContentsMargins(0, 0, 0, 0)
        custom.setSpacing(6)
        for words, field in (("from", self._since), ("to", self._until)):
            custom.addWidget(QLabel(words))
            custom.addWidget(field)
        custom.addWidget(self._go)
        self._custom.hide()
        label = QLabel("&Time")
        label.setBuddy(self._kind)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 2)
        layout.setSpacing(8)
        layout.addWidget(label)
        layout.addWidget(self._kind)
        layout.addWidget(self._custom)
        layout.addWidget(self._said, 1)
        layout.addWidget(self._refresh)
        layout.addWidget(self._save)

    def _theme_changed(self) -> None:
        theme = self._themes.theme
        for button, name in ((self._refresh, "mdi6.refresh"), (self._save, "mdi6.content-save-outline")):
            button.setIcon(icon(name, theme))
            button.setIconSize(QSize(16, 16))


def _utc(field: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(field.dateTime().toSecsSinceEpoch(), UTC)
