from dataclasses import replace

import pytest
from sqlalchemy import text

from models.errors import Rejected
from models.queries.alerts import apply_transitions, open_episodes
from models.queries.catalogue import current_person, import_devices, load_devices, load_thresholds
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceStatus
from models.records.device_entry import DeviceEntry, ImportOutcome
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity


def test_a_device_comes_back_as_it_was_imported(connection, make):
    given = make.device(extra={"serial": "X-7", "channels": [1, 2]})
    import_devices(connection, [DeviceEntry(given, ())])
    (stored,) = load_devices(connection)
    assert stored == replace(given, id=stored.id, status=DeviceStatus.OFFLINE)


def test_a_threshold_comes_back_as_it_was_imported(connection, make):
    given = make.threshold(min_value=1.0, max_value=2.0, off_delay_s=7.0, enabled=False)
    import_devices(connection, [DeviceEntry(make.device(), (given,))])
    (stored,) = load_thresholds(connection)
    owner = current_person(connection).id
    device = load_devices(connection)[0].id
    assert (stored.disabled_by, stored.disabled_at is not None) == (owner, True)
    given = replace(given, id=stored.id, device=device, user_id=owner)
    assert stored == replace(given, disabled_by=owner, disabled_at=stored.disabled_at)


def test_importing_the_same_again_changes_nothing(connection, make):
    entries = [DeviceEntry(make.device(name), (make.threshold(),)) for name in "ABC"]
    assert import_devices(connection, entries) == ImportOutcome(created=3, updated=0, unchanged=0)
    before = load_devices(connection), load_thresholds(connection)
    assert import_devices(connection, entries) == ImportOutcome(created=0, updated=0, unchanged=3)
    assert (load_devices(connection), load_thresholds(connection)) == before


def test_a_changed_device_keeps_its_id_and_its_owner(connection, make):
    owner = current_person(connection).id
    import_devices(connection, [DeviceEntry(make.device(user_id=owner), ())])
    (before,) = load_devices(connection)
    outcome = import_devices(connection, [DeviceEntry(make.device(location="Hall B"), ())])
    (after,) = load_devices(connection)
    assert (outcome.updated, after.id, after.user_id, after.location) == (1, before.id, owner, "Hall B")


def test_a_changed_threshold_keeps_its_id_and_an_unchanged_neighbour_stays(connection, make):
    old = (make.threshold(), make.threshold(severity=Severity.CRITICAL, max_value=90))
    new = (make.threshold(max_value=60), old[1])
    import_devices(connection, [DeviceEntry(make.device(), old)])
    before = load_thresholds(connection)
    outcome = import_devices(connection, [DeviceEntry(make.device(), new)])
    after = load_thresholds(connection)
    assert [t.id for t in after] == [t.id for t in before]
    assert ([t.max_value for t in after], outcome.updated) == ([60, 90], 1)


def test_a_threshold_no_longer_named_is_removed_and_its_alert_ends(connection, make):
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
    (known,) = load_thresholds(connection)
    raised = Transition(TransitionKind.RAISED, known.device, known.id, known.severity, 1.8e9, 71, 70, "hot")
    apply_transitions(connection, [raised])
    import_devices(connection, [DeviceEntry(make.device(), ())])
    assert (load_thresholds(connection), open_episodes(connection)) == ([], [])


def test_a_device_named_twice_is_refused_by_name(connection, make):
    with pytest.raises(Rejected, match="DRIVE-01 is named twice"):
        import_devices(connection, [DeviceEntry(make.device(), ()), DeviceEntry(make.device(), ())])


def test_a_threshold_whose_limits_cross_is_refused_and_nothing_is_kept(database, make):
    bad = DeviceEntry(make.device("B"), (make.threshold(min_value=9, max_value=3),))
    with (
        pytest.raises(Rejected, match="minimum must lie below its maximum"),
        database.transaction() as connection,
    ):
        import_devices(connection, [DeviceEntry(make.device("A"), ()), bad])
    with database.transaction() as connection:
        assert load_devices(connection) == []


def test_a_hidden_device_is_not_loaded_and_importing_it_brings_it_back(connection, make):
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
    (before,) = load_devices(connection)
    connection.execute(text("UPDATE app.devices SET deleted_at = now()"))
    assert (load_devices(connection), load_thresholds(connection)) == ([], [])
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(),))])
    assert [device.id for device in load_devices(connection)] == [before.id]


def test_a_row_of_another_program_is_loaded_without_driver_and_tags(connection):
    connection.execute(
        text(
            "INSERT INTO app.devices (device_id, name, type, location, metadata) "
            "VALUES ('X', 'x', 'gateway', '', '{\"period_s\": \"soon\", \"tags\": 3}')"
        )
    )
    (device,) = load_devices(connection)
    assert (device.driver, device.tags, device.period_s) == ("", (), 1.0)


