"""Why a value is grey: the first link that is broken, and one sentence what to do about it."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from console.panels.devices.health.decode_advice import decode_advice
from console.panels.devices.health.grey_chain import chain_of
from console.panels.devices.health.grey_link import Mark, Place
from console.panels.devices.health.grey_sources import GreySources
from models.records.device import DeviceStatus
from models.records.device_health import Exchange
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity
from tests.unit.console.panels.devices.health.grey_parts import (
    ASKED,
    LIVE,
    NO_ANSWER,
    NOW,
    REPORT,
    TIMED_OUT,
    reading,
    sources,
    told,
)

GONE = told(failure=NO_ANSWER, good_read_unix=NOW - 90.0, last=TIMED_OUT, last_failed=TIMED_OUT)
UNREACHED = told(failure="10.0.0.7:502 refuses connections; check that the device listens there.")
CONNECTING = Exchange(NOW - 0.2, 3.0, "connect to 10.0.0.7:502", "refuses connections")
REFUSED = told(failure=UNREACHED.failure, last=CONNECTING, last_failed=CONNECTING)
SILENT = Condition(
    ConditionKind.SILENT, Severity.CRITICAL, NOW - 60.0, "Another station may have taken over."
)
AWAY = Condition(ConditionKind.DATABASE_AWAY, Severity.WARNING, NOW - 60.0, "The database is away.")
BROKEN = Condition(ConditionKind.SPOOL_BROKEN, Severity.CRITICAL, NOW - 60.0, "The spool's disk is full.")
LATE_AT = datetime.fromtimestamp(NOW - 120.0, UTC)


def report(**changes):
    return msgspec.structs.replace(REPORT, **changes)


def untold(status: DeviceStatus, detail: str, **changes) -> GreySources:
    state = replace(LIVE.state, status=status, detail=detail)
    return sources(health=None, state=state, **changes)


def test_value_that_is_live_has_no_broken_link() -> None:
    chain = chain_of(LIVE)
    assert chain.first_broken is None
    assert [link.mark for link in chain.links] == [Mark.HOLDS] * 6
    assert [link.place for link in chain.links] == list(Place)
    assert "every link holds" in chain.headline
    assert chain.source == "Told by Hall A 1 s ago"


@pytest.mark.parametrize(
    ("known", "place", "advice"),
    [
        (sources(health=GONE), Place.EXCHANGE, NO_ANSWER),
        (sources(health=UNREACHED), Place.DEVICE, "refuses connections"),
        (sources(health=REFUSED), Place.DEVICE, "refuses connections"),
        (
            sources(health=told(as_of_unix=NOW - 120.0)),
            Place.DEVICE,
            "Hall A has told nothing of this device",
        ),
        (sources(report=report(is_silent=True, conditions=(SILENT,))), Place.DEVICE, "Another station may"),
        (untold(DeviceStatus.ERROR, "Press 1 has no tags."), Place.DEVICE, "Press 1 has no tags."),
        (untold(DeviceStatus.ONLINE, "", is_station_alive=False), Place.DEVICE, "Start a station"),
        (
            reading(value=None, quality="bad", detail="illegal data address 9 (exception 2)"),
            Place.DECODE,
            "cor",
        ),
        (reading(value=None, quality="bad", detail="not a number"), Place.DECODE, "word order"),
        (reading(quality="uncertain", detail=""), Place.DECODE, "does not trust"),
        (reading(value=30_000), Place.DECODE, "outside the plausible"),
        (reading(received_unix=NOW - 60.0), Place.DECODE, "sends nothing new for this tag"),
        (sources(report=report(conditions=(BROKEN,))), Place.BUFFER, "The spool's disk is full."),
        (sources(database_trouble="The database is away."), Place.DATABASE, "kept and follows"),
        (sources(stored_at=LATE_AT), Place.DATABASE, "Nothing newer of this device is stored"),
        (sources(stored_at=None), Place.DATABASE, "No reading of this device is stored yet"),
    ],
)
def test_first_broken_link_says_what_to_do(known: GreySources, place: Place, advice: str) -> None:
    link = chain_of(known).first_broken
    assert link is not None
    assert link.place is place
    assert advice in link.advice


def test_links_behind_a_broken_one_are_not_blamed_for_having_nothing_new() -> None:
    old = told(
        failure=NO_ANSWER, last_failed=TIMED_OUT, last=TIMED_OUT, tags=LIVE.health.tags if LIVE.health else ()
    )
    chain = chain_of(sources(health=old, stored_at=LATE_AT))
    marks = {link.place: link.mark for link in chain.links}
    assert marks[Place.EXCHANGE] is Mark.BROKEN
    assert (marks[Place.DECODE], marks[Place.DATABASE]) == (Mark.IDLE, Mark.IDLE)


def test_trouble_of_its_own_is_told_behind_a_broken_link_too() -> None:
    chain = chain_of(sources(health=GONE, database_trouble="The database is away."))
    assert chain.links[-1].mark is Mark.BROKEN
    assert chain.first_broken is not None
    assert chain.first_broken.place is Place.EXCHANGE


def test_last_request_and_response_are_shown_and_the_failed_one_beside_them() -> None:
    earlier = msgspec.structs.replace(TIMED_OUT, sent_unix=NOW - 30.0)
    link = chain_of(sources(health=told(last_failed=earlier))).links[1]
    assert [shown.exchange for shown in link.exchanges] == [ASKED, earlier]
    assert link.exchanges[1].caption.startswith("The last that failed, 30 s ago: read holding 0 to 9 of")
    assert link.mark is Mark.HOLDS
    assert link.lines[0].startswith("Read holding 0 to 9 of unit 3: answered with 29")


def test_while_the_database_is_away_nobody_is_blamed_for_what_cannot_be_heard() -> None:
    chain = chain_of(
        sources(
            health=told(as_of_unix=NOW - 300.0),
            is_told_here=False,
            report=None,
            database_trouble="The database is away.",
        )
    )
    assert chain.links[0].mark is Mark.UNKNOWN
    assert chain.first_broken is not None
    assert chain.first_broken.place is Place.DATABASE
    assert chain.source.startswith("From the database, told by Hall A")


def test_what_another_station_told_some_seconds_ago_is_not_stale_for_that() -> None:
    told_then = told(as_of_unix=NOW - 17.0, good_read_unix=NOW - 17.4)
    tag = msgspec.structs.replace(told_then.tags[0], received_unix=NOW - 17.4)
    known = sources(health=msgspec.structs.replace(told_then, tags=(tag,)), is_told_here=False)
    assert chain_of(known).first_broken is None


def test_buffer_says_how_much_waits_where_and_since_when() -> None:
    known = sources(report=report(waiting=4210, spooled=4000, conditions=(AWAY,)))
    link = chain_of(known).links[4]
    assert "4,210 readings of all devices waiting" in link.lines[0]
    assert "210 in memory, 4,000 on the disk" in link.lines[0]
    assert link.lines[1].startswith("The oldest waits since")


def test_value_without_a_limit_is_judged_by_nothing_and_that_is_no_fault() -> None:
    assert chain_of(sources(thresholds=())).links[3].mark is Mark.IDLE


def test_driver_that_keeps_no_bytes_says_so() -> None:
    link = chain_of(sources(health=told(last=None))).links[1]
    assert (link.mark, link.lines) == (
        Mark.UNKNOWN,
        ("The driver of this device keeps no requests and responses.",),
    )


def test_a_sensor_that_the_device_calls_broken_is_not_blamed_on_the_tag() -> None:
    assert decode_advice("sensor failure (BadSensorFailure)").endswith("check the sensor and its wiring.")


def test_advice_for_anything_else_points_at_the_manual() -> None:
    assert decode_advice("gateway busy") == (
        "Gateway busy: check the tag's address and data type against the device's manual."
    )
