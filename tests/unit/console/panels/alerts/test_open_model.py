from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from console.panels.alerts.alert_rows import Column, urgency_of
from console.panels.alerts.open_filter import OpenFilter
from console.panels.alerts.open_model import OpenAlertsModel
from models.records.alert import AlertId, AlertStatus
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import NOW, make_alert, make_alerts, make_device

DEVICES = [make_device(number) for number in range(1, 25)]
ALERTS = make_alerts(DEVICES)


@pytest.fixture
def model(qapp) -> OpenAlertsModel:
    made = OpenAlertsModel(lambda: NOW)
    made.set_alerts(ALERTS)
    return made


def ids(model: OpenAlertsModel) -> list[int]:
    return [model.alert_at(row).id for row in range(model.rowCount())]


def test_rows_are_ordered_by_urgency(model):
    assert ids(model) == [1, 2, 3, 6, 7, 4, 5]


def test_a_row_keeps_its_selection_when_a_worse_alert_is_inserted_above(model):
    from PySide6.QtCore import QPersistentModelIndex

    kept = QPersistentModelIndex(model.index(3, 0))
    model.set_alerts([make_alert(50, DEVICES[0], Severity.CRITICAL, 1), *ALERTS])

    assert (kept.row(), model.alert_at(kept.row()).id) == (4, 6)


def test_an_acknowledged_row_moves_and_keeps_its_index(model):
    from PySide6.QtCore import QPersistentModelIndex

    kept = QPersistentModelIndex(model.index(0, 0))
    model.set_alerts([replace(ALERTS[0], status=AlertStatus.ACKNOWLEDGED), *ALERTS[1:]])

    assert model.alert_at(kept.row()).id == 1
    assert ids(model).index(1) == 4


def test_what_did_not_change_is_not_announced(qtbot, model):
    with qtbot.assertNotEmitted(model.rowsInserted), qtbot.assertNotEmitted(model.layoutChanged):
        model.set_alerts(list(ALERTS))


def test_pending_lasts_until_the_alert_comes_back_changed(model):
    model.set_pending([AlertId(1), AlertId(2)], "Acknowledging…")
    assert model.index(0, Column.STATE).data() == "Acknowledging…"

    model.set_alerts([replace(ALERTS[0], status=AlertStatus.ACKNOWLEDGED), *ALERTS[1:]])

    assert model.pending == {2}


def test_a_pending_alert_that_is_resolved_is_forgotten(model):
    model.set_pending([AlertId(5)], "Acknowledging…")
    model.set_alerts([alert for alert in ALERTS if alert.id != 5])

    assert model.pending == frozenset()


def test_columns_sort_and_minus_one_restores_urgency(model):
    model.sort(Column.DEVICE, Qt.SortOrder.DescendingOrder)
    assert ids(model)[0] in (6, 7)

    model.sort(-1)
    assert ids(model) == [1, 2, 3, 6, 7, 4, 5]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.lists(st.integers(0, 12), unique=True), min_size=1, max_size=6),
    typed=st.sampled_from(["", "compressor"]),
)
def test_any_sequence_of_states_leaves_the_model_consistent(qapp, steps, typed):
    pool = [make_alert(n, DEVICES[n], list(Severity)[n % 3], 10 * n + 1) for n in range(13)]
    model = OpenAlertsModel(lambda: NOW)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_filter(OpenFilter(typed))

    for step in steps:
        model.set_alerts([pool[n] for n in step])

    expected = sorted((pool[n] for n in steps[-1]), key=urgency_of)
    assert ids(model) == [alert.id for alert in expected if typed in alert.device_name.casefold()]
    tester.deleteLater()
