"""The demonstration's past: six hours of readings and alerts behind a factory that was started a minute ago.

Reports, trends and the replay of limits need a past, and a new demonstration has none. This one is simulated
like the plant itself: the plant's own signals, judged by the station's own evaluator, handled by simulated
persons along the same state machine as everywhere. It runs once, in a process of its own, and only where the
database holds no readings from before.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from console.station.evaluator import Evaluator
from drivers.plant.gauges import GAUGES, Gauges
from drivers.plant.past import past_values
from drivers.plant.plan import PlantPlan
from models.alarm_states import AlarmEvent, AlarmFacts, step
from models.metrics import METRIC_COUNT
from models.queries.catalogue import load_devices, load_thresholds
from models.queries.demo_past import PastAlert, PastEvent, has_past, store_alerts, store_readings
from models.queries.signals import load_quantities
from models.records.alert import EventKind, Transition, TransitionKind
from models.records.reading import Reading
from models.records.signal import SignalSample

if TYPE_CHECKING:
    from drivers.plant.upsets import Array
    from models.database import Database
    from models.quantities import Quantities
    from models.records.device import Device
    from models.records.threshold import Threshold, ThresholdId

LENGTH_S = 21_600.0
STEP_S = 1.0
"""The devices' own period: availability and replays find the past as complete as the present."""
_CHUNK_STEPS = 600
_SIGNAL_STEPS = 3
"""Of signals every third value is kept: the most that still counts as one after the other."""
_REST_S = 60.0  # left free before the present, which the station records
_REMARKS = (
    "Called maintenance",
    "Filter changed",
    "Load reduced until it was back",
    "Known, part is ordered",
    "Checked on site, nothing found",
    "Cooling water was shut; opened again",
)


@dataclass(slots=True)
class _Episode:
    """One alert in the making."""

    raised: Transition
    events: list[PastEvent] = field(default_factory=list)
    cleared_unix: float | None = None
    acknowledged_unix: float | None = None


def fill_past(
    database: Database,
    plan: PlantPlan,
    persons: Sequence[int],
    now_unix: float,
    length_s: float = LENGTH_S,
) -> int:
    """Store some hours of readings and alerts that ended before now; return how many alerts.

    Does nothing where there are readings of that time already. Alerts that would still be open are left out:
    what is open is the station's to say.

    Args:
        database: With the login of the data folder's owner.
        plan: The plant; devices are found by hardware id.
        persons: `users.id` of whoever acknowledged; the first did most.
        now_unix: Unix seconds.
        length_s: How much of the past, seconds.
    """
    until_unix = math.floor(now_unix - _REST_S)
    since_unix = until_unix - length_s
    with database.transaction() as connection:
        if has_past(connection, since_unix):
            return 0
        known = {device.device_id: device for device in load_devices(connection)}
        thresholds = load_thresholds(connection)
        quantities = load_quantities(connection)
    rows = {machine.row: known[machine.device_id] for machine in plan.machines if machine.device_id in known}
    transitions: list[Transition] = []
    gauges = _PastGauges(plan, rows, quantities, length_s)
    past = past_values(plan, length_s, STEP_S)
    for readings in _judged(past, rows, thresholds, gauges, since_unix, transitions):
        with database.transaction() as connection:
            store_readings(connection, readings)
    alerts = list(_alerts(transitions, thresholds, persons, until_unix, random.Random(plan.seed)))
    with database.transaction() as connection:
        store_alerts(connection, alerts, since_unix, until_unix)
    return len(alerts)


class _PastGauges:
    """Reads the plant's gauges as the signals of its devices."""

    def __init__(
        self, plan: PlantPlan, rows: dict[int, Device], quantities: Quantities, length_s: float
    ) -> None:
        self.quantities = quantities
        self._gauges = Gauges(plan, length_s + _REST_S)
        places = {gauge.key: place for place, gauge in enumerate(GAUGES)}
        self._wanted = {
            row: [(signal.id, places[signal.key]) for signal in quantities.signals_of(device)]
            for row, device in rows.items()
            if all(signal.key in places for signal in quantities.signals_of(device))
        }

    def read(self, row: int, metrics: list[float], at_s: float) -> tuple[SignalSample, ...]:
        """Return the signals of the device in `row`, in the order of its tags; none where it has none."""
        wanted = self._wanted.get(row)
        if not wanted:
            return ()
        values = self._gauges.read(row, metrics, at_s)
        return tuple(SignalSample(id, round(values[place], 3)) for id, place in wanted) if values else ()


