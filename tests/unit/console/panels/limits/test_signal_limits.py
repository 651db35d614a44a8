"""Limits on a signal of the site read, are offered and are judged like those on the six metrics."""

from dataclasses import replace

import pytest

from console.catalogue.sheet_file import read_grid
from console.catalogue.threshold_plan import plan_of
from console.catalogue.threshold_sheet import Stored
from console.panels.limits.limit_filter_bar import LimitFilterBar
from console.panels.limits.limit_form import FormSubject, LimitForm
from console.panels.limits.limit_questions import ExportLimits
from console.panels.limits.limit_rows import Column, LimitFilter, cell_text, filtered, rows_of
from console.panels.limits.many_edits import Changes, change_order, copy_order, first_free
from console.widgets.theme import ThemeSource
from models.quantities import Quantities
from models.records.device import Device, Tag
from models.records.signal import Signal, SignalId
from models.records.threshold import RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import ThresholdEntry
from tests.unit.console.panels.limits.limits_scene import make_entries
from tests.unit.console.panels.plant_scene import make_device

FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1))
QUANTITIES = Quantities((FLOW,))


def pump(number: int) -> Device:
    device = make_device(number)
    return replace(device, tags=(*device.tags, Tag("flow", "holding:3300:uint16", 0.1)))


DEVICE = pump(1)
LOW_FLOW = Threshold(ThresholdId(9001), DEVICE.id, "flow", 20.0, None, Severity.WARNING, deadband=2.0)


@pytest.fixture
def entry() -> ThresholdEntry:
    return replace(make_entries([make_device(1)])[0], threshold=LOW_FLOW)


def test_a_limit_on_a_signal_reads_with_label_and_unit(entry):
    (row,) = rows_of([entry], [DEVICE], QUANTITIES)
    cells = [cell_text(row, column) for column in (Column.METRIC, Column.CONDITION, Column.DEADBAND)]
    assert cells == ["Flow", "Below 20 m³/h", "2 m³/h"]


def test_a_limit_on_a_signal_is_found_by_label_and_by_choice(entry):
    rows = rows_of([entry, *make_entries([make_device(1)])], [DEVICE], QUANTITIES)
    found = [filtered(rows, narrowed) for narrowed in (LimitFilter("flow"), LimitFilter(metric="flow"))]
    assert [[row.threshold.id for row in each] for each in found] == [[9001], [9001]]


def test_a_signal_that_was_renamed_makes_its_row_anew(entry):
    (row,) = rows_of([entry], [DEVICE], QUANTITIES)
    (renamed,) = rows_of([entry], [DEVICE], Quantities((replace(FLOW, label="Feed"),)))
    assert not renamed.is_like(row)


def test_changing_many_says_a_signal_and_its_unit(entry):
    rows = rows_of([entry], [DEVICE], QUANTITIES)
    order = change_order(rows, Changes({"min": 25.0}), rows)
    assert (order.faults, order.lines[0].partition(": ")[2]) == ((), "Minimum 20 m³/h → 25 m³/h")


def test_a_limit_on_a_signal_is_copied_to_devices_that_measure_it(entry):
    rows = rows_of([entry], [DEVICE], QUANTITIES)
    order = copy_order(rows, [pump(2), make_device(3)], rows, is_replacing=False)
    assert [edit.after.device for edit in order.edits if edit.after is not None] == [2]
    assert order.lines[-1].endswith("left out, Flow is not measured there")


def test_a_device_of_signals_alone_begins_with_one_of_them():
    only = replace(DEVICE, tags=DEVICE.tags[-1:])
    assert first_free(only, [], QUANTITIES) == ("flow", Severity.WARNING)


def test_the_form_offers_signals_and_names_fields_after_their_unit(qtbot):
    form = LimitForm(ThemeSource())
    qtbot.addWidget(form)
    new = replace(LOW_FLOW, id=ThresholdId(0))
    form.show_subject(FormSubject(new, [DEVICE], [], {}, is_new=True, quantities=QUANTITIES))
    offered = [form._metric.itemText(place) for place in range(form._metric.count())]
    assert (offered[-1], form._metric.currentText(), dict(form.faults)) == ("Flow", "Flow", {})
    assert form._fields["min"].accessibleName() == "Minimum, m³/h"


def test_the_filter_keeps_a_chosen_signal_until_it_is_gone(qtbot):
    form = LimitForm(ThemeSource())
    qtbot.addWidget(form)
    bar = LimitFilterBar(form, form)
    bar.offer(QUANTITIES)
    bar._metric.choose("flow")
    bar.offer(Quantities((replace(FLOW, label="Feed"),)))
    was = bar.narrowed.metric
    bar.offer(Quantities())
    assert (was, bar.narrowed) == ("flow", LimitFilter())


def test_a_rule_of_the_device_offers_no_signal(qtbot):
    form = LimitForm(ThemeSource())
    qtbot.addWidget(form)
    new = replace(LOW_FLOW, id=ThresholdId(0), rule=RuleKind.OFFLINE, metric="device", min_value=None)
    form.show_subject(FormSubject(new, [DEVICE], [], {}, is_new=True, quantities=QUANTITIES))
    assert form._metric.count() == 1


def test_limits_on_signals_are_saved_with_label_and_unit_and_read_again(entry, tmp_path):
    path, entry = tmp_path / "limits.csv", replace(entry, owner="")
    ExportLimits([entry], [DEVICE], path, QUANTITIES)()
    plan = plan_of(read_grid(path), Stored([entry], [DEVICE], {}, QUANTITIES))
    text = path.read_text(encoding="utf-8-sig")
    assert ("Flow" in text, "m³/h" in text, plan.faults, plan.unchanged) == (True, True, (), 1)
