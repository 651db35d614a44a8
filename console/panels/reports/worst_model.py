"""The ten worst thresholds as a table."""

from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.reports.figures_model import GAP
from console.panels.reports.report_words import DIAGNOSIS_TEXTS
from console.panels.wording import SEVERITY_WORDS, percent_text
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.alarm_load import BadActor

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Left to right."""

    DEVICE = 0
    WHAT = 1
    SEVERITY = 2
    ALERTS = 3
    SHARE = 4
    DIAGNOSIS = 5
    PROPOSAL = 6


_HEADINGS = ("Device", "Limit", "Severity", "Alerts", "Share", "Diagnosis", "Proposed setting")
_NUMBERS = (Column.ALERTS, Column.SHARE)


class WorstModel(KeyedTableModel[BadActor]):
    """One row a threshold, the most frequent first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(
            _HEADINGS,
            lambda actor: (actor.source.threshold, actor.source.device, actor.source.label),
            parent,
            numbers=_NUMBERS,
        )

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows."""
        actor, column = self.row_at(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(actor, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell(actor, column))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return TO_THE_RIGHT
        return None


def cell(actor: BadActor, column: Column) -> str:
    """Return what a cell shows."""
    source = actor.source
    match column:
        case Column.DEVICE:
            return source.name
        case Column.WHAT:
            return source.label
        case Column.SEVERITY:
            return SEVERITY_WORDS[source.severity]
        case Column.ALERTS:
            return f"{source.count:,}{GAP}"
        case Column.SHARE:
            return f"{percent_text(source.share)}{GAP}"
        case Column.DIAGNOSIS:
            return DIAGNOSIS_TEXTS[actor.diagnosis]
        case Column.PROPOSAL:
            return actor.change or "–"
