from dataclasses import replace

import pytest

from console.panels.limits.limit_rows import (
    Column,
    LimitFilter,
    Service,
    cell_text,
    filtered,
    rows_of,
    sort_key,
    summary,
)
from models.records.threshold import RuleKind, Severity
from tests.unit.console.panels.limits.limits_scene import make_entries
from tests.unit.console.panels.plant_scene import make_device

DEVICES = [make_device(number) for number in range(1, 25)]
ROWS = rows_of(make_entries(DEVICES), DEVICES)


def texts(row) -> list[str]:
    return [cell_text(row, column) for column in Column]


def test_rows_stand_as_people_walk_through_the_plant():
    names = list(dict.fromkeys(row.device.name for row in ROWS if row.device.location == "Hall A"))
    assert names == ["Press 4", "Press 8", "Press 12", "Press 16", "Press 20", "Press 24"]


def test_a_row_says_condition_deadband_delays_and_state():
    row = next(row for row in ROWS if row.threshold.id == 400)
    assert texts(row)[:6] == ["2 Warning", "Press 4", "Temperature", "Above 70 °C", "1 °C", "2 s / –"]


def test_a_row_out_of_service_says_why():
    off = next(row for row in ROWS if not row.threshold.enabled)
    assert cell_text(off, Column.STATE).startswith("Off: Permit 2026-118")


def test_a_row_whose_device_is_gone_is_left_out():
    assert len(rows_of(make_entries(DEVICES), DEVICES[:1])) < len(ROWS)


@pytest.mark.parametrize(
    ("narrowed", "is_in"),
    [
        (
            LimitFilter("press 4 speed"),
            lambda row: row.device.name == "Press 4" and row.threshold.metric == "rpm",
        ),
        (
            LimitFilter(severities=frozenset({Severity.INFO})),
            lambda row: row.threshold.severity is Severity.INFO,
        ),
        (LimitFilter(metric="pressure"), lambda row: row.threshold.metric == "pressure"),
        (LimitFilter(rule=RuleKind.CLOCK), lambda row: row.threshold.rule is RuleKind.CLOCK),
        (LimitFilter(service=Service.OFF), lambda row: not row.threshold.enabled),
        (LimitFilter(service=Service.ON), lambda row: row.threshold.enabled),
        (LimitFilter(service=Service.NOISY), lambda row: row.entry.alerts_7d > 7),
        (LimitFilter(service=Service.OPEN), lambda row: row.entry.open_alerts),
        (LimitFilter("permit berg"), lambda row: not row.threshold.enabled),
    ],
)
def test_the_filter_lets_through_what_it_says(narrowed, is_in):
    found = filtered(ROWS, narrowed)
    assert found == [row for row in ROWS if is_in(row)]
    assert found


def test_the_loudest_come_first_when_sorted_by_count():
    loudest = max(ROWS, key=sort_key(Column.WEEK))
    assert loudest.entry.alerts_7d == 97


def test_the_line_above_counts_what_is_shown_off_and_loud():
    few = [replace(row, entry=replace(row.entry, alerts_7d=3)) for row in ROWS[:4]]
    assert summary(few, 2) == "2 of 4 limits · 12 alerts in 7 days"
    assert summary(few, 4).startswith("4 limits ·")
    off = replace(few[0].threshold, enabled=False)
    few[0] = replace(few[0], entry=replace(few[0].entry, threshold=off))
    assert "1 out of service" in summary(few, 4)
