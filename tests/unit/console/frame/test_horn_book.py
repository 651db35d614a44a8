"""What the horn says: every rule once, without a sound."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.bridge.sound_files import Sound
from console.frame.horn_book import HornBook
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity, ThresholdId
from tests.unit.console.frame.frame_parts import NOW, alert

CRITICAL, WARNING, INFO = Severity


def asked(number: int, severity: Severity = WARNING, ago_s: float = 0.0) -> Alert:
    at = datetime.fromtimestamp(NOW, UTC) - timedelta(seconds=ago_s)
    return replace(alert(number, severity, age_s=ago_s), annunciated_at=at)


def many(count: int, first: int = 100, ago_s: float = 1.0) -> list[Alert]:
    return [asked(number, ago_s=ago_s) for number in range(first, first + count)]


@pytest.fixture
def book() -> HornBook:
    return HornBook()


def test_the_worst_unacknowledged_alert_is_heard(book):
    assert book.take([asked(1)], NOW).sound is Sound.WARNING
    assert book.take([asked(1), asked(2, CRITICAL)], NOW).sound is Sound.CRITICAL


def test_nothing_open_is_silence(book):
    assert book.take([], NOW).sound is None


@pytest.mark.parametrize(
    "quiet",
    [
        asked(1, INFO),
        replace(asked(1, CRITICAL), status=AlertStatus.ACKNOWLEDGED),
        replace(asked(1, CRITICAL), cleared_at=datetime.fromtimestamp(NOW, UTC)),
        replace(asked(1, CRITICAL), cleared_at=datetime.fromtimestamp(NOW, UTC), is_latching=True),
        replace(asked(1, CRITICAL), hidden_by=HiddenBy.SHELF),
        replace(asked(1, CRITICAL), hidden_by=HiddenBy.MAINTENANCE),
    ],
    ids=["info", "acknowledged", "returned", "latched", "shelved", "suppressed"],
)
def test_what_asks_nobody_makes_no_sound(book, quiet):
    assert book.take([quiet], NOW).sound is None


def test_silence_lasts_until_another_alert_asks(book):
    book.take([asked(1, CRITICAL)], NOW)
    silenced = book.silence(NOW)
    assert (silenced.sound, silenced.is_silenced) == (None, True)
    assert book.take([asked(1, CRITICAL)], NOW + 5).sound is None
    assert book.take([asked(1, CRITICAL), asked(2)], NOW + 6).sound is Sound.WARNING


def test_acknowledging_silences_for_everybody(book):
    book.take([asked(1, CRITICAL)], NOW)
    assert book.take([replace(asked(1, CRITICAL), status=AlertStatus.ACKNOWLEDGED)], NOW).sound is None


def test_an_alert_that_asks_again_is_heard_again(book):
    book.take([asked(1, CRITICAL, ago_s=60)], NOW)
    book.silence(NOW)
    again = replace(asked(1, CRITICAL, ago_s=60), annunciated_at=datetime.fromtimestamp(NOW + 1, UTC))
    assert book.take([again], NOW + 1).sound is Sound.CRITICAL


def test_an_alert_that_went_and_came_back_is_heard_again(book):
    book.take([asked(1)], NOW)
    book.silence(NOW)
    book.take([], NOW + 1)
    assert book.take([asked(1, ago_s=-2)], NOW + 2).sound is Sound.WARNING


def test_a_flood_is_one_summary_sound(book):
    assert book.take(many(10), NOW).sound is Sound.WARNING
    flood = book.take(many(11), NOW)
    assert (flood.sound, flood.is_flood, flood.recent) == (Sound.FLOOD, True, 11)


def test_a_silenced_flood_keeps_still_for_a_minute_whatever_comes(book):
    book.take(many(11), NOW)
    book.silence(NOW)
    assert book.take(many(50), NOW + 30).sound is None
    assert book.tell(NOW + 59).sound is None
    assert book.tell(NOW + 60).sound is Sound.FLOOD


def test_critical_sounds_in_a_flood_that_was_silenced(book):
    book.take(many(11), NOW)
    book.silence(NOW)
    assert book.take([*many(11), asked(1, CRITICAL)], NOW + 1).sound is Sound.CRITICAL


def test_a_flood_ends_below_five_in_ten_minutes(book):
    alerts = many(7, ago_s=300) + many(4, first=300, ago_s=10)
    assert book.take(alerts, NOW).is_flood
    assert not book.tell(NOW + 301).is_flood


def test_between_five_and_ten_it_depends_on_where_it_comes_from(book):
    alerts = many(7, ago_s=300) + many(5, first=300, ago_s=10)
    book.take(alerts, NOW)
    assert book.tell(NOW + 301).is_flood
    assert not HornBook().take(alerts[7:], NOW).is_flood


def test_what_has_stood_for_hours_when_somebody_signs_in_is_no_flood(book):
    state = book.take(many(200, ago_s=7200), NOW)
    assert (state.sound, state.is_flood, state.sounding) == (Sound.WARNING, False, 200)


def test_an_alert_is_counted_once_however_often_it_is_looked_at(book):
    book.take(many(8), NOW)
    book.take([], NOW + 1)
    assert book.take(many(8), NOW + 2).recent == 8


def condition(
    severity: Severity = WARNING,
    since_unix: float = NOW,
    kind: ConditionKind = ConditionKind.SPOOL_FILLING,
) -> Condition:
    return Condition(kind, severity, since_unix, "The spool is 85 % full.")


def test_what_is_wrong_with_the_station_sounds_like_an_alert_of_its_severity(book):
    assert book.take_conditions([condition(INFO)], NOW).sound is None
    assert book.take_conditions([condition(WARNING)], NOW).sound is Sound.WARNING
    assert book.take_conditions([condition(CRITICAL)], NOW).sound is Sound.CRITICAL
    assert book.take_conditions([], NOW).sound is None


def test_a_condition_that_was_silenced_sounds_again_only_when_it_gets_worse_or_begins_anew(book):
    book.take_conditions([condition()], NOW)
    assert book.silence(NOW).sound is None
    assert book.take_conditions([condition(since_unix=NOW + 2)], NOW).sound is None
    book.take_conditions([], NOW)
    assert book.take_conditions([condition()], NOW).sound is None
    assert book.take_conditions([condition(since_unix=NOW + 60)], NOW).sound is Sound.WARNING
    book.silence(NOW)
    assert book.take_conditions([condition(CRITICAL)], NOW).sound is Sound.CRITICAL


def test_an_alert_that_gets_its_number_from_the_database_later_is_the_same_alert(book):
    told = replace(asked(-77, CRITICAL), device=DeviceId(1), threshold=ThresholdId(101))
    book.take([told], NOW)
    book.silence(NOW)
    listed = replace(told, id=AlertId(5), annunciated_at=told.annunciated_at + timedelta(seconds=0.4))
    state = book.take([listed], NOW)
    assert (state.sound, state.is_silenced, state.recent) == (None, True, 1)
    again = replace(listed, annunciated_at=told.annunciated_at + timedelta(seconds=30))
    assert book.take([again], NOW).sound is Sound.CRITICAL
