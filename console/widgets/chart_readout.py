"""The texts of a chart's readout boxes: values below the pointer, two cursors with their difference."""

from collections.abc import Mapping

from console.widgets.chart_overlay import ReadoutRow
from console.widgets.chart_scene import ChartScene
from console.widgets.number_text import quantity_text
from console.widgets.pen import Pen
from console.widgets.time_axis import duration_text, moment_text

NO_DATA = "no data"


def hover_rows(scene: ChartScene, at_unix: float) -> list[ReadoutRow]:
    """Return a row a pen: label, and the value that held at a moment with its unit, or "no data"."""
    return [
        ReadoutRow(place, (pen.label, _text(scene, pen, at_unix))) for place, pen in enumerate(scene.pens)
    ]


def cursor_title(cursors: Mapping[str, float]) -> str:
    """Return "B − A: 3 min 20 s", or the moment of the only cursor."""
    if len(cursors) == 2:
        return f"B − A: {duration_text(cursors['B'] - cursors['A'])}"
    ((name, at_unix),) = cursors.items()
    return f"{name}: {moment_text(at_unix)}"


def cursor_rows(scene: ChartScene, cursors: Mapping[str, float]) -> list[ReadoutRow]:
    """Return a row a pen: label and value at the only cursor, or label, A, B, and B − A."""
    if len(cursors) == 1:
        return hover_rows(scene, next(iter(cursors.values())))
    rows = [ReadoutRow(None, ("", "A", "B", "B − A"))]
    for place, pen in enumerate(scene.pens):
        trace = scene.traces[pen.key]
        first, second = trace.value_at(cursors["A"]), trace.value_at(cursors["B"])
        change = None if first is None or second is None else second - first
        rows.append(
            ReadoutRow(
                place,
                (
                    pen.label,
                    pen.digits_of(first),
                    pen.digits_of(second),
                    _signed(change, pen),
                ),
            )
        )
    return rows


def _text(scene: ChartScene, pen: Pen, at_unix: float) -> str:
    value = scene.traces[pen.key].value_at(at_unix)
    return NO_DATA if value is None else pen.text_of(value)


def _signed(change: float | None, pen: Pen) -> str:
    text = quantity_text(change, pen.decimals, pen.unit)
    return f"+{text}" if change is not None and round(change, pen.decimals) > 0 else text
