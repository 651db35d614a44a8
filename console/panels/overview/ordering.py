"""Which tile comes where: filter, sections, order, and the line that counts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.panels.overview.tile_face import Attention, Standing
from console.panels.wording import Natural, count_text, natural
from console.widgets.severity_badge import AlertGroup
from models.records.device import DeviceId, DeviceStatus

NO_AREA = "No area"


class Order(StrEnum):
    """How the board is sorted."""

    URGENCY = "urgency"
    AREA = "area"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the devices below it.

    Attributes:
        alert: What speaks for the open alerts of the section, None where there is none.
        shows_area: Whether tiles name their area because the heading does not.
    """

    title: str
    devices: tuple[DeviceId, ...]
    alert: AlertGroup | None
    shows_area: bool


def matches(standing: Standing, words: Sequence[str]) -> bool:
    """Tell whether every word typed occurs in the device's name, id, type, area or status."""
    device = standing.device
    text = " ".join((device.name, device.device_id, device.type, device.location, standing.status)).casefold()
    return all(word in text for word in words)


def filtered(standings: Iterable[Standing], typed: str) -> list[Standing]:
    """Return the standings that match what was typed, in the order given."""
    words = typed.casefold().split()
    return [standing for standing in standings if matches(standing, words)]


def sections_of(standings: Sequence[Standing], order: Order) -> tuple[Section, ...]:
    """Return sections in the order shown.

    By urgency, what needs somebody comes first under one heading, most urgent first; the rest stays in its
    areas, so that a plant without trouble always looks the same.
    """
    if order is Order.NAME:
        return _sections([("All devices", sorted(standings, key=_by_name), True)])
    if order is Order.AREA:
        return _sections(_areas(standings))
    urgent = [standing for standing in standings if standing.attention is not Attention.NONE]
    urgent.sort(key=lambda standing: (standing.urgency, _by_area(standing)))
    quiet = [standing for standing in standings if standing.attention is Attention.NONE]
    return _sections([("Needs attention", urgent, True), *_areas(quiet)])


def count_line(standings: Sequence[Standing], shown: int) -> str:
    """Return the sentence above the board, e.g. "24 devices · 1 offline · 3 with alerts"."""
    parts = [count_text(len(standings), "device")]
    if shown != len(standings):
        parts = [f"{shown:,} of {count_text(len(standings), 'device')}"]
    for status, word in ((DeviceStatus.OFFLINE, "offline"), (DeviceStatus.ERROR, "with errors")):
        if count := sum(standing.status is status for standing in standings):
            parts.append(f"{count:,} {word}")
    if count := sum(standing.is_stale and standing.status is DeviceStatus.ONLINE for standing in standings):
        parts.append(f"{count:,} stale")
    groups = [standing.alert for standing in standings if standing.alert is not None]
    if count := sum(not group.state.is_hidden for group in groups):
        parts.append(f"{count:,} with alerts")
    else:
        parts.append("no alerts")
    if count := sum(group.state.is_hidden for group in groups):
        parts.append(f"{count:,} with hidden alerts only")
    return " · ".join(parts)


def _areas(standings: Sequence[Standing]) -> list[tuple[str, list[Standing], bool]]:
    areas: dict[str, list[Standing]] = {}
    for standing in sorted(standings, key=_by_area):
        areas.setdefault(standing.device.location, []).append(standing)
    return [(area or NO_AREA, members, False) for area, members in areas.items()]


def _sections(groups: Iterable[tuple[str, list[Standing], bool]]) -> tuple[Section, ...]:
    return tuple(
        Section(title, tuple(member.device.id for member in members), _group(members), shows_area)
        for title, members, shows_area in groups
        if members
    )


def _group(members: Sequence[Standing]) -> AlertGroup | None:
    alerts = [member.alert for member in members if member.alert is not None]
    if not alerts:
        return None
    worst = min(alerts, key=lambda alert: (alert.state, alert.severity.rank))
    alike = (alert.count for alert in alerts if alert.state.is_hidden == worst.state.is_hidden)
    return AlertGroup(worst.severity, worst.state, sum(alike))


def _by_name(standing: Standing) -> tuple[Natural, int]:
    return (natural(standing.device.name), standing.device.id)


def _by_area(standing: Standing) -> tuple[Natural, Natural, int]:
    return (natural(standing.device.location), *_by_name(standing))
