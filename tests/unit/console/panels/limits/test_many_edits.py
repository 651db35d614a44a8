from dataclasses import replace

from console.panels.limits.limit_rows import LimitRow, rows_of
from console.panels.limits.many_edits import (
    Changes,
    change_order,
    copy_order,
    counted,
    first_free,
    remove_order,
    switch_order,
)
from models.records.threshold import RuleKind, Severity
from models.records.threshold_entry import ThresholdEdit
from tests.unit.console.panels.limits.limits_scene import make_entries
from tests.unit.console.panels.plant_scene import make_device

DEVICES = [make_device(number) for number in range(1, 9)]
ROWS = rows_of(make_entries(DEVICES), DEVICES)


def rows_on(name: str, rule: RuleKind = RuleKind.LIMIT) -> list[LimitRow]:
    return [row for row in ROWS if row.device.name == name and row.threshold.rule is rule]


def test_only_what_is_ticked_is_written_and_what_is_so_already_is_left_alone():
    rows = rows_on("Press 4")
    order = change_order(rows, Changes({"deadband": 1.0}), ROWS)
    changed = [edit.after for edit in order.edits]
    assert changed == [replace(row.threshold, deadband=1.0) for row in rows if row.threshold.deadband != 1.0]
    assert "Press 4 · Pressure · warning: as it is" in order.lines


def test_a_field_that_means_nothing_to_a_rule_is_left_out_there():
    offline = next(row for row in ROWS if row.threshold.rule is RuleKind.OFFLINE)
    assert change_order([offline], Changes({"max": 3.0}), ROWS).edits == ()


def test_what_cannot_be_is_said_with_its_threshold():
    order = change_order(rows_on("Press 4"), Changes({"max": 300.0}), ROWS)
    assert (
        "Press 4 · Pressure · warning: Minimum 310 kPa must lie below the maximum of 300 kPa." in order.faults
    )


def test_two_thresholds_cannot_both_become_the_same():
    temperature = [row for row in rows_on("Press 4") if row.threshold.metric == "temperature"]
    order = change_order(temperature, Changes({}, Severity.INFO), ROWS)
    assert "already; change that one" in order.faults[0]


def test_switching_touches_only_those_that_are_the_other_way():
    off = [row for row in ROWS if not row.threshold.enabled]
    order = switch_order(ROWS, is_on=True)
    assert [edit.before for edit in order.edits] == [row.entry for row in off]
    (first, *_) = switch_order(ROWS[:1], is_on=False, reason="permit").edits
    assert (first.after.enabled, first.after.disabled_reason) == (False, "permit")


def test_removing_counts_the_open_alerts_that_end():
    open_one = next(row for row in ROWS if row.entry.open_alerts)
    order = remove_order([open_one, ROWS[0]])
    assert (order.edits[0], order.ends) == (ThresholdEdit(open_one.entry, None), 1)
    assert counted(order, "removed") == "2 limits will be removed; 1 open alert ends."


def test_a_template_adds_what_is_missing_and_leaves_out_what_is_not_measured():
    pressure = [row for row in rows_on("Press 4") if row.threshold.metric == "pressure"]
    press, dryer = make_device(8), make_device(2)
    known = [row for row in ROWS if row.device.id != press.id]
    order = copy_order(pressure, [press, dryer], known, is_replacing=False)
    (edit,) = order.edits
    assert (edit.before, edit.after.device, edit.after.id, edit.after.user_id) == (None, press.id, 0, None)
    assert order.lines[0] == "Press 8 · Pressure · warning: added"
    assert "left out, Pressure is not measured there" in order.lines[1]


def test_a_template_changes_a_devices_own_only_when_asked():
    source = replace(rows_on("Press 4")[0])
    louder = replace(source.threshold, max_value=99.0)
    source = replace(source, entry=replace(source.entry, threshold=louder))
    target = make_device(8)
    assert copy_order([source], [target], ROWS, is_replacing=False).edits == ()
    (edit,) = copy_order([source], [target], ROWS, is_replacing=True).edits
    own = next(row for row in rows_on("Press 8") if row.threshold.severity is louder.severity)
    assert (edit.before, edit.after.max_value) == (own.entry, 99.0)
    assert (edit.after.id, edit.after.user_id) == (own.threshold.id, own.threshold.user_id)


def test_a_new_limit_begins_where_the_device_has_none_yet():
    press = make_device(4)
    limits = [row.threshold for row in ROWS]
    assert first_free(press, []) == ("temperature", Severity.WARNING)
    assert first_free(press, limits) == ("pressure", Severity.CRITICAL)
