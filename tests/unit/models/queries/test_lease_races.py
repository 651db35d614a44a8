"""Stations that start, renew, give back, drain and die all at once: each device stays in one hand."""

import random
import threading
import time
from contextlib import ExitStack, closing

import pytest

from models.queries.leases import assign_devices, drain_station, leave_station
from tests.unit.models.queries.test_lease_attacks import overlaps
from tests.unit.models.queries.test_leases import Hands, devices

__all__ = ["devices"]


class Grip:
    """What the stations believe to hold; says so when two hold the same device."""

    def __init__(self):
        self.held, self.lock, self.clashes = {}, threading.Lock(), []

    def take(self, station, taken):
        with self.lock:
            self.clashes += [
                (device, station, self.held[device])
                for device in taken
                if self.held.get(device, station) != station
            ]
            self.held.update(dict.fromkeys(taken, station))

    def let_go(self, station, kept=()):
        with self.lock:
            for device in [d for d, holder in self.held.items() if holder == station and d not in kept]:
                del self.held[device]


class Worker:
    """One station that does one thing after another, as chance has it."""

    def __init__(self, hands, grip, seed):
        self.hands, self.grip, self.chance = hands, grip, random.Random(seed)
        self.surplus, self.steps = [], 0
        self.choices = [self.renew] * 12 + [self.start] * 2 + [self.die, self.leave]

    def step(self):
        self.chance.choice(self.choices)()
        self.steps += 1

    def start(self):
        self.hands.enter()

    def renew(self):
        tenure = self.hands.renew(self.surplus)
        kept = [lease.device for lease in tenure.leases if not lease.is_surplus]
        self.surplus = [lease.device for lease in tenure.leases if lease.is_surplus]
        self.grip.let_go(self.hands.id, kept)
        self.grip.take(self.hands.id, kept)

    def die(self):
        self.grip.let_go(self.hands.id)
        self.hands.die()
        self.surplus = []

    def leave(self):
        self.grip.let_go(self.hands.id)
        self.surplus = []
        self.hands.do(lambda connection: leave_station(connection, self.hands.incarnation))


def run(seconds, seed, database, devices):
    """Let four stations and an administrator do as they like; returns the workers, the grip, and errors."""
    grip, errors, end = Grip(), [], time.monotonic() + seconds
    with ExitStack() as stack:
        stations = [stack.enter_context(closing(Hands(database, f"Hall {n}"))) for n in range(4)]
        for station in stations:
            station.enter()
        workers = [Worker(station, grip, seed + n) for n, station in enumerate(stations)]
        chance = random.Random(seed)

        def administrate():
            with database.transaction() as connection:
                some = chance.sample(devices, 3)
                assign_devices(connection, some, chance.choice([None, chance.choice(stations).id]))
            with database.transaction() as connection:
                drain_station(connection, chance.choice(stations).id, is_draining=chance.random() < 0.3)

        def on(step):
            try:
                while time.monotonic() < end:
                    step()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
                errors.append(error)

        steps = [*(worker.step for worker in workers), administrate]
        threads = [threading.Thread(target=on, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return workers, grip, errors


def assert_one_hand(seconds, seed, database, devices):
    workers, grip, errors = run(seconds, seed, database, devices)
    assert errors == []
    assert grip.clashes == []
    assert overlaps(database) == []
    assert min(worker.steps for worker in workers) > 5


def test_each_device_is_in_one_hand_whatever_stations_do_at_once(database, devices):
    assert_one_hand(2.0, 1, database, devices)


@pytest.mark.faults_long
@pytest.mark.parametrize("seed", range(10, 20))
def test_each_device_is_in_one_hand_for_long(database, devices, seed):
    assert_one_hand(20.0, seed, database, devices)
