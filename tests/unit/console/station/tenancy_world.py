"""A site in virtual time: a database that lends devices, and stations that lose it and each other.

Stations are the real `Tenancy`, `Evidence` and `WitnessServer`; what surrounds them is a model of `duty.py`,
`leases.py` and revision 0017: messages take their time or are lost on either way, programs freeze, crash and
start again from what they remembered.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path

import msgspec

from console.station.leasing.leases import Lost, NotRenewed, Renewed
from console.station.leasing.tenancy import Tenancy
from console.station.leasing.witness import (
    Heard,
    Outcome,
    Sight,
    Statement,
    WitnessServer,
    _Answer,
    _Question,
)
from models.records.device import DeviceId
from models.records.lease import LEASE_S, Lease, Peer, Tenure
from models.records.station import StationIdentity

KEY = b"key"
DEVICES = tuple(DeviceId(number) for number in range(1, 5))
_TICK_S, _RENEW_S, _LIMIT_S, _ASK_S = 0.05, 1.0, 1.5, 0.5


class Registry:
    """Revision 0017, as far as who holds what goes."""

    def __init__(self) -> None:
        self.until: dict[int, float] = {}
        self.starts: dict[int, int] = {}
        self.holder: dict[DeviceId, int | None] = dict.fromkeys(DEVICES)
        self.epoch = dict.fromkeys(DEVICES, 0)
        self.renewed = self.watching = float("-inf")

    def enter(self, now: float, station: int) -> int:
        self.starts[station] = self.starts.get(station, 0) + 1
        self.until[station] = now + LEASE_S
        for device in self.held(station):
            self.epoch[device] += 1
        return self.starts[station]

    def held(self, station: int) -> list[DeviceId]:
        return [device for device, holder in self.holder.items() if holder == station]

    def renew(self, now: float, station: int, start: int, released: frozenset[DeviceId]) -> Tenure | None:
        if self.starts.get(station) != start:
            return None
        self.until[station] = now + LEASE_S
        if abs(self.renewed - now) > LEASE_S / 2:
            self.watching = now
        self.renewed = now
        for device in released & set(self.held(station)):
            self.holder[device] = None
        living = [each for each, until in self.until.items() if until > now]
        dead = [each for each in self.until if each not in living and self.watching <= now - LEASE_S]
        target = ceil(len(DEVICES) / len(living))
        free = [device for device, holder in self.holder.items() if holder is None or holder in dead]
        for device in free[: max(target - len(self.held(station)), 0)]:
            self.holder[device] = station
            self.epoch[device] += 1
        held = self.held(station)
        surplus = held[target:] if len(living) > 1 else []
        leases = tuple(Lease(device, self.epoch[device], device in surplus) for device in held)
        peers = tuple(Peer(each, str(each), f"h:{each}") for each in living if each != station)
        return Tenure(leases, (), peers, KEY, now)


class World:
    """Time, chance and the network."""

    def __init__(self, seed: int, stations: int = 3) -> None:
        self.chance = random.Random(seed)
        self.now = 1000.0
        self.registry = Registry()
        self.cut: set[object] = set()
        self._places = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.stations = [Station(self, number) for number in range(1, stations + 1)]
        self.clashes: list[str] = []

    def after(self, wait_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + wait_s, next(self._places), do))

    def reaches(self, *way: object) -> bool:
        return not self.cut.intersection({"database" if 0 in way else "", *way, frozenset(way)})

    def run(self, seconds: float) -> list[str]:
        for station in self.stations:
            self.after(self.chance.uniform(0, 3), station.start)
        self.after(self.chance.uniform(4, 9), self._misfortune)
        end = self.now + seconds
        tick = self.now
        while tick < end and not self.clashes:
            tick += _TICK_S
            while self._events and self._events[0][0] <= tick:
                self.now, _, do = heapq.heappop(self._events)
                do()
            self.now = tick
            self._look()
        return self.clashes

    def _look(self) -> None:
        polled: dict[DeviceId, Station] = {}
        for station in self.stations:
            for device in station.polls():
                other = polled.setdefault(device, station)
                if other is not station and not (station.is_excused(other) or other.is_excused(station)):
                    self.clashes.append(f"{self.now:.2f}: {other.id} and {station.id} poll {device}")

    def _misfortune(self) -> None:
        chance = self.chance
        one, two = chance.sample(self.stations, 2)
        for_s = chance.choice([0.3, 1.0, 3.0, 6.0, 12.0]) * chance.uniform(0.5, 1.5)
        what = chance.choice(["database", "way", "way", "pair", "freeze", "crash", "crash", "crash cut"])
        cuts: dict[str, object] = {
            "database": "database",
            "way": frozenset({0, one.id}),
            "pair": frozenset({one.id, two.id}),
            "crash cut": frozenset({0, two.id}),
        }
        if what in cuts:
            cut = cuts[what]
            self.cut.add(cut)
            self.after(for_s, lambda: self.cut.discard(cut))
        if what == "freeze":
            one.freeze(for_s)
        elif what.startswith("crash"):
            self.after(chance.uniform(0, 5), lambda: one.crash(for_s))
        self.after(chance.uniform(0.1, 6), self._misfortune)


@dataclass
class _Memory:
    tenure: Tenure | None = None
    gained: float = 0.0


@dataclass
class Station:
    """One computer; each start of its program is a new `Program`."""

    world: World
    id: int
    memory: _Memory = field(default_factory=_Memory)
    program: "Program | None" = None
    frozen_until: float = 0.0

    def monotonic(self) -> float:
        return self.world.now

    def unix(self) -> float:
        return self.world.now

    def start(self) -> None:
        if self.program is None:
            self.program = Program(self)

    def crash(self, for_s: float) -> None:
        self.program = None
        self.world.after(for_s, self.start)

    def freeze(self, for_s: float) -> None:
        self.frozen_until = self.world.now + for_s

    @property
    def is_frozen(self) -> bool:
        return self.world.now < self.frozen_until

    def polls(self) -> frozenset[DeviceId]:
        if self.program is None or self.is_frozen or not self.program.tenancy.may_poll():
            return frozenset()
        return frozenset(self.program.tenancy.share.epochs or ())

    def is_excused(self, other: "Station") -> bool:
        """Whether it polls on without a lease, and did not know of the other (`witness.py`)."""
        program = self.program
        assert program is not None
        assert program.tenancy.tenure is not None
        is_lapsed = self.world.now > program.sent_s + LEASE_S - 0.5
        return is_lapsed and other.id not in {peer.id for peer in program.tenancy.tenure.peers}


class Program:
    """What `duty.py` and `leases.py` do, until the program is no more."""

    def __init__(self, station: Station) -> None:
        self.station, self.world = station, station.world
        self.tenancy = Tenancy(station)
        self.witness = WitnessServer(self._statement, station.monotonic, "", 0, Path())
        if station.memory.tenure is not None:
            self.witness._said_away_s = station.monotonic()  # as `start` does, where it has run before
        self.identity: StationIdentity | None = None
        self.released: frozenset[DeviceId] = frozenset()
        self.known: frozenset[DeviceId] = frozenset()
        self.sent_s = float("-inf")
        if station.memory.tenure is not None:
            self.tenancy.remember(station.id, station.memory.tenure, station.memory.gained)
        self._attempt()
        self._ask_on()

    def _later(self, wait_s: float, do: Callable[[], None]) -> None:
        def check() -> None:
            if self.station.program is not self:
                return
            if self.station.is_frozen:
                self._later(self.station.frozen_until - self.world.now + self.world.chance.random() / 50, do)
            else:
                do()

        self.world.after(wait_s, check)

    def _attempt(self) -> None:
        world, sent_s, errand = self.world, self.world.now, (self.released, self.known)
        there, back = (world.chance.choice([0.002, 0.01, 0.3, 0.8]) for _ in range(2))

        def arrive() -> None:
            if not world.reaches(0, self.station.id):
                self._later(world.chance.choice([0.0, _LIMIT_S]), lambda: self._hear(NotRenewed("away")))
                return
            news = self._ask_database(sent_s, *errand)
            is_heard = world.reaches(0, self.station.id) and there + back < _LIMIT_S
            is_heard = is_heard and world.chance.random() > 0.02
            self._later(
                back if is_heard else _LIMIT_S, lambda: self._hear(news if is_heard else NotRenewed(""))
            )

        world.after(there, arrive)

    def _ask_database(
        self, sent_s: float, released: frozenset[DeviceId], known: frozenset[DeviceId]
    ) -> Renewed | Lost:
        registry, own = self.world.registry, self.station.id
        if self.identity is None:
            self.identity = StationIdentity(own, str(own), registry.enter(self.world.now, own))
        tenure = registry.renew(self.world.now, own, self.identity.incarnation, released)
        if tenure is None:
            self.identity = None
            return Lost("A newer start.")
        epochs = {lease.device: lease.epoch for lease in tenure.leases if not lease.is_surplus}
        surplus = frozenset(lease.device for lease in tenure.leases if lease.is_surplus)
        return Renewed(self.identity, tenure, sent_s, epochs, surplus, known, released)

    def _hear(self, news: Renewed | NotRenewed | Lost) -> None:
        tenancy, memory = self.tenancy, self.station.memory
        if isinstance(news, Renewed):
            self.released -= news.released
            news = replace(news, epochs={d: e for d, e in news.epochs.items() if d not in self.released})
            self.sent_s = news.sent_s
        tenancy.hear(news, may_take_over=self.witness.may_take_over())
        self.known = frozenset(tenancy.known)
        if isinstance(news, Renewed):
            saved = _Memory(tenancy.tenure, tenancy.gained_unix)
            self._later(self.world.chance.choice([0.0, 0.5]), lambda: vars(memory).update(vars(saved)))
            if news.surplus:
                self._later(0.1, lambda: self._release(news.surplus))
        elif tenancy.is_failing:
            self._ask()
        self._later(_RENEW_S if isinstance(news, Renewed) else 0.5, self._attempt)

    def _release(self, devices: frozenset[DeviceId]) -> None:
        self.released |= devices - frozenset(self.tenancy.share.epochs or ())

    def _statement(self) -> Statement | None:
        tenancy = self.tenancy
        if tenancy.tenure is None:
            return None
        sight = Sight.LIVE if tenancy.is_live else Sight.AWAY
        return Statement(tenancy.own, KEY, sight, tenancy.gained_unix)

    def _ask_on(self) -> None:
        if self.tenancy.is_failing or self.tenancy.evidence.unheard:
            self._ask()
        self._later(_ASK_S, self._ask_on)

    def _ask(self) -> None:
        asked_s, answers = self.world.now, dict[int, Heard]()
        for peer in self.tenancy.evidence.asked:
            self.world.after(self.world.chance.uniform(0, 0.24), lambda peer=peer: self._put(peer, answers))
        self._later(0.5, lambda: self._take(answers, asked_s))

    def _put(self, peer: Peer, answers: dict[int, Heard]) -> None:
        other = self.world.stations[peer.id - 1]
        if not self.world.reaches(self.station.id, peer.id) or other.is_frozen:
            return
        if other.program is None:
            answers[peer.id] = Heard(Outcome.REFUSED)
            return
        question = _Question(self.station.id, peer.id, "nonce").signed(KEY)
        line = other.program.witness._answer_to(msgspec.json.encode(question))
        if line:
            answer = msgspec.json.decode(line, type=_Answer)
            answers[peer.id] = Heard(Outcome(answer.sight.value), answer.gained_unix)

    def _take(self, answers: dict[int, Heard], asked_s: float) -> None:
        self.tenancy.evidence.take(answers, asked_s)
        self.tenancy.begin_remembered()
        self.known = frozenset(self.tenancy.known)
