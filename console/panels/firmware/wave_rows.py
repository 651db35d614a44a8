"""A rollout as waves side by side, each with its devices: failures first. Pure.

Before it has begun the columns come from its plan, afterwards from what is stored of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from console.catalogue.rollout_words import WAVE_WORDS, deployment_words, wave_title
from console.panels.firmware.firmware_questions import RolloutNow
from console.panels.firmware.rollout_mark import MARK_OF_WAVE, Mark
from models.records.device import DeviceId
from models.records.rollout import Deployment, DeploymentStatus, Outcome, PlannedDevice, Wave, WaveState

NameOf = Callable[[DeviceId], str]


class Group(StrEnum):
    """How devices of a wave are kept together, top to bottom."""

    FAILED = "Failed"
    WAITING = "Waiting"
    UNDER_WAY = "Under way"
    PLANNED = "Planned"
    OUT = "Left out"
    DONE = "Done"


FOLDED = frozenset({Group.DONE})
"""What is only counted until somebody wants to see it."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device.

    Attributes:
        words: Where it stands, in one clause.
        share: How far it is under way, 0 to 1; None where it is not.
    """

    device: DeviceId
    name: str
    words: str
    group: Group
    share: float | None = None


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The line above a group. `is_open`: its devices are shown below."""

    group: Group
    count: int
    is_open: bool
    can_fold: bool


Row = DeviceRow | HeadRow


@dataclass(frozen=True, slots=True)
class WaveColumn:
    """One wave, or what a plan leaves out.

    Attributes:
        place: Of the wave, from 0; None = left out.
        words: Where it stands; `reason` why, empty where there is nothing to say.
        since: When that began; None where nothing has.
        until: When it is judged, while it is watched.
        devices: All of them, in the order of the groups.
        counts: How many are done, failed, and in it at all.
    """

    place: int | None
    title: str
    mark: Mark
    words: str
    reason: str
    since: datetime | None
    devices: tuple[DeviceRow, ...]
    wave: Wave | None = None
    until: datetime | None = None

    def count(self, group: Group) -> int:
        """Return how many devices stand there."""
        return sum(row.group is group for row in self.devices)

    def rows(self, opened: frozenset[Group]) -> list[Row]:
        """Return the lines to show, with the folded groups that somebody opened."""
        found: list[Row] = []
        for group in Group:
            mine = [row for row in self.devices if row.group is group]
            if not mine:
                continue
            is_open = group not in FOLDED or group in opened
            found.append(HeadRow(group, len(mine), is_open, group in FOLDED))
            found += mine if is_open else []
        return found


def columns_of(now: RolloutNow, name_of: NameOf) -> list[WaveColumn]:
    """Return the waves in their order, and behind them what the plan left out."""
    plan = now.rollout.plan
    has_canaries = any(one.is_canary for one in plan.devices)
    out = [one for one in plan.devices if one.wave is None]
    if now.waves:
        of_wave: dict[int, list[Deployment]] = {}
        for one in now.deployments:
            of_wave.setdefault(one.wave, []).append(one)
        columns = [_begun(wave, of_wave.get(wave.id, []), name_of, has_canaries) for wave in now.waves]
        columns = [_watched(column, plan.settings.soak_s) for column in columns]
    else:
        waves: dict[int, list[PlannedDevice]] = {}
        for one in plan.devices:
            if one.wave is not None:
                waves.setdefault(one.wave, []).append(one)
        columns = [_planned(place, waves[place], name_of, has_canaries) for place in sorted(waves)]
    if out:
        rows = tuple(DeviceRow(one.device, name_of(one.device), one.reason, Group.OUT) for one in out)
        columns.append(WaveColumn(None, "Left out", Mark.OPEN, "not in the plan", "", None, rows))
    return columns


def tally(column: WaveColumn) -> str:
    """Return how far a wave has come: "12 of 50 done, 1 failed"."""
    every = len(column.devices)
    if column.wave is None:
        return f"{every:,} device{'' if every == 1 else 's'}"
    failed = column.count(Group.FAILED)
    words = f"{column.count(Group.DONE):,} of {every:,} done"
    return f"{words}, {failed:,} failed" if failed else words


def _begun(wave: Wave, devices: Sequence[Deployment], name_of: NameOf, has_canaries: bool) -> WaveColumn:  # noqa: FBT001
    rows = [_row(one, name_of) for one in devices]
    order = {group: place for place, group in enumerate(Group)}
    rows.sort(key=lambda row: order[row.group])
    title = wave_title(wave.place, has_canaries=has_canaries)
    words, mark = WAVE_WORDS[wave.state], MARK_OF_WAVE[wave.state]
    since = None if wave.state is WaveState.PLANNED else wave.since
    return WaveColumn(wave.place, title, mark, words, wave.reason, since, tuple(rows), wave)


def _watched(column: WaveColumn, soak_s: float) -> WaveColumn:
    if column.wave is None or column.wave.state is not WaveState.SOAKING:
        return column
    return replace(column, until=column.wave.since + timedelta(seconds=soak_s))


def _planned(
    place: int,
    devices: Sequence[PlannedDevice],
    name_of: NameOf,
    has_canaries: bool,  # noqa: FBT001
) -> WaveColumn:
    rows = tuple(
        DeviceRow(one.device, name_of(one.device), one.reason if one.is_canary else "", Group.PLANNED)
        for one in devices
    )
    return WaveColumn(
        place, wave_title(place, has_canaries=has_canaries), Mark.OPEN, "planned", "", None, rows
    )


def _row(one: Deployment, name_of: NameOf) -> DeviceRow:
    group = _group(one)
    share = one.progress_percent / 100 if group is Group.UNDER_WAY else None
    return DeviceRow(one.device, name_of(one.device), deployment_words(one), group, share)


def _group(one: Deployment) -> Group:
    match one.status:
        case DeploymentStatus.FAILED:
            return Group.WAITING if one.outcome is Outcome.NOT_BEGUN else Group.FAILED
        case DeploymentStatus.COMPLETED:
            return Group.DONE
        case DeploymentStatus.IN_PROGRESS:
            return Group.WAITING if one.waits_for else Group.UNDER_WAY
        case DeploymentStatus.PENDING:
            return Group.WAITING
