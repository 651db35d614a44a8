from dataclasses import replace

import pytest

from console.catalogue.starting_values import StartingValues, starting_values
from console.catalogue.threshold_fields import (
    FIELD_BY_KEY,
    FIELDS,
    condition_text,
    differences,
    shown,
)
from console.catalogue.typed_number import NotANumber
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity
from tests.unit.console.catalogue.threshold_parts import FULL, threshold


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_field_that_is_typed_as_it_is_written_stays_the_same(field):
    typed = field.value_from_text(field.text_of(FULL))
    assert field.put(FULL, typed) == FULL


def test_differences_name_fields_with_units_and_leave_the_rest_out():
    after = replace(threshold(), max_value=75.5, on_delay_s=15.0, severity=Severity.CRITICAL)
    assert [str(found) for found in differences(threshold(), after)] == [
        "Severity warning → critical",
        "Maximum 70 °C → 75.5 °C",
        "On-delay 0 s → 15 s",
    ]


def test_a_reason_that_goes_with_the_return_to_service_is_no_difference_of_its_own():
    off = threshold(enabled=False, disabled_reason="permit")
    assert [found.label for found in differences(off, threshold())] == ["In service"]


def test_yes_and_no_are_read_in_several_ways_and_nothing_else_is():
    flag = FIELD_BY_KEY["latching"]
    assert [flag.value_from_text(word) for word in ("Yes", "TRUE", "1", "ja", "no", "0", "")] == [
        *[True] * 4,
        *[False] * 3,
    ]
    with pytest.raises(NotANumber, match="'maybe' is neither yes nor no"):
        flag.value_from_text("maybe")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "above 70 °C"),
        ({"min_value": 2.0}, "below 2 °C or above 70 °C"),
        ({"max_value": None}, "no limit set"),
        ({"rule": RuleKind.RATE_OF_CHANGE, "amount": 2.5}, "changes faster than 2.5 °C/min"),
        ({"rule": RuleKind.FROZEN, "on_delay_s": 60.0}, "stands still for 60 s"),
        ({"rule": RuleKind.FROZEN, "amount": 0.1, "on_delay_s": 60.0}, "stands still within 0.1 °C for 60 s"),
        ({"metric": "power_consumption", "max_value": 8500.5}, "above 8,500.5 W"),
        ({"rule": RuleKind.NO_DATA, "amount": 5.0}, "no good value for 5 periods"),
        ({"rule": RuleKind.BAD_QUALITY}, "value of bad quality"),
        ({"rule": RuleKind.OFFLINE, "metric": DEVICE_METRIC}, "device does not answer"),
        ({"rule": RuleKind.CLOCK, "metric": DEVICE_METRIC, "amount": 5.0}, "wrong by more than 5 s"),
        ({"rule": RuleKind.DEVICE_EVENT, "metric": DEVICE_METRIC}, "reports an alarm or an event"),
        ({"rule": RuleKind.DEVICE_EVENT, "metric": DEVICE_METRIC, "amount": 500.0}, "of severity 500 or"),
    ],
)
def test_every_rule_says_when_it_alerts(changes, words):
    assert words in condition_text(threshold(**changes))


def test_none_is_said_where_there_is_nothing():
    assert shown(FIELD_BY_KEY["realarm"], threshold()) == "none"


def test_starting_values_are_those_of_the_standards_and_no_others():
    assert starting_values("temperature") == StartingValues(1.0, 1.0, 60.0)
    assert starting_values("pressure") == StartingValues(20.0, 2.0, 15.0)
    assert starting_values("vibration") is None