def _judged(
    past: Iterator[tuple[float, Array]],
    rows: dict[int, Device],
    thresholds: Sequence[Threshold],
    gauges: _PastGauges,
    since_unix: float,
    transitions: list[Transition],
) -> Iterator[list[Reading]]:
    """Yield the readings chunk by chunk; what the thresholds find is added to `transitions`."""
    evaluators = {
        row: Evaluator(device, thresholds, (), quantities=gauges.quantities) for row, device in rows.items()
    }
    readings: list[Reading] = []
    for number, (at_s, values) in enumerate(past, start=1):
        table = np.round(values, 3)
        for row, device in rows.items():
            numbers = tuple(None if math.isnan(value) else value for value in table[row].tolist())
            signals = gauges.read(row, table[row].tolist(), at_s)
            reading = Reading(device.id, since_unix + at_s, numbers[:METRIC_COUNT], signals=signals)
            transitions.extend(evaluators[row].judge(reading))
            if signals and number % _SIGNAL_STEPS:
                reading = structs.replace(reading, signals=())
            readings.append(reading)
        if number % _CHUNK_STEPS == 0:
            yield readings
            readings = []
    if readings:
        yield readings


def _alerts(
    transitions: Sequence[Transition],
    thresholds: Sequence[Threshold],
    persons: Sequence[int],
    until_unix: float,
    chance: random.Random,
) -> Iterator[PastAlert]:
    """Yield the alerts that transitions and simulated persons make, and that are over by `until_unix`."""
    facts = {each.id: AlarmFacts(is_latching=each.is_latching) for each in thresholds}
    owners = {threshold.id: threshold.user_id for threshold in thresholds}
    grouped: dict[ThresholdId, list[Transition]] = {}
    for transition in transitions:
        grouped.setdefault(transition.threshold, []).append(transition)
    for id, own in grouped.items():
        for episode, resolved_unix, person in _lives(own, facts[id], persons, chance):
            if resolved_unix < until_unix:
                yield _past_alert(episode, resolved_unix, person, owners[id])


def _lives(
    transitions: Sequence[Transition], facts: AlarmFacts, persons: Sequence[int], chance: random.Random
) -> Iterator[tuple[_Episode, float, int]]:
    """Follow one alarm through the state machine; yields each episode that ended, when, and who took note."""
    episode: _Episode | None = None
    person, comes_unix = persons[0], math.inf
    for transition in [*transitions, None]:
        at_unix = math.inf if transition is None else transition.at_unix
        while episode is not None and comes_unix < at_unix:
            event = AlarmEvent.RESET if facts.is_acknowledged else AlarmEvent.ACKNOWLEDGED
            done = step(facts, event)
            _note(episode, event, comes_unix, person, chance, closes=done.closes)
            facts, now_unix = done.facts, comes_unix
            # A latching alarm is reset some minutes after somebody took note of it.
            comes_unix = now_unix + chance.uniform(120.0, 900.0) if facts.is_latching else math.inf
            if done.closes:
                yield episode, now_unix, person
                episode = None
        if transition is None:
            return
        is_raised = transition.kind is TransitionKind.RAISED
        done = step(facts, AlarmEvent.RAISED if is_raised else AlarmEvent.CLEARED)
        if done.facts == facts:
            continue
        facts = done.facts
        if done.opens or episode is None:
            episode = _Episode(transition)
        _follow(episode, transition, is_first=done.opens, closes=done.closes)
        if done.annunciates:
            person = persons[0] if chance.random() < 0.8 else chance.choice(persons)
            hurry_s = chance.lognormvariate(4.4, 0.8)  # median 80 s
            comes_unix = transition.at_unix + min(hurry_s, 3_600.0)
        if done.closes:
            yield episode, transition.at_unix, person
            episode = None


def _follow(episode: _Episode, transition: Transition, *, is_first: bool, closes: bool) -> None:
    is_raised = transition.kind is TransitionKind.RAISED
    kind = EventKind.CLEARED
    if is_raised:
        kind = EventKind.RAISED if is_first else EventKind.REOCCURRED
    episode.cleared_unix = None if is_raised else transition.at_unix
    if is_raised and not is_first:
        episode.acknowledged_unix = None
    episode.events.append(
        PastEvent(kind, transition.at_unix, value=transition.value, is_annunciated=is_raised)
    )
    if closes:
        episode.events.append(PastEvent(EventKind.RESOLVED, transition.at_unix))


def _note(
    episode: _Episode, event: AlarmEvent, at_unix: float, person: int, chance: random.Random, *, closes: bool
) -> None:
    if event is AlarmEvent.ACKNOWLEDGED:
        remark = chance.choice(_REMARKS) if chance.random() < 0.3 else ""
        episode.acknowledged_unix = at_unix
        episode.events.append(PastEvent(EventKind.ACKNOWLEDGED, at_unix, person, comment=remark))
    if closes:
        episode.events.append(PastEvent(EventKind.RESOLVED, at_unix, person))


def _past_alert(episode: _Episode, resolved_unix: float, person: int, owner: int | None) -> PastAlert:
    by_hand = episode.events[-1].person
    return PastAlert(
        raised=episode.raised,
        owner=owner,
        cleared_unix=episode.cleared_unix or resolved_unix,
        acknowledged_unix=episode.acknowledged_unix,
        acknowledged_by=None if episode.acknowledged_unix is None else person,
        resolved_unix=resolved_unix,
        resolved_by=by_hand,
        events=tuple(episode.events),
    )
