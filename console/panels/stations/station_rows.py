"""Stations as rows: what the database told last, and what the station of this computer tells. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.bridge.link_state import LinkState
from console.widgets.status_lamp import LampState
from models.records.lease import LEASE_S
from models.records.station import Condition, ConditionKind, StationNow, StationReport
from models.records.threshold import Severity

OLD_AFTER_S = 15.0
"""An answer of the database is asked for every two seconds; this old it is no news."""


class StationState(StrEnum):
    """What a station does, in the order in which somebody should look at it."""

    LOST = "lost"
    SILENT = "silent"
    DRILL = "drill"
    DRAINING = "draining"
    DRAINED = "drained"
    COLLECTING = "collecting"
    STANDBY = "standby"
    NEW = "new"
    DISABLED = "disabled"


LAMPS = {
    StationState.LOST: LampState.OFFLINE,
    StationState.SILENT: LampState.ERROR,
    StationState.DRILL: LampState.OFFLINE,
    StationState.DRAINING: LampState.ONLINE,
    StationState.DRAINED: LampState.UNKNOWN,
    StationState.COLLECTING: LampState.ONLINE,
    StationState.STANDBY: LampState.UNKNOWN,
    StationState.NEW: LampState.UNKNOWN,
    StationState.DISABLED: LampState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station.

    Attributes:
        id: Of its row in `stations`; 0 = it has none, because it works as the owner of its computer's own
            database, or because the database could not be asked yet.
        is_here: It is the station of this computer.
        is_old: Known from an earlier answer of the database, which cannot be asked now.
        collecting: Devices that answer; None where the station has not told yet.
        held: Devices that it polls.
        age_s: Since its last sign of life, seconds; None where there was never one.
        order: What an administrator asked of it and is not done, as a word.
    """

    id: int
    name: str
    state: StationState
    is_here: bool
    is_old: bool
    version: str
    collecting: int | None
    held: int
    seen_at: datetime | None
    age_s: float | None
    report: StationReport | None
    is_draining: bool = False
    order: str = ""

    @property
    def lamp(self) -> LampState:
        """Its lamp: of what is not known for certain, the one that says so."""
        return LampState.STALE if self.is_old else LAMPS[self.state]

    @property
    def may_take(self) -> bool:
        """Whether devices can be handed to it now."""
        return self.id > 0 and self.state in (StationState.COLLECTING, StationState.STANDBY)

    @property
    def is_enabled(self) -> bool:
        """Whether it may work at all."""
        return self.state is not StationState.DISABLED

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What is wrong with the station itself, worst first. A drill is a state, and nothing wrong."""
        told = () if self.report is None or not self.is_enabled else self.report.conditions
        return tuple(condition for condition in told if condition.kind is not ConditionKind.DRILL)

    @property
    def is_working(self) -> bool:
        """Whether, for all that is known, the devices that it holds are polled."""
        return self.is_old or self.state not in (
            StationState.LOST,
            StationState.SILENT,
            StationState.NEW,
            StationState.DISABLED,
        )

    @property
    def worst(self) -> Severity | None:
        """Of what is wrong with it, and of being lost; None where nothing is."""
        kinds = [condition.severity for condition in self.conditions]
        if self.state is StationState.LOST:
            kinds.append(Severity.WARNING)
        return min(kinds, key=lambda severity: severity.rank, default=None)


def station_rows(
    stations: Iterable[StationNow], link: LinkState, now_unix: float, told_unix: float | None
) -> tuple[StationRow, ...]:
    """Return a row a station, that of this computer first, the others by name.

    Args:
        stations: As the database told last.
        link: How both links are doing; the live report of this computer's station is in it.
        now_unix: Unix seconds.
        told_unix: When the database told; None: not yet.
    """
    told_ago_s = None if told_unix is None else max(0.0, now_unix - told_unix)
    is_old = not link.is_window_live or told_ago_s is None or told_ago_s > OLD_AFTER_S
    known = list(stations)
    rows = [
        _row(each, link if _is_here(each, link) else None, now_unix, told_ago_s or 0.0, is_old=is_old)
        for each in known
    ]
    if link.station is not None and not known:
        rows.append(_row_of_own(link))
    return tuple(sorted(rows, key=lambda row: (not row.is_here, row.name.casefold())))


def others_alive(rows: Sequence[StationRow], row: StationRow) -> list[StationRow]:
    """Return the stations beside `row` that work now."""
    return [each for each in rows if each.id != row.id and each.may_take and not each.is_old]


def _is_here(station: StationNow, link: LinkState) -> bool:
    """Whether it is this computer's: by its number; people may call it otherwise than its computer."""
    return station.id == link.station_id if link.station_id else station.name == link.station_name


def _row(
    station: StationNow, link: LinkState | None, now_unix: float, told_ago_s: float, *, is_old: bool
) -> StationRow:
    live = link.station if link is not None else None
    report = live or station.report
    is_telling = live is not None or station.is_alive
    return StationRow(
        id=station.id,
        name=station.name,
        state=_state(station, report, is_live=live is not None),
        is_here=link is not None,
        is_old=is_old and live is None,
        version=(link.station_version if link is not None and live else "") or station.version,
        collecting=report.collecting if is_telling and report is not None else None,
        held=report.configured if is_telling and report is not None else station.devices,
        seen_at=station.seen_at,
        age_s=link.feed_age_s if link is not None and live else _age_s(station, now_unix, told_ago_s),
        report=report,
        is_draining=station.is_draining,
        order=station.order,
    )


def _row_of_own(link: LinkState) -> StationRow:
    """Return the row of a station that only this computer knows."""
    report = link.station
    assert report is not None
    return StationRow(
        id=0,
        name=link.station_name or "This computer",
        state=_state_by_report(report, report.configured),
        is_here=True,
        is_old=False,
        version=link.station_version,
        collecting=report.collecting,
        held=report.configured,
        seen_at=None,
        age_s=link.feed_age_s,
        report=report,
    )


def _state(station: StationNow, report: StationReport | None, *, is_live: bool) -> StationState:
    if not station.is_enabled:
        return StationState.DISABLED
    if station.is_in_drill or (is_live and report is not None and report.drill):
        return StationState.DRILL
    if not is_live and station.seen_at is None:
        return StationState.NEW
    if not is_live and not station.is_alive:
        return StationState.LOST
    if report is not None and report.is_silent:
        return StationState.SILENT
    if station.is_draining:
        return StationState.DRAINING if station.devices else StationState.DRAINED
    return _state_by_report(report, station.devices)


def _state_by_report(report: StationReport | None, held: int) -> StationState:
    if report is not None and report.drill:
        return StationState.DRILL
    if report is not None and report.is_silent:
        return StationState.SILENT
    return StationState.COLLECTING if held else StationState.STANDBY


def _age_s(station: StationNow, now_unix: float, told_ago_s: float) -> float | None:
    """Return how long ago a station was heard of.

    Two clocks are in this: the moment is the database's, `now_unix` this computer's. Of a station that was
    alive when the database told, that cannot have been longer than a lease lasts.
    """
    if station.seen_at is None:
        return None
    age_s = max(0.0, now_unix - station.seen_at.timestamp())
    return min(age_s, told_ago_s + LEASE_S) if station.is_alive else age_s
