"""Which devices a rollout reaches, in which wave, and why: pure.

A plan names every device of the site that the planner sees, with the reason why it is in or out: what is left
out silently is what nobody can check. Waves take turns through the places of the plant, so that none is hit
as a whole by the first of them.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.firmware.versions import is_older, version_or_none
from models.records.device import DeviceId
from models.records.firmware import Manifest
from models.records.rollout import PlannedDevice, PlanSettings, RolloutId, RolloutPlan

_SIZE = re.compile(r"\s*([0-9]{1,5})\s*(%?)\s*")


class ImpossiblePlan(ValueError):
    """What is asked for cannot be planned; the text says what to change.

    Attributes:
        left_out: Every device with the reason why it is out, where that is what is wrong.
    """

    def __init__(self, sentence: str, left_out: Sequence[PlannedDevice] = ()) -> None:
        super().__init__(sentence)
        self.left_out = tuple(left_out)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device as a plan sees it.

    Attributes:
        device_id: Hardware id, which people know.
        driver: A `DriverSpec.kind`.
        product, hardware: As configured; empty where nobody said. The device itself is asked before anything
            is sent.
        running: Version last observed, empty where none was.
        is_busy: Another rollout has not done with it.
        is_changed: Changed by the rollout that is taken back, where one is.
    """

    device: DeviceId
    device_id: str
    location: str
    driver: str
    product: str
    hardware: str
    running: str = ""
    is_busy: bool = False
    is_changed: bool = False


def plan_rollout(
    version_id: int,
    manifest: Manifest,
    reaches: frozenset[str],
    candidates: Iterable[Candidate],
    settings: PlanSettings,
    undoes: RolloutId | None = None,
) -> RolloutPlan:
    """Return the plan: those left out first, then wave by wave, each with its reason.

    Args:
        version_id: `ota_versions.id`.
        manifest: Of that version.
        reaches: Drivers' kinds that its way of delivery reaches; empty = all.
        candidates: Every device that the planner may update.
        settings: How to go about it.
        undoes: The rollout that is taken back: only what it changed is in.

    Raises:
        ImpossiblePlan: No device is left, or a wave's size is none.
    """
    out: list[PlannedDevice] = []
    fit: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda one: (one.location, one.device_id)):
        why = _why_out(manifest, reaches, candidate, undoes)
        if why:
            out.append(PlannedDevice(candidate.device, None, why))
        else:
            fit.append(candidate)
    if not fit:
        raise ImpossiblePlan(
            f"No device is left for {manifest.full_version}; the list says for each why it is out.", out
        )
    canaries, rest = _canaries(fit, settings.canaries)
    planned = [
        PlannedDevice(one.device, 0, f"canary of {one.product}, hardware {one.hardware}", is_canary=True)
        for one in canaries
    ]
    sizes = wave_sizes(settings.wave_sizes, len(fit), len(rest))
    first = 1 if canaries else 0
    turn = iter(_in_turns(rest))
    for place, size in enumerate(sizes, start=first):
        for _ in range(size):
            where = f"wave {place + 1} of {first + len(sizes)}"
            planned.append(PlannedDevice(next(turn).device, place, where))
    return RolloutPlan(version_id, settings, (*out, *planned), undoes)


def wave_sizes(asked: Sequence[str], every: int, rest: int) -> list[int]:
    """Return how many devices each wave after the canaries takes; the last takes what is left.

    Args:
        asked: "10" devices, or "10 %" of all.
        every: Devices in the rollout.
        rest: Of those, without the canaries.

    Raises:
        ImpossiblePlan: One is no size.
    """
    sizes: list[int] = []
    for text in asked:
        found = _SIZE.fullmatch(text)
        if found is None or not int(found[1]) or (found[2] and int(found[1]) > 100):
            raise ImpossiblePlan(
                f"{text!r} is no size of a wave; write a number of devices such as 10, or a share such as "
                "25 %."
            )
        wanted = math.ceil(every * int(found[1]) / 100) if found[2] else int(found[1])
        size = min(wanted, rest - sum(sizes))
        if size:
            sizes.append(size)
    left = rest - sum(sizes)
    if left:
        sizes.append(left)
    return sizes


def _why_out(
    manifest: Manifest, reaches: frozenset[str], candidate: Candidate, undoes: RolloutId | None
) -> str:
    if not candidate.product or not candidate.hardware:
        return "its product and hardware are not known; enter them at the device"
    if candidate.product != manifest.product:
        return f"it is {candidate.product}"
    if candidate.hardware not in manifest.hardware:
        return f"its hardware is {candidate.hardware}, and this is for {', '.join(manifest.hardware)}"
    if reaches and candidate.driver not in reaches:
        return f"it is reached over {candidate.driver}, which cannot deliver this"
    if undoes is not None and not candidate.is_changed:
        return "the rollout that is taken back did not change it"
    if candidate.is_busy:
        return "another rollout has not done with it"
    running = candidate.running.partition("+")[0]
    if version_or_none(running) is None:
        return ""  # the device itself is asked before anything is sent
    if running == manifest.version:
        return f"it runs {running} already"
    if manifest.minimum_from and is_older(running, manifest.minimum_from):
        return f"it runs {running}, and this needs {manifest.minimum_from} or later to begin from"
    if undoes is None and is_older(manifest.version, running):
        return f"it runs {running}, which is newer; only a rollout that takes another back brings it there"
    return ""


def _canaries(fit: Sequence[Candidate], each: int) -> tuple[list[Candidate], list[Candidate]]:
    """Split off so many of each product and hardware, but never all of one that has more."""
    of_kind = Counter((one.product, one.hardware) for one in fit)
    taken: Counter[tuple[str, str]] = Counter()
    canaries: list[Candidate] = []
    rest: list[Candidate] = []
    for one in _in_turns(fit):
        kind = one.product, one.hardware
        if taken[kind] < min(each, max(1, of_kind[kind] - 1)) and each:
            taken[kind] += 1
            canaries.append(one)
        else:
            rest.append(one)
    return canaries, rest


def _in_turns(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield one of each location in turns, each location in the order of hardware ids."""
    places: defaultdict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: one.device_id, reverse=True):
        places[one.location].append(one)
    while places:
        for place in sorted(places):
            yield places[place].pop()
            if not places[place]:
                del places[place]
