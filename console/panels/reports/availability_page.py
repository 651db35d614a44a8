"""Availability: how much of what each device should have told arrived."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTableView, QVBoxLayout, QWidget

from console.panels.reports.availability_words import share_words
from console.panels.reports.figures_model import GAP
from console.panels.settings.page_parts import Advice
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.figure_words import duration_words
from models.records.alarm_load import Availability

_Index = QModelIndex | QPersistentModelIndex
_WIDTHS = (220, 150, 110, 130, 130, 170)
_HEADINGS = ("Device", "Area", "Availability", "Missing", "Of", "Last reading")


class Column(IntEnum):
    """Left to right."""

    DEVICE = 0
    AREA = 1
    SHARE = 2
    MISSING = 3
    COUNTED = 4
    LAST = 5


_NUMBERS = (Column.SHARE, Column.MISSING, Column.COUNTED)


class AvailabilityModel(KeyedTableModel[Availability]):
    """One row a device, the worst first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda row: row.device, parent, numbers=_NUMBERS)
        self.zone: tzinfo = UTC

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        row, column = self.row_at(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(row, column, self.zone)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return TO_THE_RIGHT
        return None


def cell(row: Availability, column: Column, zone: tzinfo) -> str:
    """Return what a cell shows."""
    match column:
        case Column.DEVICE:
            return row.name
        case Column.AREA:
            return row.location
        case Column.SHARE:
            return f"{share_words(row.share)}{GAP}"
        case Column.MISSING:
            return (
                "–" if row.share is None else duration_words(row.missing_s) if row.missing_s >= 0.5 else "0"
            )
        case Column.COUNTED:
            return f"{duration_words(row.counted_s)}{GAP}"
        case Column.LAST:
            if row.last_reading_unix is None:
                return "never"
            last = datetime.fromtimestamp(row.last_reading_unix, zone)
            return f"{last.day} {last:%b %H:%M:%S}"


def worst_first(rows: Sequence[Availability]) -> list[Availability]:
    """Return them by share, those of which nothing is counted at the end."""
    return sorted(rows, key=lambda row: (row.share is None, row.share or 0.0, row.location, row.name))


class AvailabilityPage(QWidget):
    """A table with how it is counted.

    Attributes:
        device_wanted: A device shall be shown (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("reports-availability")
        self._model = AvailabilityModel(self)
        self._table = make_table("reports-availability-table", "Availability of each device")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.DEVICE, 150)
        self._summary = plain_label()
        self._summary.setObjectName("reports-availability-summary")
        self._stack = QStackedWidget()
        self._lay_out(theme_source)
        self._table.activated.connect(
            lambda index: self.device_wanted.emit(self._model.row_at(index.row()).device)
        )

    @property
    def table_model(self) -> AvailabilityModel:
        """The table's model."""
        return self._model

    @property
    def rows(self) -> list[Availability]:
        """What is shown, in its order."""
        return [self._model.row_at(place) for place in range(self._model.rowCount())]

    def show_rows(self, rows: Sequence[Availability], zone: tzinfo) -> None:
        """Show another period."""
        self._model.zone = zone
        self._model.show_rows(worst_first(rows))
        self._model.repaint_all()
        known = [row.share for row in rows if row.share is not None]
        whole = sum(share >= 1 for share in known)
        if known:
            mean = share_words(sum(known) / len(known))
            words = f"{whole} of {len(rows)} devices delivered everything, {mean} on average."
        else:
            words = "Nothing can be counted yet: readings are condensed some ten minutes after they came."
        self._summary.setText(words)
        self._stack.setCurrentIndex(0 if rows else 1)

    def focus_first(self) -> None:
        """Put the keyboard on the table."""
        if not self._table.selectionModel().hasSelection() and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def _lay_out(self, theme_source: ThemeSource) -> None:
        how = Advice(
            "Readings that arrived with at least one good value, of those that the device's period asks for. "
            "Counted since the device was added, up to the last readings that have been condensed, some ten "
            "minutes ago. Enter shows the device.",
            theme_source,
        )
        how.setMaximumWidth(16_777_215)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self._summary)
        inside.addWidget(self._table, 1)
        inside.addWidget(how)
        self._stack.addWidget(holder)
        self._stack.addWidget(
            EmptyState(
                theme_source,
                "mdi6.server-off",
                "No devices yet",
                "Engineers add devices on the screen Devices; their availability is counted from then on.",
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._stack)
