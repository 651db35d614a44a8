from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.bridge.station_orders import KEPT
from console.panels.alerts.alert_rows import (
    Column,
    cell_text,
    limit_at_trigger,
    summary,
    urgency_of,
    value_at_trigger,
)
from console.panels.alerts.consequence import acknowledge_consequence, acknowledgeable, outcome_sentence
from console.panels.alerts.open_filter import OpenFilter
from console.panels.alerts.open_rows import OpenRows
from console.widgets.severity_badge import BadgeState
from models.quantities import Quantities
from models.records.alert import AlertId, AlertOutcome
from models.records.signal import Signal, SignalId
from models.records.threshold import RuleKind, Severity
from tests.unit.console.panels.plant_scene import NOW, make_alerts, make_device


def shown(narrowed: OpenFilter) -> list[int]:
    rows = OpenRows()
    rows.take(ALERTS)
    return [alert.id for alert in rows.arranged(narrowed, None, is_descending=False)]


NOW_AT = datetime.fromtimestamp(NOW, UTC)
ALERTS = make_alerts([make_device(number) for number in range(1, 25)])


def test_unacknowledged_come_first_then_acknowledged_then_returned():
    assert [alert.id for alert in sorted(ALERTS, key=urgency_of)] == [1, 2, 3, 6, 7, 4, 5]


def test_filters_narrow_by_words_severity_and_state():
    assert shown(OpenFilter("compressor limit")) == [1, 2, 3, 4]
    assert shown(OpenFilter(severities=frozenset({Severity.INFO}))) == [6, 7]
    assert shown(OpenFilter(states=frozenset({BadgeState.RETURNED}))) == [5]
    assert shown(OpenFilter(location=ALERTS[5].location, device=ALERTS[5].device)) == [6, 7]


def test_cells_say_state_age_and_who_acknowledged():
    assert cell_text(ALERTS[0], Column.SINCE, NOW_AT) == "75 s"
    assert cell_text(ALERTS[0], Column.STATE, NOW_AT) == "Not acknowledged"
    assert cell_text(ALERTS[0], Column.STATE, NOW_AT, "Acknowledging…") == "Acknowledging…"
    assert cell_text(ALERTS[3], Column.ACKNOWLEDGED, NOW_AT).startswith("m.berg, ")
    assert cell_text(ALERTS[6], Column.VALUE, NOW_AT) == "–"
    assert cell_text(ALERTS[0], Column.LIMIT, NOW_AT + timedelta(days=1)) == "85\N{NO-BREAK SPACE}°C"


def test_a_rate_has_its_unit_a_minute_and_the_value_at_trigger_its_own():
    rate = replace(
        ALERTS[0],
        rule=RuleKind.RATE_OF_CHANGE,
        metric="temperature",
        value_at_trigger=30.0,
        limit_at_trigger=6.0,
    )
    assert value_at_trigger(rate) == "30.0\N{NO-BREAK SPACE}°C"
    assert limit_at_trigger(rate) == "6\N{NO-BREAK SPACE}°C/min"


def test_a_value_that_may_not_move_at_all_has_no_limit_to_show():
    frozen = replace(ALERTS[0], rule=RuleKind.FROZEN, metric="temperature", limit_at_trigger=0.0)
    assert limit_at_trigger(frozen) == "–"
    assert limit_at_trigger(replace(frozen, limit_at_trigger=0.5)) == "0.5\N{NO-BREAK SPACE}°C"


def test_summary_counts_states_in_words():
    rows = OpenRows()
    rows.take(ALERTS)

    assert summary(rows.counts, 7) == "7 open · 5 not acknowledged · 1 acknowledged · 1 returned"
    assert summary(rows.counts, 2).startswith("2 of 7 open")
    assert summary({}, 0) == "No open alerts."


def test_consequence_names_numbers_devices_and_what_is_closed():
    wanted = acknowledgeable(ALERTS)

    assert [alert.id for alert in wanted] == [1, 2, 3, 5, 6, 7]
    assert acknowledge_consequence(wanted) == (
        "6 alerts (1 critical, 3 warning, 2 info) on 4 devices will stop flashing on every window. "
        "1 of them has returned to normal and will be closed."
    )


def test_outcome_tells_who_was_first():
    done = AlertOutcome(AlertId(1), is_changed=True, text="Acknowledged.")
    late = AlertOutcome(AlertId(2), is_changed=False, text="Already acknowledged by m.berg at 07:53:20 UTC.")

    assert outcome_sentence([done], "acknowledged") == "1 alert acknowledged."
    assert outcome_sentence([late], "acknowledged") == late.text
    assert outcome_sentence([done, late], "acknowledged") == f"1 acknowledged, 1 unchanged: {late.text}"


def test_outcome_tells_what_is_kept_here_until_the_database_is_back():
    kept = AlertOutcome(AlertId(1), is_changed=True, text=KEPT)

    assert outcome_sentence([kept], "acknowledged") == (
        "1 alert acknowledged. Kept on this computer; entered under your name once the database is back."
    )


def test_an_alert_on_a_signal_says_its_label_its_unit_and_the_names_of_its_states():
    flow = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1))
    state = Signal("pump", "Pump", "", 0, (0.0, 9.0), (0.0, 2.0), SignalId(2), ((0, "Off"), (2, "Tripped")))
    quantities = Quantities((flow, state))
    low = replace(ALERTS[0], metric="flow", value_at_trigger=8.25, limit_at_trigger=20.0)
    tripped = replace(ALERTS[0], metric="pump", value_at_trigger=2.0, limit_at_trigger=1.5)
    columns = (Column.METRIC, Column.VALUE, Column.LIMIT)
    cells = [
        cell_text(alert, column, NOW_AT, quantities=quantities).replace("\N{NO-BREAK SPACE}", " ")
        for alert in (low, tripped)
        for column in columns
    ]
    assert cells == ["Flow", "8.2 m³/h", "20 m³/h", "Pump", "Tripped", "1.5"]


def test_an_alert_on_a_signal_that_is_gone_keeps_its_key():
    assert cell_text(replace(ALERTS[0], metric="flow"), Column.METRIC, NOW_AT) == "flow"
