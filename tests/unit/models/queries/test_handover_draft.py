"""What a shift's draft says, against a plant where something of everything happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.metrics import METRIC_KEYS
from models.queries.availability import load_availability, load_outages
from models.queries.catalogue import import_devices, load_devices, load_thresholds
from models.queries.handover_draft import draft_handover
from models.queries.signals import add_signals
from models.records.device_entry import DeviceEntry
from models.records.handover import SectionKey, ShiftSpan
from models.records.signal import Signal
from models.records.threshold import Severity
from tests.unit.models.queries.journal_rows import add_alert

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
SHIFT = ShiftSpan("Early", NOW - timedelta(hours=8), NOW)
COLUMNS = ", ".join(f"{key}_count" for key in METRIC_KEYS)


@pytest.fixture
def plant(connection, make):
    """Two devices since yesterday, with a warning and a critical limit each."""
    import_devices(
        connection,
        [
            DeviceEntry(
                make.device(name),
                (make.threshold(), make.threshold("rpm", Severity.CRITICAL, max_value=900.0)),
            )
            for name in ("A", "B")
        ],
    )
    connection.execute(
        text("UPDATE app.devices SET created_at = :at, status = 'online'"), {"at": NOW - timedelta(days=1)}
    )
    connection.execute(text("UPDATE app.alert_thresholds SET enabled = enabled"))
    connection.execute(text("UPDATE app.users SET name = 'Ada'"))
    return connection


def tell_minutes(connection, device, since, until, good=60):
    connection.execute(
        text(
            f"INSERT INTO app.readings_1m (device_id, bucket, {COLUMNS}) "
            f"SELECT :device, b, {', '.join(str(good) for _ in METRIC_KEYS)} FROM generate_series("
            "CAST(:since AS timestamptz), CAST(:until AS timestamptz) - interval '1 min', interval '1 min') b"
        ),
        {"device": device, "since": since, "until": until},
    )


def lines(draft, key):
    return next(section.lines for section in draft.sections if section.key is key)


def test_every_section_is_there_in_its_order(plant):
    assert [section.key for section in draft_handover(plant, SHIFT, NOW).sections] == list(SectionKey)


def test_open_alerts_are_told_worst_first_and_those_set_aside_are_not(plant):
    warning, critical, aside, _ = (
        load_thresholds(plant)[1],
        load_thresholds(plant)[0],
        *load_thresholds(plant)[2:],
    )
    add_alert(plant, warning.id, NOW - timedelta(hours=2))
    add_alert(plant, critical.id, NOW - timedelta(hours=3), acknowledged_s=60, person=1)
    add_alert(plant, aside.id, NOW - timedelta(hours=1), is_hidden=True)
    told = lines(draft_handover(plant, SHIFT, NOW), SectionKey.OPEN)
    assert len(told) == 2
    assert told[0].startswith("Critical: Device A: hot. Since ")
    assert "(3 h 00 min), acknowledged by" in told[0]
    assert "not acknowledged" in told[1]


def test_what_is_shelved_switched_off_or_in_maintenance_is_told_with_its_reason(plant):
    first, second = load_thresholds(plant)[:2]
    plant.execute(
        text("SELECT * FROM app.shelve_thresholds(ARRAY[:id]::bigint[], 'valve sticks', 600)"),
        {"id": second.id},
    )
    plant.execute(
        text("SELECT * FROM app.begin_maintenance(ARRAY[:id]::bigint[], 'bearing', 600)"),
        {"id": second.device},
    )
    plant.execute(
        text("UPDATE app.alert_thresholds SET enabled = false, disabled_reason = 'no sensor' WHERE id = :id"),
        {"id": first.id},
    )
    draft = draft_handover(plant, SHIFT, NOW)
    assert "Device A: Temperature above 70" in lines(draft, SectionKey.SHELVED)[0]
    assert lines(draft, SectionKey.SHELVED)[0].endswith(": valve sticks")
    assert lines(draft, SectionKey.MAINTENANCE)[0].endswith(": bearing")
    assert lines(draft, SectionKey.OUT_OF_SERVICE)[0].endswith(": no sensor")


def test_comments_of_the_shift_are_told_with_who_and_where(plant):
    threshold = load_thresholds(plant)[0]
    alert = add_alert(plant, threshold.id, NOW - timedelta(hours=1))
    plant.execute(text("SELECT app.comment_alerts(ARRAY[:id]::bigint[], 'fan\nreplaced')"), {"id": alert})
    later = datetime.now(UTC) + timedelta(minutes=1)
    told = lines(draft_handover(plant, ShiftSpan("E", SHIFT.began_at, later), later), SectionKey.COMMENTS)
    assert len(told) == 1
    assert told[0].endswith(" Ada, on Device A: fan replaced")


def test_a_device_that_was_silent_is_told_with_its_times(plant):
    first, second = load_devices(plant)
    tell_minutes(plant, first.id, SHIFT.began_at, NOW)
    tell_minutes(plant, second.id, SHIFT.began_at, NOW - timedelta(hours=4))
    tell_minutes(plant, second.id, NOW - timedelta(hours=3, minutes=30), NOW)
    plant.execute(text("UPDATE app.rollup_progress SET rolled_before = :at"), {"at": NOW})
    told = lines(draft_handover(plant, SHIFT, NOW), SectionKey.OUTAGES)
    assert len(told) == 1
    assert told[0].startswith("Device B: no readings ")
    assert told[0].endswith("(30 min)")


def test_a_silence_of_a_minute_is_no_outage(plant):
    for device in load_devices(plant):
        tell_minutes(plant, device.id, SHIFT.began_at, NOW - timedelta(minutes=61))
        tell_minutes(plant, device.id, NOW - timedelta(minutes=60), NOW)
    plant.execute(text("UPDATE app.rollup_progress SET rolled_before = :at"), {"at": NOW})
    assert load_outages(plant, SHIFT.began_at, NOW) == []


def test_a_device_silent_until_now_has_an_outage_without_an_end(plant):
    plant.execute(text("UPDATE app.rollup_progress SET rolled_before = :at"), {"at": NOW})
    assert [outage.until for outage in load_outages(plant, SHIFT.began_at, NOW)] == [None, None]


def test_availability_is_the_share_of_readings_that_arrived(plant):
    first, _ = load_devices(plant)
    tell_minutes(plant, first.id, NOW - timedelta(hours=8), NOW - timedelta(hours=2))
    plant.execute(text("UPDATE app.rollup_progress SET rolled_before = :at"), {"at": NOW})
    found = load_availability(plant, SHIFT.began_at, NOW)
    assert [(one.name, one.share) for one in found] == [("Device A", pytest.approx(0.75)), ("Device B", 0.0)]
    assert found[0].missing_s == pytest.approx(7200)


def test_a_device_that_has_signals_only_is_available_while_one_of_them_is_good(plant):
    first, second = load_devices(plant)
    signal = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0))
    [flow, level] = add_signals(plant, [signal, replace(signal, key="level")])
    begin, end = NOW - timedelta(hours=8), NOW - timedelta(hours=2)
    plant.execute(text("UPDATE app.rollup_progress SET rolled_before = :at"), {"at": NOW})
    tell_minutes(plant, second.id, begin, NOW)
    tell_minutes(plant, first.id, begin, NOW, good=0)
    for one, count in ((flow, 60), (level, 0)):
        plant.execute(
            text(
                "WITH known AS (INSERT INTO app.signal_latest (device_id, signal_id, recorded_at) "
                "VALUES (:device, :signal, now())) "
                "INSERT INTO app.signal_1m (device_id, signal_id, bucket, count) "
                "SELECT :device, :signal, b, :count FROM generate_series("
                "CAST(:begin AS timestamptz), CAST(:end AS timestamptz) - interval '1 min', "
                "interval '1 min') AS b"
            ),
            {"device": first.id, "signal": one.id, "count": count, "begin": begin, "end": end},
        )
    found = load_availability(plant, SHIFT.began_at, NOW)
    assert [one.share for one in found] == [pytest.approx(0.75), pytest.approx(1.0)]
    assert [outage.since for outage in load_outages(plant, SHIFT.began_at, NOW)] == [end]


def test_availability_of_days_comes_from_hours_and_minutes_alike(plant):
    first, _ = load_devices(plant)
    since = NOW - timedelta(days=4, minutes=20)
    plant.execute(text("UPDATE app.devices SET created_at = :at"), {"at": since - timedelta(days=1)})
    for table, bucket, full, step in (("1m", since, 60, "1 min"), ("1h", since, 3600, "1 hour")):
        plant.execute(
            text(
                f"INSERT INTO app.readings_{table} (device_id, bucket, {COLUMNS}) "
                f"SELECT :device, b, {', '.join(str(full) for _ in METRIC_KEYS)} FROM generate_series("
                f"date_bin('{step}', CAST(:since AS timestamptz), 'epoch'), CAST(:until AS timestamptz) "
                f"- interval '{step}', interval '{step}') AS b"
            ),
            {"device": first.id, "since": bucket, "until": NOW},
        )
    hour = NOW - timedelta(seconds=NOW.timestamp() % 3600)
    plant.execute(
        text("UPDATE app.rollup_progress SET rolled_before = :at, hours_before = :hour"),
        {"at": NOW, "hour": hour},
    )
    found = load_availability(plant, since, NOW)
    assert [one.share for one in found] == [pytest.approx(1.0), 0.0]
    assert found[0].counted_s == pytest.approx((NOW - since).total_seconds())


def test_a_limit_changed_in_the_shift_is_told_and_one_from_before_is_not(plant):
    from models.queries.handover_draft import _CHANGED

    later = datetime.now(UTC) + timedelta(minutes=1)
    asked = {"since": datetime.now(UTC) - timedelta(minutes=1), "until": later}
    assert plant.execute(_CHANGED, asked).all()
    assert not plant.execute(
        _CHANGED, {"since": NOW - timedelta(days=3), "until": NOW - timedelta(days=2)}
    ).all()


def test_whoever_changed_a_limit_that_is_new_in_the_shift_did_not_add_it(plant):
    from models.queries.handover_draft import _CHANGED

    plant.execute(text("ALTER TABLE app.alert_thresholds DISABLE TRIGGER touch_updated_at"))
    plant.execute(text("UPDATE app.alert_thresholds SET updated_at = created_at"))
    plant.execute(
        text(
            "UPDATE app.alert_thresholds SET updated_at = created_at + interval '1 s' "
            "WHERE id = (SELECT min(id) FROM app.alert_thresholds)"
        )
    )
    asked = {
        "since": datetime.now(UTC) - timedelta(minutes=1),
        "until": datetime.now(UTC) + timedelta(minutes=1),
    }
    assert [row.is_new for row in plant.execute(_CHANGED, asked)] == [True, True, True, False]


def test_the_figures_of_the_shift_are_told_with_target_and_verdict(plant):
    threshold = load_thresholds(plant)[0]
    add_alert(plant, threshold.id, NOW - timedelta(hours=1), stood_s=60, acknowledged_s=90, person=1)
    told = lines(draft_handover(plant, SHIFT, NOW), SectionKey.FIGURES)
    assert told[0] == "1 alert"
    assert "Alerts per 10 min, average: 0.02 (target ≈ 1, at most 2): good" in told
