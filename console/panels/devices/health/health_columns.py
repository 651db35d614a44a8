"""The columns that say how connections do, for the list of devices."""

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from console.panels.devices.device_columns import DeviceColumn
from console.panels.devices.device_rows import DeviceRow
from console.panels.devices.health.health_painting import paint_connection
from console.panels.devices.health.health_words import (
    errors_text,
    errors_tip,
    lease_text,
    rate_text,
    round_trip_text,
    state_sentence,
)
from console.panels.wording import natural
from console.widgets.theme import Theme

Names = Callable[[], Mapping[int, str]]
"""Returns the names of stations by `stations.id`."""


def health_columns(names: Names) -> tuple[DeviceColumn, ...]:
    """Return the columns; those that matter least appear only where there is much room."""
    return (
        DeviceColumn(
            "round-trip",
            "Round trip",
            112,
            lambda row: round_trip_text(row.health),
            _round_trip_rank,
            "From a request to its answer: half are faster than the first figure, 99 of 100 than the second.",
            cell_tip=_round_trip_tip,
            shown_from_px=440,
            is_right=True,
        ),
        DeviceColumn(
            "errors",
            "Errors",
            62,
            lambda row: errors_text(row.health),
            lambda row: math.inf if row.health is None else -row.health.recent_error_count,
            "Requests that were not answered as they should be, in the last 10 min.",
            cell_tip=lambda row: errors_tip(row.health, row.health.as_of_unix if row.health else 0.0),
            shown_from_px=330,
            is_right=True,
        ),
        DeviceColumn(
            "last-10-min",
            "Last 10 min",
            104,
            lambda _row: "",
            lambda row: math.inf if row.health is None else -row.health.recent_error_count,
            "Round trips as a line, errors as ticks below it; the newest at the right.",
            cell_tip=lambda row: state_sentence(row.health, row.health.as_of_unix if row.health else 0.0),
            paint=_paint,
            shown_from_px=510,
        ),
        DeviceColumn(
            "rate",
            "Traffic",
            84,
            lambda row: rate_text(row.health),
            lambda row: math.inf if row.health is None else -row.health.bytes_per_s,
            "Bytes a second, both ways.",
            shown_from_px=940,
            is_right=True,
        ),
        DeviceColumn(
            "polled-by",
            "Polled by",
            112,
            lambda row: lease_text(row.health, names()),
            lambda row: natural(lease_text(row.health, names())),
            "The station that polls the device.",
            shown_from_px=1060,
        ),
    )


def _round_trip_rank(row: DeviceRow) -> float:
    """Slowest first; devices without a figure last."""
    p99_ms = None if row.health is None else row.health.round_trip_p99_ms
    return math.inf if p99_ms is None else -p99_ms


def _round_trip_tip(row: DeviceRow) -> str:
    health = row.health
    if health is None or health.round_trip_p50_ms is None:
        return "No round trip was measured yet."
    of = "single requests" if health.is_line_measured else "whole polls"
    return f"Of the latest {of}: half are faster than the first figure, 99 of 100 than the second."


def _paint(painter: QPainter, rect: QRectF, row: DeviceRow, theme: Theme) -> None:
    paint_connection(painter, rect.adjusted(0, 5, 0, -5), row.health, theme)
