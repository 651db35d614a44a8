"""The shelf and maintenance: set aside with a reason and an end, seen by everybody, kept for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.errors import NotAllowed, Rejected
from models.queries.alerts import open_alerts
from models.queries.shelves import (
    begin_maintenance,
    end_maintenance,
    maintenance_in,
    open_maintenance,
    open_shelves,
    shelve,
    shelves_in,
    sign,
    unshelve,
)
from models.records.person import Role
from models.records.shelf import HiddenBy
from models.records.threshold import ThresholdId

HOUR = timedelta(hours=1)


@pytest.fixture
def alarm(plant):
    made = plant.alarm()
    made.tell("raised")
    return made


def read(plant, question, *arguments, **named):
    with plant.operators.transaction() as connection:
        return question(connection, *arguments, **named)


def shelf_of(plant, alarm):
    (found,) = [shelf for shelf in read(plant, open_shelves) if shelf.threshold == alarm.threshold]
    return found


def alert_of(plant, alarm):
    (found,) = [alert for alert in read(plant, open_alerts) if alert.threshold == alarm.threshold]
    return found


def test_a_shelf_says_who_why_and_until_when(plant, alarm):
    before = datetime.now(UTC)
    assert alarm.shelve(3600.0) == "Shelved."
    shelf = shelf_of(plant, alarm)
    assert (shelf.by, shelf.reason, shelf.is_one_shot, shelf.ended_at) == (
        plant.operator.name,
        "valve",
        False,
        None,
    )
    assert abs(shelf.until - before - HOUR) < timedelta(seconds=30)


def test_an_alert_on_the_shelf_names_shelf_person_and_reason(plant, alarm):
    alarm.shelve()
    alert = alert_of(plant, alarm)
    assert (alert.hidden_by, alert.shelved_by, alert.shelf_reason) == (
        HiddenBy.SHELF,
        plant.operator.name,
        "valve",
    )
    assert alert.shelved_until == shelf_of(plant, alarm).until


def test_what_ran_out_is_kept_with_the_time_at_which_it_did(plant, alarm):
    alarm.shelve()
    alarm.turn_clock("alert_shelves")
    now = datetime.now(UTC)
    (shelf,) = [
        shelf
        for shelf in read(plant, shelves_in, now - timedelta(days=2), now)
        if shelf.threshold == alarm.threshold
    ]
    assert (shelf.ended_why, shelf.ended_at, shelf.ended_by) == ("expired", shelf.until, "")


def test_a_period_holds_what_lay_on_the_shelf_at_any_time_of_it(plant, alarm):
    alarm.shelve()
    alarm.unshelve()
    now = datetime.now(UTC)

    def found(since, until):
        return [s.ended_why for s in read(plant, shelves_in, since, until) if s.threshold == alarm.threshold]

    assert found(now - HOUR, now + HOUR) == ["unshelved"]
    assert found(now - 2 * HOUR, now - HOUR) == []
    assert found(now + HOUR, now + 2 * HOUR) == []


def test_a_threshold_may_be_shelved_before_anything_is_found_and_is_then_raised_silently(plant):
    alarm = plant.alarm()
    alarm.shelve()
    alarm.tell("raised")
    alert = alert_of(plant, alarm)
    assert (alert.hidden_by, alert.annunciated_at) == (HiddenBy.SHELF, None)


def test_a_threshold_that_does_not_exist_is_said_to_be_missing(plant):
    (outcome,) = read(plant, shelve, [ThresholdId(999_999)], "x", 60.0, is_one_shot=False)
    assert (outcome.is_changed, outcome.text) == (False, "Threshold 999999 does not exist.")


@pytest.mark.parametrize("seconds", [43_201.0, float("nan"), float("inf"), -1.0, 0.0])
def test_beyond_the_sites_maximum_the_sentence_names_it(plant, alarm, seconds):
    with pytest.raises(Rejected, match=r"^An alert may be shelved for 1 second to 12 hours on this site\.$"):
        alarm.shelve(seconds)
    assert alarm.journal() == ["raised"]


@pytest.mark.parametrize("reason", ["", "  ", "\0", "\ud800"])
def test_a_reason_must_be_given(plant, alarm, reason):
    with pytest.raises(Rejected, match=r"^Shelving needs a reason\.$"):
        read(plant, shelve, [alarm.threshold], reason, 60.0, is_one_shot=False)


def test_an_open_alert_that_is_critical_needs_a_signature_though_its_threshold_was_made_milder(plant, alarm):
    with alarm.owner() as connection:
        connection.execute(
            text(f"UPDATE app.alerts SET severity = 'critical' WHERE threshold_id = {alarm.threshold}")
        )
    with pytest.raises(Rejected, match="needs your password once more"):
        alarm.shelve()


def test_whoever_signs_may_shelve_what_is_critical(plant):
    alarm = plant.alarm(severity="critical")
    with plant.site.signed_in(plant.operator).transaction() as connection:
        sign(connection)
        (outcome,) = shelve(connection, [alarm.threshold], "valve", 60.0, is_one_shot=False)
    assert (outcome.is_changed, shelf_of(plant, alarm).is_signed) == (True, True)


def test_an_engineer_sets_aside_alerts_of_own_devices_only(plant, alarm):
    engineer = plant.site.add(Role.USER)
    own = plant.alarm(owner=engineer.id)
    with plant.site.signed_in(engineer).transaction() as connection:
        shelve(connection, [own.threshold], "valve", 60.0, is_one_shot=False)
        assert [shelf.threshold for shelf in open_shelves(connection)] == [own.threshold]
    with (
        pytest.raises(NotAllowed, match=r"^A device belongs to somebody else\.$"),
        plant.site.signed_in(engineer).transaction() as connection,
    ):
        shelve(connection, [own.threshold, alarm.threshold], "valve", 60.0, is_one_shot=False)


def test_unshelving_returns_what_lay_there(plant, alarm):
    alarm.shelve()
    assert read(plant, unshelve, [alarm.threshold, ThresholdId(999_999)]) == [alarm.threshold]
    assert read(plant, unshelve, [alarm.threshold]) == []


def test_a_threshold_that_is_removed_takes_its_shelf_and_its_alert_with_it(plant, alarm):
    alarm.shelve()
    with alarm.owner() as connection:
        connection.execute(text(f"DELETE FROM app.alert_thresholds WHERE id = {alarm.threshold}"))
    why = "SELECT ended_why FROM app.alert_shelves WHERE threshold_id = :threshold"
    assert (alarm.value(why), alarm.alerts()) == ("removed", [])


def test_maintenance_says_who_why_and_until_when_and_ends_by_hand(plant, alarm):
    alarm.begin_maintenance()
    (work,) = [work for work in read(plant, open_maintenance) if work.device == alarm.device]
    assert (work.by, work.reason, work.device_name) == (
        plant.operator.name,
        "bearing",
        alarm.value("SELECT name FROM app.devices WHERE id = :device"),
    )
    assert read(plant, end_maintenance, [alarm.device]) == [alarm.device]
    now = datetime.now(UTC)
    (past,) = [
        work for work in read(plant, maintenance_in, now - HOUR, now + HOUR) if work.device == alarm.device
    ]
    assert (past.ended_why, past.ended_by) == ("ended", plant.operator.name)


def test_maintenance_that_is_begun_again_takes_the_place_of_the_first(plant, alarm):
    alarm.begin_maintenance()
    read(plant, begin_maintenance, [alarm.device], "and the gear", 60.0)
    open_now = [work.reason for work in read(plant, open_maintenance) if work.device == alarm.device]
    assert open_now == ["and the gear"]
    assert alarm.journal() == ["raised", "suppressed"]


def test_maintenance_beyond_the_sites_maximum_is_refused_with_the_number(plant, alarm):
    with pytest.raises(Rejected, match=r"may last 1 second to 168 hours on this site\.$"):
        read(plant, begin_maintenance, [alarm.device], "bearing", 604_801.0)


def test_what_a_device_has_on_the_shelf_and_in_maintenance_is_hidden_until_both_are_over(plant, alarm):
    alarm.begin_maintenance()
    alarm.shelve()
    alarm.end_maintenance()
    assert alert_of(plant, alarm).hidden_by is HiddenBy.SHELF
    alarm.unshelve()
    alarm.pass_time()
    assert alert_of(plant, alarm).hidden_by is HiddenBy.NOTHING
    assert alarm.journal() == ["raised", "suppressed", "shelved", "unshelved"]


def hides(plant, alarm):
    alarm.pass_time()
    return alert_of(plant, alarm).hidden_by


def test_a_device_whose_firmware_is_being_installed_asks_nobody_for_a_day_at_most(plant, alarm):
    with alarm.owner() as connection:
        connection.execute(
            text(
                "INSERT INTO app.ota_versions (version, firmware_url) VALUES ('9.9', 'x') "
                "ON CONFLICT DO NOTHING"
            )
        )
        connection.execute(
            text(
                "INSERT INTO app.ota_deployments (device_id, version_id, status, started_at) "
                f"SELECT {alarm.device}, id, 'in_progress', now() FROM app.ota_versions WHERE version = '9.9'"
            )
        )
    assert hides(plant, alarm) is HiddenBy.UPDATE
    with alarm.owner() as connection:
        connection.execute(text("UPDATE app.ota_deployments SET started_at = now() - interval '25 hours'"))
    assert hides(plant, alarm) is HiddenBy.NOTHING


def test_what_lies_behind_a_device_that_is_offline_asks_nobody_until_it_is_back(plant):
    gateway = plant.alarm()
    name = gateway.value("SELECT device_id FROM app.devices WHERE id = :device")
    behind = plant.alarm(metadata=f'{{"parent": "{name}"}}')
    behind.tell("raised")
    gateway.tell("raised")
    set_status(gateway, "offline")
    assert (hides(plant, behind), hides(plant, gateway)) == (HiddenBy.PARENT, HiddenBy.NOTHING)
    gateway.acknowledge()
    set_status(gateway, "online")
    assert hides(plant, behind) is HiddenBy.NOTHING
    assert alert_of(plant, behind).acknowledged_by is None


def test_devices_that_are_named_as_one_anothers_parents_do_not_hide_each_other(plant):
    first, second = plant.alarm(), plant.alarm()
    for one, other in ((first, second), (second, first)):
        name = other.value("SELECT device_id FROM app.devices WHERE id = :device")
        with one.owner() as connection:
            connection.execute(
                text(
                    "UPDATE app.devices SET status = 'offline', metadata = jsonb_build_object('parent', "
                    "CAST(:name AS text)) WHERE id = :device"
                ),
                {"name": name, "device": one.device},
            )
        one.tell("raised")
    assert (hides(plant, first), hides(plant, second)) == (HiddenBy.NOTHING, HiddenBy.NOTHING)


def set_status(alarm, status):
    with alarm.owner() as connection:
        connection.execute(
            text("UPDATE app.devices SET status = :status WHERE id = :device"),
            {"status": status, "device": alarm.device},
        )
