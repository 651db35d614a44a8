"""The columns of the list of devices: each says what it shows, how it sorts, and how it is painted.

A column is one object, so that who measures something new adds one to `COLUMNS` and touches nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from console.panels.devices.device_rows import DeviceRow
from console.panels.wording import natural
from console.widgets.number_text import NO_VALUE
from console.widgets.stale_hatching import age_text
from console.widgets.status_lamp import LAMP_WORDS
from console.widgets.theme import Theme

Paint = Callable[[QPainter, QRectF, DeviceRow, Theme], None]


@dataclass(frozen=True, slots=True)
class DeviceColumn:
    """One column.

    Attributes:
        key: Name in what is remembered; never changes.
        heading: What people see above it.
        width: Pixels.
        text: What a cell says.
        rank: What it is sorted by.
        tip: What the heading means.
        cell_tip: What a cell says in full; None = its text.
        paint: Paints what is no text, after the ground was painted; None = the text is.
        shown_from_px: Width of the table from which on it is shown.
        is_right: Whether its text stands at the right, as numbers do.
    """

    key: str
    heading: str
    width: int
    text: Callable[[DeviceRow], str]
    rank: Callable[[DeviceRow], Any]
    tip: str = ""
    cell_tip: Callable[[DeviceRow], str] | None = None
    paint: Paint | None = None
    shown_from_px: int = 0
    is_right: bool = False


def _state_tip(row: DeviceRow) -> str:
    words = LAMP_WORDS[row.lamp]
    return f"{row.device.name}: {words}" + (f"\n{row.state.detail}" if row.state.detail else "")


def _seen(row: DeviceRow) -> str:
    return NO_VALUE if row.age_s is None else age_text(row.age_s)


NAME = DeviceColumn(
    "name",
    "Device",
    170,
    lambda row: row.device.name,
    lambda row: row.badness,
    "Sorted by this, what needs somebody comes first.",
    cell_tip=_state_tip,
)
COLUMNS: tuple[DeviceColumn, ...] = (
    NAME,
    DeviceColumn(
        "hardware-id",
        "Hardware id",
        124,
        lambda row: row.device.device_id,
        lambda row: natural(row.device.device_id),
        shown_from_px=640,
    ),
    DeviceColumn(
        "area",
        "Area",
        92,
        lambda row: row.device.location,
        lambda row: natural(row.device.location),
        shown_from_px=840,
    ),
    DeviceColumn(
        "protocol",
        "Protocol",
        92,
        lambda row: row.protocol,
        lambda row: natural(row.protocol),
        shown_from_px=740,
    ),
    DeviceColumn(
        "seen",
        "Last good",
        72,
        _seen,
        lambda row: float("inf") if row.age_s is None else row.age_s,
        "How long ago a good value came last.",
        is_right=True,
    ),
)
