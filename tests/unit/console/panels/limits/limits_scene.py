"""Thresholds of the plant to look at, in every state; and what a back-test of one of them found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.panels.limits.back_test_words import BackTestReport
from console.panels.limits.limit_questions import AskLimits, LimitsAnswer
from console.panels.limits.limit_rows import rows_of
from console.station.back_test import BackTest, BackTestEpisode
from models.records.alert import Alert
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, Guidance, RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import RecordedEpisode, ThresholdEntry
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, make_alert, make_thresholds

AT = datetime.fromtimestamp(NOW - 9 * 86_400, UTC)
PEOPLE = {1: "Eva Lind", 2: "Anna Berg", 3: "Maximiliane von und zu Hohenstein-Waldburg-Zeil-Trauchburg"}


def make_entries(devices: list[Device]) -> list[ThresholdEntry]:
    """Limits on every metric, and the other rules on the first devices."""
    devices = sorted(devices, key=lambda device: device.id)
    first = devices[0]
    metric = first.tags[0].metric

    def other(number: int, rule: RuleKind, of: str, **facts: object) -> Threshold:
        made = Threshold(ThresholdId(9000 + number), first.id, of, None, None, Severity.INFO, rule=rule)
        return replace(made, **facts)

    extra = [
        other(1, RuleKind.RATE_OF_CHANGE, metric, amount=2.5, severity=Severity.WARNING),
        other(2, RuleKind.FROZEN, metric, on_delay_s=600.0),
        other(3, RuleKind.NO_DATA, metric, amount=5.0),
        other(4, RuleKind.BAD_QUALITY, metric, on_delay_s=30.0),
        other(5, RuleKind.OFFLINE, DEVICE_METRIC, severity=Severity.WARNING, on_delay_s=10.0),
        other(6, RuleKind.CLOCK, DEVICE_METRIC, amount=5.0),
    ]
    entries = [
        ThresholdEntry(replace(limit, user_id=1 + limit.id % 3), AT, "Eva Lind", PEOPLE[1 + limit.id % 3])
        for limit in (*extra, *(limit for device in devices for limit in make_thresholds(device)))
    ]
    return [_told(place, entry) for place, entry in enumerate(entries)]


def _told(place: int, entry: ThresholdEntry) -> ThresholdEntry:
    """Make some of them loud, some open, and some out of service."""
    week = (place * 37) % 11
    entry = replace(entry, alerts_7d=week, alerts_30d=week * 4 + place % 5, open_alerts=int(place % 13 == 3))
    if place == 7:
        entry = replace(entry, alerts_7d=97, alerts_30d=412)
    if place % 17 == 9:
        off = replace(
            entry.threshold,
            enabled=False,
            disabled_reason="Permit 2026-118: bearing is being changed, M. Berg knows",
            disabled_by=2,
            disabled_at=AT,
        )
        return replace(entry, threshold=off, disabled_by="Anna Berg")
    if place % 5 == 2:
        told = replace(
            entry.threshold,
            guidance=Guidance(
                "Cooling water valve stuck, or the filter is clogged.",
                "The hydraulics stop after about ten minutes; parts in the press are lost.",
                "Open bypass V12. If it goes on, stop the press and call maintenance (2214).",
                600.0,
            ),
            is_latching=True,
        )
        return replace(entry, threshold=told)
    return entry


def answer_of(devices: list[Device]) -> LimitsAnswer:
    """What the database would answer to AskLimits."""
    return answer_with(make_entries(devices), devices)


def answer_with(entries: list[ThresholdEntry], devices: list[Device]) -> LimitsAnswer:
    """What it would answer of these."""
    return LimitsAnswer(tuple(entries), tuple(rows_of(entries, devices)), PEOPLE)


def answer_lists(bridge: FakeBridge, answer: LimitsAnswer) -> int:
    """Answer every open question for the list; tell how many."""
    waiting = [asked for asked in bridge.asked if isinstance(asked.what, AskLimits)]
    for asked in waiting:
        bridge.asked.remove(asked)
        asked.on_done(answer)
    return len(waiting)


def make_report(
    device: Device,
    threshold: Threshold,
    *,
    days: int = 7,
    episodes: int = 9,
    recorded: int = 412,
    acted: int = 3,
    missed: int = 0,
) -> BackTestReport:
    """A replay: some alerts somebody acted on, of which the last `missed` would not come."""
    since = NOW - days * 86_400
    step = days * 86_400 / max(1, recorded)
    real = tuple(
        RecordedEpisode(since + place * step, since + place * step + min(step / 3, 240.0))
        for place in range(recorded)
    )
    replayed = tuple(
        BackTestEpisode(at, at + 1800.0, 71.2, 70.0, "Temperature 71.2 °C is above the limit of 70 °C")
        for at in (since + (place + 0.5) * days * 86_400 / max(1, episodes) for place in range(episodes))
    )
    acted_on = tuple(
        _acted_on(number, device, days * 86_400 * part) for number, part in enumerate((0.9, 0.5, 0.1)[:acted])
    )
    lost = acted_on[acted - missed :]
    test = BackTest(
        threshold=threshold,
        since_unix=since,
        until_unix=NOW,
        episodes=replayed,
        recorded=recorded,
        acted_on=acted_on,
        missed=lost,
    )
    return BackTestReport(test, real)


def _acted_on(number: int, device: Device, ago_s: float) -> Alert:
    at = datetime.fromtimestamp(NOW - ago_s, UTC)
    return make_alert(
        900 + number,
        device,
        Severity.WARNING,
        ago_s,
        acknowledged_by="Anna Berg",
        acknowledged_at=at + timedelta(seconds=40),
        cleared_at=at + timedelta(seconds=900),
        comments=number % 2,
    )
