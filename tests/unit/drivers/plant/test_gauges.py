"""What some machines of the plant measure beside the six metrics."""

import json
import math
import struct

import pytest

from console.catalogue.document import entries_from_document
from drivers.plant.document import plant_document
from drivers.plant.gauges import COLUMN_INDEX, GAUGE_LIMITS, GAUGES, RUNNING, STOPPED, Gauges
from drivers.plant.kinds import METRIC_KEYS
from drivers.plant.plan import PlantPlan
from drivers.plant.registers import Unit
from drivers.plant.signals import Signals
from drivers.plant.upsets import UpsetBoard
from models.quantities import Quantities
from models.records.signal import Signal

PLAN = PlantPlan(has_gauges=True)
PUMP = PLAN.by_device_id["PUMP-01"]
SITE = Quantities(
    Signal(g.key, g.label, g.unit, g.decimals, g.plausible, g.span, states=g.states) for g in GAUGES
)


def read(gauges, machine, time_s, **metrics):
    row = [metrics.get(key, math.nan) for key in METRIC_KEYS]
    return [*row, *gauges.read(machine.row, row, time_s)]


def test_a_plant_has_gauges_only_where_it_is_asked_to():
    tags = [
        {tag["metric"] for device in plant_document(plan)["devices"] for tag in device["tags"]}
        for plan in (PlantPlan(), PLAN)
    ]
    assert tags[0] <= set(METRIC_KEYS)
    assert tags[1] - tags[0] == {gauge.key for gauge in GAUGES}


def test_the_document_is_taken_in_by_a_site_with_these_signals():
    document = json.loads(json.dumps(plant_document(PLAN)))
    assert len(entries_from_document(document, quantities=SITE)) == PLAN.devices


def test_a_pump_delivers_with_its_speed_and_says_what_it_does():
    gauges = Gauges(PLAN)
    running = read(gauges, PUMP, 0.0, rpm=2950.0, power_consumption=7500.0, pressure=420.0)
    standing = read(gauges, PUMP, 1.0, rpm=0.0, power_consumption=30.0, pressure=0.0)
    shown = [(row[COLUMN_INDEX["flow"]], row[COLUMN_INDEX["pump_state"]]) for row in (running, standing)]
    assert shown == [(pytest.approx(58.0), RUNNING), (0.0, STOPPED)]
    assert running[COLUMN_INDEX["motor_current"]] == pytest.approx(12.7, abs=0.1)


def test_energy_is_power_times_time_and_never_falls():
    gauges = Gauges(PLAN)
    first, last = (
        read(gauges, PUMP, at_s, rpm=0.0, power_consumption=7200.0, pressure=0.0)[COLUMN_INDEX["energy"]]
        for at_s in (0.0, 3600.0)
    )
    assert last - first == pytest.approx(7.2)


def test_a_counter_of_the_past_ends_a_little_below_where_a_plant_begins():
    signals, board = Signals(PLAN), UpsetBoard.healthy(PLAN.devices)
    past, present = Gauges(PLAN, 3600.0), Gauges(PLAN)
    for time_s in range(0, 3601, 60):
        table = signals.sample(200_000.0 + time_s, board).tolist()
        for machine in PLAN.machines:
            last = past.read(machine.row, table[machine.row], float(time_s))
            first = present.read(machine.row, table[machine.row], 0.0)
            assert not last or last[3] < first[3], machine.name
    assert last == []  # the last machine, a chiller, has none


def test_gauges_stand_in_registers_of_their_own():
    row = read(
        Gauges(PLAN), PUMP, 0.0, rpm=2950.0, power_consumption=7500.0, pressure=420.0, temperature=46.0
    )
    unit = Unit(PLAN.wiring_of(PUMP))
    unit.store([0.0 if math.isnan(value) else value for value in row])
    function, size, low, high, current, _, energy, state = struct.unpack(
        ">BBHHHHIH", unit.reply(struct.pack(">BHH", 4, 20, 7))
    )
    flow = struct.unpack(">f", struct.pack(">HH", high, low))[0]
    assert (function, size, state) == (4, 14, RUNNING)
    assert (flow, current / 100) == (pytest.approx(58.0), pytest.approx(12.74, abs=0.01))
    assert energy / 10 == pytest.approx(row[COLUMN_INDEX["energy"]], abs=0.05)


def test_a_healthy_plant_keeps_the_limits_of_its_gauges():
    signals, gauges = Signals(PLAN), Gauges(PLAN)
    board = UpsetBoard.healthy(PLAN.devices)
    for time_s in range(0, 1800, 15):
        table = signals.sample(float(time_s), board).tolist()
        for machine in PLAN.machines:
            row = [*table[machine.row], *gauges.read(machine.row, table[machine.row], float(time_s))]
            for limit in GAUGE_LIMITS.get(machine.kind.key, ()):
                value = row[COLUMN_INDEX[limit.metric]]
                assert limit.min_value is None or value > limit.min_value, (machine.name, time_s)
                assert limit.max_value is None or value < limit.max_value, (machine.name, time_s)
