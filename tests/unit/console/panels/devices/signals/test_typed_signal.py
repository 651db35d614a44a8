import pytest

from console.catalogue.typed_number import NotANumber
from console.panels.devices.signals.typed_signal import (
    ANY_VALUE,
    TypedSignal,
    key_from_label,
    meant_signal,
    range_text,
    states_from_text,
    typed_from_signal,
)
from models.records.signal import Signal, SignalId

FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1), user_id=2)
KNOWN = {"flow": FLOW}


def test_a_label_and_a_unit_are_enough_for_a_signal():
    meant = meant_signal(TypedSignal("Level", "level", "m"), KNOWN)
    assert (meant.faults, meant.signal) == ({}, Signal("level", "Level", "m", 2, ANY_VALUE, (0.0, 100.0)))


def test_a_range_that_is_believed_is_the_range_shown_where_no_other_is_typed():
    meant = meant_signal(TypedSignal("Level", "level", "m", "1", ("0", "12,5")), KNOWN)
    assert (meant.faults, meant.signal.span) == ({}, (0.0, 12.5))


def test_states_give_decimals_and_ranges():
    meant = meant_signal(TypedSignal("Pump", "pump", states="2 = Tripped\n\n0: Off\n1=Running"), KNOWN)
    assert (meant.faults, meant.signal.decimals, meant.signal.span) == ({}, 0, (0.0, 2.0))
    assert meant.signal.states == ((0, "Off"), (1, "Running"), (2, "Tripped"))


def test_everything_wrong_is_said_beside_its_field():
    typed = TypedSignal("", "flow", "x" * 21, "1.5", ("5", ""), ("9", "3"), "on = 1")
    assert set(meant_signal(typed, KNOWN).faults) == {
        *("label", "key", "unit", "decimals", "plausible", "span", "states")
    }


def test_a_state_line_that_cannot_be_read_is_named():
    with pytest.raises(NotANumber, match="Line 2: write a whole number"):
        states_from_text("0 = Off\nRunning")


def test_what_is_shown_for_change_means_the_same_signal():
    for signal in (FLOW, Signal("n", "N", "", 0, ANY_VALUE, (-5.0, 2.0), SignalId(3), ((0, "Off"),))):
        assert meant_signal(typed_from_signal(signal), KNOWN, signal).signal == signal


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Füllstand Tank 2", "fuellstand_tank_2"),
        ("Flow", "flow_2"),
        ("Temperature", "temperature_2"),
        ("3rd stage (bar)", "s_3rd_stage_bar"),
        ("…", ""),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_key_is_proposed_that_is_free(label, key):
    assert key_from_label(label, KNOWN) == key


def test_ranges_read_as_words():
    assert [range_text(one) for one in (ANY_VALUE, (-5.0, 2.5))] == ["any value", "−5 to 2.5"]
