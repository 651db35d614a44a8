"""Every device of a plan with its wave, or the reason why it is out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.wording import count_text
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.device import Device, DeviceId
from models.records.rollout import PlannedDevice

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Left to right."""

    DEVICE = 0
    AREA = 1
    WAVE = 2
    WHY = 3


HEADINGS = ("Device", "Area", "Wave", "Why")
WIDTHS = (150, 100, 50, 200)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One device."""

    planned: PlannedDevice
    name: str
    location: str

    @property
    def wave(self) -> str:
        """As the table says it."""
        return "out" if self.planned.wave is None else str(self.planned.wave + 1)


class PlanDevicesModel(KeyedTableModel[PlanRow]):
    """In the order of the waves, what is out behind them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda row: row.planned.device, parent)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(row, column)
        return plain_tip(_cell(row, column)) if role == Qt.ItemDataRole.ToolTipRole else None


def plan_rows(
    devices: Sequence[PlannedDevice], device_of: Callable[[DeviceId], Device | None]
) -> list[PlanRow]:
    """Return the rows of a plan."""
    last = 1 + max((one.wave for one in devices if one.wave is not None), default=0)
    found: list[PlanRow] = []
    for one in sorted(devices, key=lambda one: last if one.wave is None else one.wave):
        device = device_of(one.device)
        name, location = (device.name, device.location) if device else (f"Device {one.device}", "")
        found.append(PlanRow(one, name, location))
    return found


def plan_summary(devices: Sequence[PlannedDevice]) -> str:
    """Return what a plan comes to: "20 devices in 3 waves, 4 left out"."""
    inside = [one for one in devices if one.wave is not None]
    waves = len({one.wave for one in inside})
    out = len(devices) - len(inside)
    words = f"{count_text(len(inside), 'device')} in {count_text(waves, 'wave')}"
    return f"{words}, {out:,} left out" if out else words


def _cell(row: PlanRow, column: Column) -> str:
    match column:
        case Column.DEVICE:
            return row.name
        case Column.AREA:
            return row.location
        case Column.WAVE:
            return row.wave
        case Column.WHY:
            return row.planned.reason
