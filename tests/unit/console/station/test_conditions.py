from console.station.conditions import worst_first
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity


def condition(kind: ConditionKind, severity: Severity, since_unix: float = 0.0) -> Condition:
    return Condition(kind, severity, since_unix, f"{kind} since {since_unix}.")


AWAY = condition(ConditionKind.DATABASE_AWAY, Severity.WARNING)
CLOCK = condition(ConditionKind.CLOCK_OFFSET, Severity.WARNING, 5.0)
DRILL = condition(ConditionKind.DRILL, Severity.INFO)
SILENT = condition(ConditionKind.SILENT, Severity.CRITICAL)


def test_the_worst_comes_first_and_of_those_alike_the_oldest():
    assert worst_first([CLOCK, AWAY], [SILENT]) == (SILENT, AWAY, CLOCK)


def test_what_a_drill_brings_about_is_not_told_as_wrong():
    assert worst_first([SILENT], [CLOCK], [DRILL]) == (CLOCK, DRILL)
