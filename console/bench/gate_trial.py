"""One rollout over devices that raise alerts by chance, conducted by the station's own rules. No database.

What is simulated is the plant and the clock. Who is watched, and for how long, is as in
`models/queries/rollout_evidence.py`; moves, judgement and statistics are the station's own code.
"""

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from console.station.rollouts.conducting import SETTLE_S, Conclude, MoveWave, Stand, next_move
from console.station.rollouts.gate import Evidence
from console.station.rollouts.rate_test import Exposure
from models.records.device import DeviceId
from models.records.rollout import (
    Deployment,
    DeploymentId,
    DeploymentStatus,
    Outcome,
    PlanSettings,
    RolloutId,
    RolloutState,
    Step,
    Wave,
    WaveId,
    WaveState,
)

_BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
_SOAK_S = 3600.0
_PAST_S = 86_400.0
"""So much of its past a device has, for the wave that leaves nobody to compare with."""
_MOST_MOVES = 200


@dataclass(frozen=True, slots=True)
class Build:
    """What a new firmware does to the devices that run it.

    Attributes:
        rise: So many times as many alerts come.
        is_critical: One of them is critical, at the first device.
        is_watched: Whether anybody hears of the devices at all.
    """

    rise: float = 1.0
    is_critical: bool = False
    is_watched: bool = True


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a rollout.

    Attributes:
        state: RUNNING = a wave is held, and people have to decide.
        suspected: Waves whose first look found too many alerts.
        passed_all_the_same: Those of them that passed without people.
        updated: Devices that run the new firmware.
    """

    state: RolloutState
    suspected: int
    passed_all_the_same: int
    updated: int


class Trial:
    """One rollout. Use once."""

    def __init__(self, dice: random.Random, build: Build, waves: Sequence[int], mean: float) -> None:
        """Set up the devices.

        Args:
            dice: Decides when alerts come.
            build: The firmware.
            waves: Devices of each wave.
            mean: Episodes of a device in one soak, by chance, with the old firmware.
        """
        self._dice = dice
        self._build = build
        self._rate_per_s = mean / _SOAK_S
        self._settings = PlanSettings(soak_s=_SOAK_S)
        self._now_s = 0.0
        self._waves = [
            Wave(WaveId(place), RolloutId(1), place, WaveState.PLANNED, _BEGIN, "")
            for place in range(len(waves))
        ]
        wave_of = [place for place, size in enumerate(waves) for _ in range(size)]
        self._deployments = [_queued(number, place) for number, place in enumerate(wave_of)]
        self._updated_s: dict[int, float] = {}
        self._episodes: list[list[float]] = [[] for _ in wave_of]
        self._suspected: set[WaveId] = set()
        self._has_past = False

    def run(self, waves: int) -> Ending:
        """Conduct so many waves, or until people have to decide."""
        for _ in range(_MOST_MOVES):
            current = next((wave for wave in self._waves if wave.state is not WaveState.PASSED), None)
            if current is None or current.place >= waves:
                return self._ended(RolloutState.COMPLETED)
            match next_move(self._stand(), self._evidence):
                case Conclude(target=target):
                    return self._ended(target)
                case MoveWave() as move:
                    self._move(move)
                case None if current.state is WaveState.HELD:
                    return self._ended(RolloutState.RUNNING)
                case None:
                    self._wait(current)
        raise RuntimeError("A rollout of the bench does not come to an end.")

    def _stand(self) -> Stand:
        return Stand(RolloutState.RUNNING, self._settings, self._waves, self._deployments, self._moment())

    def _moment(self) -> datetime:
        return _BEGIN + timedelta(seconds=self._now_s)

    def _move(self, move: MoveWave) -> None:
        place = int(move.wave)
        evidence = move.evidence or self._waves[place].evidence
        if "suspected_at" in move.evidence:
            self._suspected.add(move.wave)
        self._waves[place] = replace(
            self._waves[place],
            state=move.target,
            since=self._moment(),
            reason=move.reason,
            evidence=evidence,
        )

    def _wait(self, current: Wave) -> None:
        """Let devices be updated, or time pass."""
        if current.state is WaveState.DEPLOYING:
            for number, one in enumerate(self._deployments):
                if one.wave == current.id:
                    self._updated_s[number] = self._now_s
                    self._deployments[number] = replace(
                        one,
                        status=DeploymentStatus.COMPLETED,
                        step=Step.DONE,
                        outcome=Outcome.UPDATED,
                        completed_at=self._moment(),
                    )
            return
        wait_s = SETTLE_S if current.state is WaveState.SETTLING else _SOAK_S
        self._pass_time(self._now_s, self._now_s + wait_s)
        self._now_s += wait_s

    def _pass_time(self, since_s: float, until_s: float) -> None:
        for number, episodes in enumerate(self._episodes):
            rise = self._build.rise if number in self._updated_s else 1.0
            episodes.extend(self._chance(rise, since_s, until_s))

    def _look_back(self) -> None:
        """Think up what was before the rollout; only the last wave asks for it."""
        if not self._has_past:
            self._episodes = [[*self._chance(1.0, -_PAST_S, 0.0), *later] for later in self._episodes]
            self._has_past = True

    def _chance(self, rise: float, since_s: float, until_s: float) -> list[float]:
        count = _poisson(self._dice, rise * self._rate_per_s * (until_s - since_s))
        return sorted(self._dice.uniform(since_s, until_s) for _ in range(count))

    def _evidence(self, since: datetime | None) -> Evidence:
        since_s = -math.inf if since is None else (since - _BEGIN).total_seconds()
        now_s = self._now_s
        spans = {
            number: (min(now_s, max(at_s + SETTLE_S, since_s)), now_s)
            for number, at_s in self._updated_s.items()
        }
        first_s = min((began_s for began_s, _ in spans.values()), default=now_s)
        others = {n: (first_s, now_s) for n in range(len(self._episodes)) if n not in spans}
        if not others:
            self._look_back()
        # Fresh time is held to a past that nobody looked at either.
        control = others or {
            number: (at_s - (now_s - at_s - SETTLE_S), at_s - (spans[number][0] - at_s - SETTLE_S))
            for number, at_s in self._updated_s.items()
        }
        return Evidence(
            tripped=("Device 1 has a critical alert.",) if self._build.is_critical and spans else (),
            tried=len(spans),
            failed=0,
            updated=self._exposure(spans),
            control=self._exposure(control),
            is_own_past=not others,
            is_second_look=since is not None,
        )

    def _exposure(self, spans: dict[int, tuple[float, float]]) -> Exposure:
        if not self._build.is_watched:
            return Exposure(0, 0.0)
        return Exposure(
            sum(
                bisect_left(self._episodes[number], until_s) - bisect_left(self._episodes[number], since_s)
                for number, (since_s, until_s) in spans.items()
            ),
            sum(until_s - since_s for since_s, until_s in spans.values()) / 3600.0,
        )

    def _ended(self, state: RolloutState) -> Ending:
        passed = {wave.id for wave in self._waves if wave.state is WaveState.PASSED}
        return Ending(state, len(self._suspected), len(self._suspected & passed), len(self._updated_s))


def _poisson(dice: random.Random, mean: float) -> int:
    """Return how many came, by adding up the times between them."""
    count, at = 0, dice.expovariate(1.0)
    while at < mean:
        count += 1
        at += dice.expovariate(1.0)
    return count


def _queued(number: int, place: int) -> Deployment:
    return Deployment(
        id=DeploymentId(number),
        rollout=RolloutId(1),
        wave=WaveId(place),
        device=DeviceId(number),
        status=DeploymentStatus.PENDING,
        step=Step.QUEUED,
        outcome=None,
        attempt=0,
        progress_percent=0,
        bytes_sent=0,
        from_version="",
        observed_version="",
        serial="",
        waits_for="",
        error="",
        station_id=None,
        epoch=0,
        started_at=None,
        completed_at=None,
        deadline_at=None,
        next_attempt_at=None,
    )
