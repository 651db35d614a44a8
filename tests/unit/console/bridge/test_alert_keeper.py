"""Which alerts are open while the database is away, and when it is back. Pure."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.bridge.alert_keeper import AGREED_WITHIN_S, AlertKeeper
from console.bridge.catalogue import Catalogue
from console.bridge.station_alerts import provisional_id
from console.link.messages import AlertChanges
from models.records.alert import Alert, AlertStatus
from models.records.threshold import Severity
from tests.unit.console.bridge.bridge_parts import device
from tests.unit.console.bridge.station_alert_parts import listed, told
from tests.unit.console.frame.frame_parts import NOW


class Clock:
    def __init__(self) -> None:
        self.unix = NOW

    def __call__(self) -> float:
        return self.unix


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(clock) -> AlertKeeper:
    """Devices 1 and 2 are polled here, 3 elsewhere; an alert of 1 and one of 3 are open."""
    made = AlertKeeper(clock)
    made.use(Catalogue([device(1), device(2), device(3)]), {1, 2})
    made.take_list((listed(3), listed(1)))
    made.take_changes(AlertChanges([told(1)], is_all=True))
    return made


@pytest.fixture
def away(keeper) -> AlertKeeper:
    keeper.follow(is_away=True, is_delivered=False)
    return keeper


def back(keeper: AlertKeeper) -> None:
    keeper.follow(is_away=False, is_delivered=True)


def of(keeper: AlertKeeper, number: int) -> Alert | None:
    return next((alert for alert in keeper.shown if alert.device == number), None)


def test_while_the_database_is_live_only_its_list_counts(keeper):
    keeper.take_changes(AlertChanges([told(2)], gone=[(1, 101)]))
    assert keeper.shown == (listed(3), listed(1))


def test_what_did_not_change_is_the_very_same_object(away):
    before = of(away, 1), of(away, 3)
    away.take_changes(AlertChanges([told(1), told(2)]))
    assert of(away, 1) is before[0]
    assert of(away, 3) is before[1]


def test_a_new_alert_has_names_and_a_number_of_its_own_below_zero(away):
    away.take_changes(AlertChanges([told(2, Severity.CRITICAL, age_s=0.0)]))
    new = of(away, 2)
    assert away.shown[0] is new
    assert (new.device_name, new.location, new.severity) == ("Drive 2", "Hall A", Severity.CRITICAL)
    assert new.id < 0


def test_the_number_stays_the_same_for_the_same_episode_only():
    assert provisional_id(told(2)) == provisional_id(told(2, message="another word", value=90.0))
    others = {provisional_id(each) for each in (told(2), told(1), told(2, age_s=59.0))}
    assert len(others) == 3


def test_a_device_not_yet_known_by_name_is_shown_all_the_same(away):
    away.use(Catalogue(), {1, 2, 9})
    away.take_changes(AlertChanges([told(9)]))
    assert of(away, 9).device_name == "device 9"


def test_a_known_alert_keeps_number_and_comments_and_takes_what_the_station_found(away):
    away.take_list((replace(listed(1), comments=3, shelf_reason="valve"), listed(3)))
    away.take_changes(AlertChanges([told(1, cleared_unix=NOW, value=80.0)]))
    changed = of(away, 1)
    assert (changed.id, changed.comments, changed.shelf_reason) == (1, 3, "valve")
    assert (changed.is_standing, changed.value_at_trigger) == (False, 80.0)


def test_an_episode_that_ended_is_gone_and_one_that_began_since_is_another(away):
    away.take_changes(AlertChanges([], gone=[(1, 101)]))
    assert of(away, 1) is None
    away.take_changes(AlertChanges([told(1, age_s=0.0)]))
    assert of(away, 1).id < 0


def test_alerts_of_devices_polled_elsewhere_stay_as_last_heard(away):
    away.take_changes(AlertChanges([], is_all=True))
    assert away.shown == (listed(3),)


def test_before_the_station_has_told_all_nothing_is_taken_for_over(keeper):
    keeper.forget_station()
    keeper.follow(is_away=True, is_delivered=True)
    assert keeper.shown == (listed(3), listed(1))


def test_what_the_station_told_last_stays_when_it_is_lost_too(away):
    away.take_changes(AlertChanges([told(2)]))
    shown = away.shown
    away.forget_station()
    assert away.shown == shown


def test_released_devices_keep_their_alerts(away):
    away.take_changes(AlertChanges([told(1, value=99.0)]))
    away.release([1])
    away.use(Catalogue([device(1)]), {2})
    away.take_changes(AlertChanges([], gone=[(1, 101)]))
    assert of(away, 1).value_at_trigger == 99.0


def test_the_station_says_who_acknowledged(away):
    away.take_changes(AlertChanges([told(1, acknowledged_unix=NOW, acknowledged_by="Eva Lind")]))
    noted = of(away, 1)
    assert (noted.status, noted.acknowledged_by) == (AlertStatus.ACKNOWLEDGED, "Eva Lind")
    assert noted.acknowledged_at == datetime.fromtimestamp(NOW, UTC)


def test_an_acknowledgement_that_the_station_has_not_heard_of_is_not_undone(away):
    noted = replace(
        listed(1),
        status=AlertStatus.ACKNOWLEDGED,
        acknowledged_at=datetime.fromtimestamp(NOW, UTC),
        acknowledged_by="Ada",
    )
    away.take_list((noted,))
    assert away.shown == (noted,)
    away.take_changes(AlertChanges([told(1, annunciated_unix=NOW + 60)]))
    assert of(away, 1).status is AlertStatus.ACTIVE


def test_what_is_kept_counts_at_once_wherever_the_device_is_polled(away):
    away.keep([(1, 101), (3, 103)], "Eva Lind")
    assert [alert.status for alert in away.shown] == [AlertStatus.ACKNOWLEDGED] * 2
    assert of(away, 3).acknowledged_by == "Eva Lind"


def test_what_is_kept_does_not_count_for_an_alert_that_asks_anew(away):
    away.keep([(1, 101)], "Eva Lind")
    away.take_changes(AlertChanges([told(1, annunciated_unix=NOW + 60)]))
    assert of(away, 1).status is AlertStatus.ACTIVE


def test_a_returned_alert_is_over_once_it_is_acknowledged_and_a_latched_one_is_not(away):
    away.take_changes(AlertChanges([told(1, cleared_unix=NOW), told(2, cleared_unix=NOW, is_latching=True)]))
    away.keep([(1, 101), (2, 102)], "Eva Lind")
    assert of(away, 1) is None
    assert of(away, 2).status is AlertStatus.ACKNOWLEDGED


def test_the_database_back_shows_what_it_does_not_hold_yet_until_it_does(away):
    away.take_changes(AlertChanges([told(2)]))
    back(away)
    away.take_list((listed(3), listed(1)))
    assert of(away, 2).id < 0
    away.take_list((listed(3), listed(2), listed(1)))
    assert (of(away, 2).id, away.is_overlaid) == (2, False)


def test_what_was_acknowledged_meanwhile_does_not_flash_again_before_it_is_delivered(away):
    away.keep([(3, 103)], "Eva Lind")
    back(away)
    away.take_list((listed(3), listed(1)))
    assert of(away, 3).status is AlertStatus.ACKNOWLEDGED
    away.take_list((listed(1), replace(listed(3), status=AlertStatus.ACKNOWLEDGED)))
    assert not away.is_overlaid


def test_what_the_database_declined_shows_once_everything_is_delivered(away, clock):
    away.keep([(3, 103)], "Eva Lind")
    back(away)
    clock.unix += AGREED_WITHIN_S + 1
    away.take_list((listed(3), listed(1)))
    assert (of(away, 3).status, away.is_overlaid) == (AlertStatus.ACTIVE, False)


def test_the_time_to_agree_begins_when_the_station_has_delivered_everything(away, clock):
    away.take_changes(AlertChanges([told(2)]))
    back(away)
    clock.unix += AGREED_WITHIN_S + 1
    away.follow(is_away=False, is_delivered=False)
    away.take_list((listed(3), listed(1)))
    assert away.is_overlaid


def test_an_old_list_does_not_come_up_in_the_moment_the_database_is_back(away):
    away.take_changes(AlertChanges([told(2)]))
    shown = away.shown
    back(away)
    assert away.shown == shown


def test_a_station_that_is_connected_to_anew_meanwhile_takes_nothing_along(away):
    away.take_changes(AlertChanges([told(2)]))
    back(away)
    away.forget_station()
    away.take_list((listed(3), listed(1)))
    assert (of(away, 2).id < 0, away.is_overlaid) == (True, True)
    away.take_list((listed(3), listed(2), listed(1)))
    assert [alert.id for alert in away.shown] == [3, 2, 1]


def test_an_alert_that_was_over_before_the_database_heard_of_it_goes_with_the_stations_word(away):
    away.take_changes(AlertChanges([told(2)]))
    back(away)
    away.take_changes(AlertChanges([], gone=[(2, 102)]))
    away.take_list((listed(3), listed(1)))
    assert (of(away, 2), away.is_overlaid) == (None, False)
