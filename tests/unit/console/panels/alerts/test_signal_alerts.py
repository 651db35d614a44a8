"""Alerts on a signal of the site say its label, unit and states, and can be looked for."""

from dataclasses import replace

from PySide6.QtWidgets import QComboBox

from console.panels.alerts.alert_rows import Column
from console.panels.alerts.event_words import event_value_text
from console.panels.alerts.set_aside import asides
from models.quantities import Quantities
from models.records.alert import AlertEvent, AlertId, EventKind
from models.records.shelf import Shelf
from models.records.signal import Signal, SignalId
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.console.panels.alerts.conftest import AT, questions
from tests.unit.console.panels.plant_scene import make_alert, make_device

PUMP = Signal("pump", "Pump", "", 0, (0.0, 9.0), (0.0, 2.0), SignalId(2), ((0, "Off"), (2, "Tripped")))
QUANTITIES = Quantities((PUMP,))


def test_lists_name_the_signal_and_the_history_offers_it(panel, bridge):
    tripped = replace(bridge.alerts[0], metric="pump", value_at_trigger=2.0, limit_at_trigger=1.5)
    bridge.set_alerts([tripped])
    bridge.set_catalogue(bridge.catalogue.devices, (), QUANTITIES)
    model = panel.open_page.table_model
    said = [model.words_at(0, column) for column in (Column.METRIC, Column.VALUE)]
    panel.show_part("History")
    (asked,) = questions(bridge, "AskHistory")[-1:]
    asked.on_done([tripped])
    page = panel.history_page
    choice = page.findChild(QComboBox, "history-metric")
    choice.setCurrentIndex(choice.findText("Pump"))
    (again,) = questions(bridge, "AskHistory")
    assert said == ["Pump", "Tripped"]
    assert page.table_model.words_at(0, Column.VALUE) == "Tripped"
    assert again.what.chosen.metric == "pump"


def test_a_line_of_a_story_says_the_name_of_a_state():
    alert = make_alert(1, make_device(1), Severity.WARNING, 5.0)
    event = AlertEvent(
        *(1, AlertId(alert.id), alert.device, alert.device_name, alert.severity, alert.message),
        *(EventKind.RAISED, AT, AT, "", "North", "", 2.0, "", True),
    )
    assert event_value_text(event, "pump", QUANTITIES) == "Tripped"


def test_what_is_shelved_is_said_with_the_label_of_its_signal():
    limit = Threshold(ThresholdId(1), make_device(1).id, "pump", None, 1.5, Severity.CRITICAL)
    shelf = Shelf(
        *(limit.id, limit.device, "Drive 1", "m.berg", "spare part", AT, AT),
        is_one_shot=False,
        is_signed=False,
    )
    (row,) = asides([shelf], [], [], {limit.id: limit}, QUANTITIES)
    assert row.what == "Critical: Pump above 1.5"
