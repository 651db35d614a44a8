import pytest

from console.catalogue.threshold_checks import faults_of
from models.records.threshold import DEVICE_METRIC, Guidance, RuleKind, Severity
from tests.unit.console.catalogue.threshold_parts import FULL, device, threshold


@pytest.mark.parametrize(
    "fine",
    [
        threshold(),
        threshold(min_value=2.0, deadband=17.0),
        FULL,
        threshold(rule=RuleKind.FROZEN, max_value=None, on_delay_s=60.0),
        threshold(rule=RuleKind.NO_DATA, max_value=None, amount=5.0),
        threshold(rule=RuleKind.BAD_QUALITY, max_value=None),
        threshold(rule=RuleKind.OFFLINE, max_value=None, metric=DEVICE_METRIC),
        threshold(rule=RuleKind.CLOCK, max_value=None, metric=DEVICE_METRIC, amount=5.0),
        threshold(rule=RuleKind.DEVICE_EVENT, max_value=None, metric=DEVICE_METRIC),
        threshold(rule=RuleKind.DEVICE_EVENT, max_value=None, metric=DEVICE_METRIC, amount=600.0),
    ],
    ids=lambda given: given.rule,
)
def test_a_threshold_in_order_has_no_fault(fine):
    assert faults_of(fine, device()) == {}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"max_value": None}, "max", "Give a minimum, a maximum, or both."),
        ({"min_value": 80.0}, "min", "80 °C must lie below the maximum of 70 °C."),
        ({"min_value": 70.0}, "min", "must lie below"),
        ({"max_value": 1400.0}, "max", "No value above 1400 °C is believed"),
        ({"min_value": -200.0}, "min", "No value below -200 °C is believed"),
        ({"max_value": float("nan")}, "max", "finite"),
        ({"max_value": 1e31}, "max", "finite"),
        ({"deadband": -1.0}, "deadband", "0 or more"),
        ({"min_value": 30.0, "deadband": 11.0}, "deadband", "at most a quarter, 10 °C"),
        ({"deadband": 101.0}, "deadband", "wider than the usual range of 100 °C"),
        ({"on_delay_s": -1.0}, "on_delay", "0 or more"),
        ({"off_delay_s": 172_800.0}, "off_delay", "is 2 d; at most 1 d."),
        (
            {"metric": "humidity"},
            "metric",
            "Press 1 does not measure Humidity; it measures Temperature, Pres",
        ),
        ({"metric": "mood"}, "metric", "'mood' is no metric"),
        ({"metric": DEVICE_METRIC}, "metric", "Limit needs a metric"),
        ({"rule": RuleKind.OFFLINE, "max_value": None}, "metric", "is about the device"),
        ({"rule": RuleKind.FROZEN, "on_delay_s": 60.0}, "max", "belongs to the rule Limit only"),
        ({"rule": RuleKind.FROZEN, "max_value": None}, "on_delay", "must stand still: 2 s at least"),
        ({"rule": RuleKind.RATE_OF_CHANGE, "max_value": None}, "amount", "how fast"),
        ({"rule": RuleKind.NO_DATA, "max_value": None, "amount": 0.5}, "amount", "how many periods"),
        ({"amount": 1.0}, "amount", "leave it empty"),
        ({"rule": RuleKind.DEVICE_EVENT, "max_value": None, "amount": 1001.0}, "amount", "1 to 1000; empty"),
        (
            {"rule": RuleKind.RATE_OF_CHANGE, "max_value": None, "amount": 2.0, "deadband": 1.9},
            "deadband",
            "nine tenths of 2, 1.8.",
        ),
        ({"rule": RuleKind.BAD_QUALITY, "max_value": None, "deadband": 1.0}, "deadband", "leave it 0"),
        ({"realarm_s": 5.0}, "realarm", "must be 1 min to 7 d, or empty."),
        ({"guidance": Guidance(respond_within_s=0.0)}, "respond", "must be 1 s to 7 d"),
        ({"guidance": Guidance(cause="x" * 2001)}, "cause", "longer than 2000"),
        ({"enabled": False}, "reason", "Say why it is out of service"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes, field, sentence):
    assert sentence in faults_of(threshold(**changes), device())[field]


def test_a_second_threshold_for_the_same_condition_is_refused():
    other = threshold(99, max_value=90.0)
    assert "has a warning threshold" in faults_of(threshold(), device(), [other])["severity"]
    assert faults_of(threshold(severity=Severity.INFO), device(), [other, threshold()]) == {}
