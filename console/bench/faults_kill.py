"""A station is killed at random moments: at all of its work, while it starts, while it keeps readings."""

import time

from console.bench.faults_figures import of_times, told
from console.bench.faults_records import drop_partitions, restore_dropped
from console.bench.faults_site import FaultSite
from console.bench.figure import Figure

_LIVES_S = (0.05, 2.0)
_STARTS_S = (0.0, 2.5)
_SMALL_S = (0.05, 0.8)
_KEEPING_S = (1.5, 4.0)
_RENEWED_S = 2.0
_POLLS_AGAIN_WITHIN_S = 15.0
_SMALL_WITHIN_S = 60.0


def at_work(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Kill it, and start it again at once; every third time before it has begun to work."""
    kills = 3 if is_small else 200
    station = site.stations[0]
    gaps_s: list[float] = []
    limit_s = _SMALL_WITHIN_S if is_small else _POLLS_AGAIN_WITHIN_S
    for number in range(kills):
        site.stir()
        if number % 3 < 2:
            site.await_news()
            time.sleep(site.dice.uniform(*(_SMALL_S if is_small else _LIVES_S)))
        else:
            time.sleep(site.dice.uniform(*(_SMALL_S if is_small else _STARTS_S)))
        killed = station.kill()
        site.note_durable(station)
        station.start()
        if number % 3 < 2:
            site.await_polls(killed)
            gaps_s.append(time.time() - killed)
    # A station that is stopped before it has polled would open lines that nobody can tell the owner of.
    site.await_news()
    return [
        told("kill", "kills", kills, "kills"),
        *of_times("kill", "polls_again", gaps_s, limit_s),
    ]


def while_keeping(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Kill it while the database is away and its disk holds the readings."""
    kills = 1 if is_small else 50
    station, network = site.stations[0], site.networks[0]
    for _ in range(kills):
        site.await_news()
        site.stir()
        network.cut(is_refusing=True)
        time.sleep(_KEEPING_S[0] if is_small else site.dice.uniform(*_KEEPING_S))
        station.kill()
        site.note_durable(station)
        station.start()
        time.sleep(0.0 if is_small else site.dice.uniform(0.0, 2.0))
        network.heal()
    # Long enough to hear of its new leases; the long form leaves it no such time.
    time.sleep(_RENEWED_S if is_small else 0.0)
    site.await_news()
    return [told("spool", "kills", kills, "kills")]


def by_the_day(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Take away every day's partition while the station keeps readings: today has none, tomorrow has none."""
    rounds = 1 if is_small else 10
    network = site.networks[0]
    for _ in range(rounds):
        site.await_news()
        network.cut(is_refusing=True)
        time.sleep(1.0)
        with site.database.owner.transaction() as connection:
            drop_partitions(connection)
        network.heal()
    site.await_news()
    with site.database.owner.transaction() as connection:
        restore_dropped(connection)
    return [told("day", "times", rounds, "times")]
