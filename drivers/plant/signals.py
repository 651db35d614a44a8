"""What every sensor of the plant measures at a moment. Pure: (seed, machine, plant time, upsets) → values.

Closed forms instead of steps: a first-order lag answers a constant with an exponential and a sine with a
smaller, later sine, so temperature, load and warm-up are exact at any moment, asked in any order, and a
thousand machines cost one pass of numpy. Noise comes from a counter-based generator (Philox: Salmon et al.,
"Parallel random numbers: as easy as 1, 2, 3", SC11) indexed by the second, so it repeats as well.
"""

import numpy as np
import numpy.typing as npt

from drivers.plant.kinds import METRIC_INDEX, METRIC_KEYS, MachineKind, Shape
from drivers.plant.plan import PlantPlan
from drivers.plant.upsets import TRIP_AFTER_S, Array, Upset, UpsetBoard

_TEMPERATURE = METRIC_INDEX["temperature"]
_HUMIDITY = METRIC_INDEX["humidity"]
_PRESSURE = METRIC_INDEX["pressure"]
_VIBRATION = METRIC_INDEX["vibration"]
_POWER = METRIC_INDEX["power_consumption"]
_SPEED = METRIC_INDEX["rpm"]

_COAST_DOWN_S = 3.5
_WANDER_KNOT_S = 40.0
_REPAIR_S = 1200.0
_LONG_AGO_S = -1e7
_NOISE, _WANDER, _MACHINE = 1, 2, 3  # streams of the generator


