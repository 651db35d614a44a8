"""From the plan in the database to what can be polled: devices bound to their drivers, faults named. Pure."""

from collections import defaultdict
from dataclasses import dataclass

from console.catalogue.binding import Binding, bind
from console.catalogue.device_parts import LONGEST_PERIOD_S, SHORTEST_PERIOD_S
from console.catalogue.errors import CatalogueFault
from console.station.rules.registry import rule_of
from console.station.rules.rule import CannotJudge, circumstances_of
from console.station.store import Plan
from models.records.device import Device, DeviceId
from models.records.threshold import Threshold, ThresholdId


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the station has to do, checked.

    Attributes:
        plan: As loaded.
        bindings: Devices that can be polled.
        faults: One sentence for each device that cannot.
        thresholds: Enabled ones, by device.
        unjudged: Enabled ones that no rule can judge: a tag or a limit is missing.
    """

    plan: Plan
    bindings: dict[DeviceId, tuple[Device, Binding]]
    faults: dict[DeviceId, str]
    thresholds: dict[DeviceId, tuple[Threshold, ...]]
    unjudged: frozenset[ThresholdId]


def assignment_from_plan(plan: Plan) -> Assignment:
    """Check every device against its driver. Takes milliseconds for a thousand: not for the event loop."""
    bindings: dict[DeviceId, tuple[Device, Binding]] = {}
    faults: dict[DeviceId, str] = {}
    for device in plan.devices:
        if not device.tags:
            faults[device.id] = f"{device.name} has no tags; give it at least one address to read."
        elif not 0 < device.period_s <= LONGEST_PERIOD_S:
            faults[device.id] = (
                f"{device.name}: a period of {device.period_s:g} s is impossible; "
                f"use {SHORTEST_PERIOD_S:g} to {LONGEST_PERIOD_S:g}."
            )
        else:
            try:
                bindings[device.id] = (device, bind(device, plan.secrets.open))
            except CatalogueFault as fault:
                faults[device.id] = str(fault)
    grouped: defaultdict[DeviceId, list[Threshold]] = defaultdict(list)
    for threshold in plan.thresholds:
        if threshold.enabled:
            grouped[threshold.device].append(threshold)
    unjudged = frozenset(
        threshold.id
        for device in plan.devices
        for threshold in grouped.get(device.id, ())
        if isinstance(rule_of(threshold, circumstances_of(device, plan.quantities)), CannotJudge)
    )
    thresholds = {device: tuple(some) for device, some in grouped.items()}
    return Assignment(plan, bindings, faults, thresholds, unjudged)