def test_devices_come_by_location_and_name(connection, make):
    places = (("A", "Hall B"), ("B", "Hall A"), ("C", "Hall A"))
    import_devices(connection, [DeviceEntry(make.device(name, location=place), ()) for name, place in places])
    assert [device.device_id for device in load_devices(connection)] == ["B", "C", "A"]


@pytest.mark.parametrize(
    "settings",
    [
        '{"period_s": 1e400}',
        '{"period_s": 1e5000}',
        '{"tags": [{"scale": -1e400, "offset": 1e5000}]}',
        '{"note": 1e5000}',
    ],
)
def test_a_number_beyond_every_limit_in_one_device_hides_no_other(connection, make, settings):
    import_devices(connection, [DeviceEntry(make.device("A"), ())])
    connection.execute(
        text(
            "INSERT INTO app.devices (device_id, name, type, location, metadata) "
            "VALUES ('B', 'b', 'c', 'd', CAST(:settings AS jsonb))"
        ),
        {"settings": settings},
    )
    assert [device.device_id for device in load_devices(connection)] == ["A", "B"]


@pytest.mark.parametrize("beyond", ["infinity", "1.7e308"])
def test_limits_and_delays_that_no_arithmetic_bears_do_not_leave_the_database(connection, make, beyond):
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(min_value=1.0, max_value=2.0),))])
    # As a row from before the database refused them.
    connection.execute(text("ALTER TABLE app.alert_thresholds DROP CONSTRAINT alert_thresholds_are_finite"))
    connection.execute(
        text(
            "UPDATE app.alert_thresholds SET max_value = CAST(:beyond AS float8), on_delay_s = 'nan', "
            "off_delay_s = 'infinity', deadband = 'nan'"
        ),
        {"beyond": beyond},
    )
    (stored,) = load_thresholds(connection)
    assert (stored.min_value, stored.max_value) == (1.0, None)
    assert (stored.on_delay_s, stored.off_delay_s, stored.deadband) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "change",
    [
        "max_value = 'infinity'",
        "min_value = '-infinity'",
        "max_value = 'nan'",
        "on_delay_s = 'nan'",
        "off_delay_s = 'infinity'",
        "deadband = 'nan'",
    ],
)
def test_the_database_refuses_limits_and_delays_without_end(database, make, change):
    with database.transaction() as connection:
        import_devices(
            connection, [DeviceEntry(make.device(), (make.threshold(min_value=1.0, max_value=2.0),))]
        )
    with pytest.raises(Rejected, match="must be finite numbers"), database.transaction() as connection:
        connection.execute(text(f"UPDATE app.alert_thresholds SET {change}"))


def _offline(make, **changes):
    facts = {"metric": DEVICE_METRIC, "max_value": None, "deadband": 0.0, "rule": RuleKind.OFFLINE}
    return make.threshold(**(facts | changes))


def test_a_default_threshold_is_stored_once_and_never_overwrites_what_people_made_of_it(connection, make):
    entry = DeviceEntry(make.device(), (), defaults=(_offline(make, on_delay_s=10.0),))
    import_devices(connection, [entry])
    connection.execute(text("UPDATE app.alert_thresholds SET on_delay_s = 60"))
    outcome = import_devices(connection, [entry])
    (known,) = load_thresholds(connection)
    assert (known.rule, known.on_delay_s, outcome.unchanged) == (RuleKind.OFFLINE, 60.0, 1)


def test_thresholds_of_rules_an_entry_does_not_speak_of_stay(connection, make):
    frozen = make.threshold(rule=RuleKind.FROZEN, max_value=None, deadband=0.0, on_delay_s=60.0)
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(), frozen))])
    import_devices(connection, [DeviceEntry(make.device(), (), of_rules=frozenset({RuleKind.LIMIT}))])
    assert [known.rule for known in load_thresholds(connection)] == [RuleKind.FROZEN]


def test_thresholds_are_matched_by_rule_as_well_as_by_metric_and_severity(connection, make):
    frozen = make.threshold(rule=RuleKind.FROZEN, max_value=None, deadband=0.0, on_delay_s=60.0)
    import_devices(connection, [DeviceEntry(make.device(), (make.threshold(), frozen))])
    before = load_thresholds(connection)
    outcome = import_devices(connection, [DeviceEntry(make.device(), (frozen, make.threshold()))])
    assert (load_thresholds(connection), outcome.unchanged) == (before, 1)


def test_devices_reached_through_each_other_by_two_imports_are_refused(connection, make):
    import_devices(connection, [DeviceEntry(make.device("A", extra={"parent": "B"}), ())])
    with pytest.raises(Rejected, match="The device B would be reached through itself"):
        import_devices(connection, [DeviceEntry(make.device("B", extra={"parent": "A"}), ())])