class Signals:
    """The signals of every machine of a plan.

    Arguments are plant time in seconds: 0 is when the factory starts. Results are float64 of shape
    (machines asked for, 6), columns as in METRIC_KEYS, units as in `kinds.Shape`; NaN where a machine does
    not measure that metric.
    """

    def __init__(self, plan: PlantPlan) -> None:
        self._seed = plan.seed
        self._noise_period_s = min(1.0, plan.update_period_s)
        self._kept_normals: dict[tuple[int, int], Array] = {}
        kinds = [machine.kind for machine in plan.machines]
        self._count = len(kinds)
        scatter = np.array([_scatter(plan.seed, row) for row in range(self._count)])

        def shape(name: str) -> Array:
            return np.array([[_figure(kind, key, name) for key in METRIC_KEYS] for kind in kinds])

        self._idle, self._running = shape("idle"), shape("running")
        # Two machines of a kind differ by a few per cent of what running adds.
        self._running += (self._running - self._idle) * 0.05 * (scatter[:, :6] - 0.5)
        self._swing, self._cycle = shape("swing"), shape("cycle")
        self._drift, self._noise = shape("drift"), shape("noise")

        def of(name: str) -> Array:
            return np.array([float(getattr(kind, name)) for kind in kinds])

        self._tau, self._spin_up, self._cycle_s = of("warm_up_s"), of("spin_up_s"), of("cycle_s")
        self._run_s, self._stop_s, self._rise = of("run_s"), of("stop_s"), of("overheat_rise")
        self._has_bearings = np.array([kind.has_bearings for kind in kinds])
        self._load_period = np.stack([420.0 + 800.0 * scatter[:, 6], 55.0 + 70.0 * scatter[:, 7]])
        self._load_phase = 2 * np.pi * np.stack([scatter[:, 8], scatter[:, 9]])
        self._cycle_phase = scatter[:, 10]
        duty = self._run_s + self._stop_s
        # Planned stops are spread so that none falls into the first minutes of the plant.
        self._duty_phase = np.where(duty > 0, (0.1 + 0.8 * scatter[:, 11]) * self._run_s, 0.0)
        self._started_s = np.array(
            [2.0 + 8.0 * s[12] if _is_cold(kind, row) else _LONG_AGO_S
             for row, (kind, s) in enumerate(zip(kinds, scatter, strict=True))]
        )  # fmt: skip
        # A bearing lasts 30 to 90 hours here, so that days of history hold a few failures.
        self._bearing_s = 3600.0 * (30.0 + 60.0 * scatter[:, 13])
        self._bearing_age_s = self._bearing_s * 0.85 * scatter[:, 14]

    def sample(self, time_s: float, upsets: UpsetBoard, rows: slice | None = None) -> Array:
        """Return what the sensors of `rows` (all, when None) measure at `time_s`."""
        r = slice(0, self._count) if rows is None else rows
        kind, since = upsets.kind[r], time_s - upsets.since_s[r]
        bearing = self._bearing_age_s[r] + time_s
        failing_for = np.where(self._has_bearings[r], bearing % self._bearing_s[r], np.inf)
        failing_for = np.where(bearing >= self._bearing_s[r], failing_for, np.inf)
        is_broken = (failing_for < _REPAIR_S) & (kind == Upset.NONE)
        kind = np.where(is_broken, np.int8(Upset.SEIZE), kind)
        since = np.where(is_broken, failing_for, since)

        speed, warmth = self._activity(time_s, upsets, r, np.where(is_broken, np.inf, failing_for))
        stopped_for = _stopped_for(kind, since)
        speed = speed * np.exp(-np.maximum(stopped_for, 0.0) / _COAST_DOWN_S)
        warmth = warmth * np.exp(-np.maximum(stopped_for, 0.0) / self._tau[r])

        values = self._steady(time_s, r, speed, warmth)
        self._wear(values, bearing, r, speed)
        self._suffer(values, kind, since, stopped_for, r, speed)
        values += self._noise[r] * self._normals(_NOISE, int(time_s / self._noise_period_s))[r]
        self._bound(values)
        return values

    def _activity(
        self, time_s: float, upsets: UpsetBoard, r: slice, repaired_for: Array
    ) -> tuple[Array, Array]:
        """Return how fast (0 … 1) and how warm (0 cold … 1 settled) each machine is, before upsets."""
        tau, run, stop = self._tau[r], self._run_s[r], self._stop_s[r]
        running_for = time_s - self._started_s[r]
        after_repair = repaired_for - _REPAIR_S
        running_for = np.where(np.isfinite(after_repair), np.minimum(running_for, after_repair), running_for)
        rest_warmth = np.zeros_like(tau)
        restarted = ~np.isnan(upsets.restarted_s[r])
        since_restart = time_s - np.where(restarted, upsets.restarted_s[r], 0.0)
        running_for = np.where(restarted, np.minimum(running_for, since_restart), running_for)
        rest_warmth = np.where(restarted, upsets.warmth_at_restart[r], rest_warmth)
        speed = _ramp(running_for / self._spin_up[r])
        warmth = 1.0 - (1.0 - rest_warmth) * np.exp(-np.maximum(running_for, 0.0) / tau)

        # Planned stops: the periodic answer of the lag to a square wave, joined at both edges.
        has_duty = (run > 0.0) & ~restarted
        period = np.where(has_duty, run + stop, 1.0)
        at = (time_s + self._duty_phase[r]) % period
        highest = (1.0 - np.exp(-run / tau)) / (1.0 - np.exp(-np.maximum(run + stop, 1.0) / tau))
        lowest = highest * np.exp(-stop / tau)
        standing_for = np.maximum(at - run, 0.0)
        duty_speed = _ramp(at / self._spin_up[r]) * np.exp(-standing_for / _COAST_DOWN_S)
        duty_warmth = np.where(
            at < run, 1.0 - (1.0 - lowest) * np.exp(-at / tau), highest * np.exp(-standing_for / tau)
        )
        return np.where(has_duty, duty_speed, speed), np.where(has_duty, duty_warmth, warmth)

    def _steady(self, time_s: float, r: slice, speed: Array, warmth: Array) -> Array:
        """Return the values of healthy machines, without noise."""
        omega = 2 * np.pi / self._load_period[:, r]
        angle = omega * time_s + self._load_phase[:, r]
        load = 0.7 * np.sin(angle[0]) + 0.3 * np.sin(angle[1])
        # A lag tau weakens a sine by sqrt(1 + (omega tau)²) and delays it by atan(omega tau).
        lag = omega * self._tau[r]
        lagged = np.array([0.7, 0.3])[:, None] * np.sin(angle - np.arctan(lag)) / np.sqrt(1.0 + lag * lag)
        lagged_load = lagged.sum(axis=0)
        position = (time_s / self._cycle_s[r] + self._cycle_phase[r]) % 1.0
        work = 1.0 - 4.0 * np.abs(position - 0.5)  # triangle, -1 … 1

        activity = np.repeat(speed[:, None], 6, axis=1)
        loads = np.repeat(load[:, None], 6, axis=1)
        for lagging in (_TEMPERATURE, _HUMIDITY):
            activity[:, lagging] = warmth
            loads[:, lagging] = lagged_load
        settled = self._running[r] + self._swing[r] * loads + self._cycle[r] * work[:, None]
        wander = self._wander(time_s)[r]
        moving = np.maximum(activity, 0.15)  # a standing sensor wanders less, but is not dead
        return self._idle[r] + activity * (settled - self._idle[r]) + self._drift[r] * moving * wander

    def _wear(self, values: Array, bearing: Array, r: slice, speed: Array) -> None:
        """Let vibration grow with the age of the bearing, to twice its first value."""
        worn = (bearing % self._bearing_s[r]) / self._bearing_s[r]
        values[:, _VIBRATION] += self._running[r, _VIBRATION] * speed * worn**4

    def _suffer(
        self,
        values: Array,
        kind: npt.NDArray[np.int8],
        since: Array,
        stopped_for: Array,
        r: slice,
        speed: Array,
    ) -> None:
        """Add what upsets do to the values."""
        cooling = np.exp(-np.maximum(stopped_for, 0.0) / self._tau[r])
        hot = kind == Upset.OVERHEAT
        values[:, _TEMPERATURE] += np.where(hot, self._rise[r] * (1.0 - np.exp(-since / 9.0)), 0.0)
        seizing = kind == Upset.SEIZE
        lasted = np.clip(since, 0.0, TRIP_AFTER_S)
        friction = np.where(seizing, 1.0 - np.exp(-lasted / 30.0), 0.0)
        values[:, _TEMPERATURE] += 1.1 * self._rise[r] * friction * cooling
        values[:, _VIBRATION] += 9.0 * friction**2 * speed
        values[:, _POWER] += 0.25 * self._running[r, _POWER] * friction * speed
        values[:, _SPEED] -= 0.12 * self._running[r, _SPEED] * friction * speed
        worn = kind == Upset.WORN
        worn_level = np.maximum(5.6, 2.6 * self._running[r, _VIBRATION])
        values[:, _VIBRATION] += np.where(worn, (worn_level - self._running[r, _VIBRATION]) * speed, 0.0)
        leaking = np.where(kind == Upset.LEAK, 0.22 * (1.0 - np.exp(-since / 6.0)), 0.0)
        values[:, _PRESSURE] *= 1.0 - leaking
        damp = kind == Upset.DAMP
        values[:, _HUMIDITY] += np.where(damp, 17.0 * (1.0 - np.exp(-since / 6.0)), 0.0)

    def _wander(self, time_s: float) -> Array:
        """Return a smooth random walk of unit size: normal knots, joined without a kink."""
        index = int(time_s // _WANDER_KNOT_S)
        x = time_s / _WANDER_KNOT_S - index
        weight = x * x * (3.0 - 2.0 * x)
        return (1.0 - weight) * self._normals(_WANDER, index) + weight * self._normals(_WANDER, index + 1)

    def _normals(self, stream: int, index: int) -> Array:
        """Return unit normals for all machines, the same for every call with this index.

        The last few are kept: the rows of one second are asked for in slices.
        """
        kept = self._kept_normals.get((stream, index))
        if kept is None:
            if len(self._kept_normals) >= 8:
                self._kept_normals.clear()
            kept = _generator(self._seed, stream, index).standard_normal((self._count, len(METRIC_KEYS)))
            self._kept_normals[stream, index] = kept
        return kept

    def _bound(self, values: Array) -> None:
        """Keep what physics bounds: relative humidity, and quantities without a sign."""
        np.clip(values[:, _HUMIDITY], 0.0, 100.0, out=values[:, _HUMIDITY])
        for column in (_PRESSURE, _VIBRATION, _POWER, _SPEED):
            np.maximum(values[:, column], 0.0, out=values[:, column])


def _figure(kind: MachineKind, metric: str, name: str) -> float:
    shape: Shape | None = kind.shapes.get(metric)
    return float("nan") if shape is None else float(getattr(shape, name))


def _is_cold(kind: MachineKind, row: int) -> bool:
    return kind.starts_cold and row % 5 == 3


def _stopped_for(kind: npt.NDArray[np.int8], since: Array) -> Array:
    """Return for how long upsets have held each machine still; negative or -inf while it runs."""
    after_trip = np.where(kind == Upset.SEIZE, since - TRIP_AFTER_S, -np.inf)
    return np.where(kind == Upset.STOPPED, since, after_trip)


def _ramp(position: Array) -> Array:
    """Return a smooth rise from 0 to 1 while `position` goes from 0 to 1."""
    x = np.clip(position, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _generator(seed: int, stream: int, index: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, stream, index]))


def _scatter(seed: int, row: int) -> Array:
    """Return sixteen numbers in 0 … 1 that belong to one machine, in a plant of any size."""
    return _generator(seed, _MACHINE, row).random(16)
