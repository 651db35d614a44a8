"""What the site decided about alerts: read by everybody, changed by administrators, never nonsense."""

from dataclasses import replace

import pytest

from models.errors import NotAllowed, Rejected
from models.queries.alarm_settings import fault_of, load_alarm_settings, save_alarm_settings
from models.records.person import Role
from models.records.shelf import AlarmSettings, Shift

GOOD = AlarmSettings(
    max_shelf_s=7200.0,
    max_maintenance_s=86_400.0,
    operator_positions=2,
    shifts=(Shift("Day", "06:00"), Shift("Night", "18:30")),
    time_zone="Europe/Berlin",
)


def test_a_site_begins_with_twelve_hours_on_the_shelf_and_three_shifts(connection):
    settings = load_alarm_settings(connection)
    assert (settings.max_shelf_s, settings.operator_positions, settings.time_zone) == (43_200.0, 1, "UTC")
    assert [shift.starts for shift in settings.shifts] == ["06:00", "14:00", "22:00"]


def test_what_was_saved_is_what_is_read(connection):
    save_alarm_settings(connection, GOOD)
    assert load_alarm_settings(connection) == GOOD


def test_a_site_may_work_without_shifts(connection):
    save_alarm_settings(connection, replace(GOOD, shifts=()))
    assert load_alarm_settings(connection).shifts == ()


def test_the_new_maximum_holds_from_then_on(plant):
    alarm = plant.alarm()
    administrator = plant.site.signed_in(plant.site.add(Role.ADMIN))
    with administrator.transaction() as connection:
        before = load_alarm_settings(connection)
        save_alarm_settings(connection, replace(before, max_shelf_s=60.0))
    with pytest.raises(Rejected, match=r"1 second to 1 minute on"):
        alarm.shelve(61.0)
    with administrator.transaction() as connection:
        save_alarm_settings(connection, before)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_nobody_but_an_administrator_decides(plant, role):
    somebody = plant.site.signed_in(plant.site.add(role))
    with somebody.transaction() as connection:
        settings = load_alarm_settings(connection)
    with pytest.raises(NotAllowed), somebody.transaction() as connection:
        save_alarm_settings(connection, settings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_shelf_s": float("nan")}, "longest time on the shelf"),
        ({"max_shelf_s": float("inf")}, "longest time on the shelf"),
        ({"max_shelf_s": 59.0}, "longest time on the shelf"),
        ({"max_maintenance_s": 1e9}, "longest maintenance"),
        ({"operator_positions": 0}, "1 to 100 operator positions"),
        ({"time_zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"time_zone": "../../etc/passwd"}, "no time zone"),
        ({"time_zone": ""}, "no time zone"),
        ({"time_zone": "\0"}, "no time zone"),
        ({"shifts": (Shift("Day", "6:00"),)}, "must start at a time like 06:00"),
        ({"shifts": (Shift("Day", "24:00"),)}, "must start at a time like 06:00"),
        ({"shifts": (Shift("Day", "٠٦:٠٠"),)}, "must start at a time like 06:00"),
        ({"shifts": (Shift(" ", "06:00"),)}, "needs a name"),
        ({"shifts": (Shift("x" * 61, "06:00"),)}, "needs a name"),
        ({"shifts": (Shift("A", "06:00"), Shift("B", "06:00"))}, "same time"),
        ({"shifts": (Shift("A", "06:00"), Shift("A ", "07:00"))}, "same name"),
        ({"shifts": (Shift("A", "07:00"), Shift("B", "06:00"))}, "in the order"),
        ({"shifts": tuple(Shift(f"S{hour}", f"{hour:02}:00") for hour in range(13))}, "at most 12 shifts"),
    ],
)
def test_what_cannot_be_is_named(connection, changes, words):
    with pytest.raises(Rejected, match=words):
        save_alarm_settings(connection, replace(GOOD, **changes))
    assert fault_of(GOOD) == ""
