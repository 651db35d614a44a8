"""How figures of the alarm load read, on the screen, on paper and on the terminal. Pure."""

from models.records.alarm_load import VERDICT_DAYS, AlarmLoad, Figure, FigureUnit

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def figure_words(figure: Figure) -> str:
    """Return a figure's value with its unit: "1.33", "8.3 %", "1 min 20 s"; a dash where there is none."""
    value = figure.value
    if value is None:
        return "\N{EN DASH}"
    spec = figure.spec
    if spec.unit is FigureUnit.SECONDS:
        return duration_words(value)
    number = f"{value:,.{spec.decimals}f}"
    return f"{number}\N{NO-BREAK SPACE}%" if spec.unit is FigureUnit.PERCENT else number


def duration_words(seconds: float) -> str:
    """Return a length of time in at most two units: "8 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"."""
    whole = round(max(0.0, seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest:02d} s" if rest and minutes < 10 else f"{minutes} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def span_words(load: AlarmLoad) -> str:
    """Return what must be known about the time that was counted; empty where it is all that was asked."""
    parts: list[str] = []
    if load.since_unix > load.asked_since_unix + 60:
        parts.append(f"Recorded for {duration_words(load.span_s)} only; what lies before is not counted.")
    if not load.is_verdict:
        parts.append(f"An indication: a verdict needs {VERDICT_DAYS} days.")
    return " ".join(parts)
