"""Two stations: one is killed, cut off, or put to sleep; every device is polled by exactly one of them."""

import time
from collections.abc import Callable

from console.bench.faults_figures import none, of_times, told
from console.bench.faults_proxy import Proxy
from console.bench.faults_site import PERIOD_S, FaultSite, wait_until
from console.bench.faults_station import StationProcess
from console.bench.figure import Figure
from models.records.lease import LEASE_S

_TAKEN_OVER_WITHIN_S = LEASE_S + 1.0 + PERIOD_S
"""A lease, a renewal, and the time until a device is due."""
_FAIR_WITHIN_S = 60.0
_SMALL_WITHIN_S = 60.0
_SLEEP_S = 12.0
_SMALL_SLEEP_S = 7.0
_CUT_S = 9.0
_EXCURSION_S = 12.0
"""Longer than a takeover: who takes over finds some that have begun, and some that are over."""
_DATABASE_AWAY_S = 8.0

_WAYS: tuple[Callable[[Proxy], None], ...] = (
    lambda proxy: proxy.stall(),
    lambda proxy: proxy.cut(is_refusing=True),
    lambda proxy: proxy.stall(up=False),
    lambda proxy: proxy.stall(down=False),
)


def killed(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Kill one of two, and start it again once the other has everything."""
    count = 1 if is_small else 20
    taken_s, fair_s = list[float](), list[float]()
    for number in range(count):
        _await_fairness(site)
        site.stir(longest_s=_excursion_s(is_small=is_small))
        victim, survivor = _sides(site, number)
        theirs = _polled_by(site, victim.pid)
        since = victim.kill()
        taken_s += _taken_over_s(site, theirs, survivor, since)
        victim.start()
        fair_s.append(_await_fairness(site))
    return [
        told("takeover", "kills", count, "kills"),
        *of_times("takeover", "taken_over", taken_s, _limit_s(is_small=is_small)),
        *of_times("takeover", "fair_again", fair_s, _FAIR_WITHIN_S),
    ]


def cut_off(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Cut one of two off the database for longer than a lease; its devices still answer it."""
    count = 1 if is_small else 20
    taken_s = list[float]()
    for number in range(count):
        _await_fairness(site)
        site.stir(longest_s=_excursion_s(is_small=is_small))
        victim, survivor = _sides(site, number)
        theirs = _polled_by(site, victim.pid)
        began = time.time()
        _WAYS[number // 2 % len(_WAYS)](site.networks[number % 2])
        taken_s += _taken_over_s(site, theirs, survivor, began)
        time.sleep(0.0 if is_small else max(0.0, began + _CUT_S - time.time()))
        site.networks[number % 2].heal()
    _await_fairness(site)
    return [
        told("partition", "cuts", count, "cuts"),
        *of_times("partition", "taken_over", taken_s, _limit_s(is_small=is_small)),
    ]


def asleep(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Put one of two to sleep for longer than a lease, and wake it: it must not poll what it has lost."""
    count = 1 if is_small else 20
    for number in range(count):
        _await_fairness(site)
        site.stir(longest_s=_excursion_s(is_small=is_small))
        victim, survivor = _sides(site, number)
        theirs = _polled_by(site, victim.pid)
        began = time.time()
        victim.freeze()
        time.sleep(_SMALL_SLEEP_S if is_small else _SLEEP_S)
        _taken_over_s(site, theirs, survivor, began)
        victim.thaw()
    _await_fairness(site)
    return [told("suspend", "sleeps", count, "sleeps")]


def both_cut_off(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Kill the database of two for longer than a lease: both go on, and nobody loses anything."""
    count = 1 if is_small else 10
    unpolled = 0
    for _ in range(count):
        _await_fairness(site)
        site.database.kill()
        time.sleep(_SMALL_SLEEP_S if is_small else _DATABASE_AWAY_S)
        since = time.time()
        site.stir(longest_s=_excursion_s(is_small=is_small))
        time.sleep(1.0)
        unpolled += 0 if site.is_polled(since) else 1
        site.database.bring_back()
        site.await_news()
    _await_fairness(site)
    return [told("outage", "kills", count, "kills"), none("outage", "unpolled", unpolled, "outages")]


def _sides(site: FaultSite, number: int) -> tuple[StationProcess, StationProcess]:
    """Return whose turn it is to suffer, and the other."""
    return site.stations[number % 2], site.stations[1 - number % 2]


def _await_fairness(site: FaultSite) -> float:
    return wait_until(lambda: site.is_fair(site.stations), "a fair share")


def _polled_by(site: FaultSite, pid: int) -> list[int]:
    """Return the devices that a process was the last to ask."""
    witnessed = site.witnessed()
    return [
        device
        for device, answers in enumerate(witnessed.answers)
        if witnessed.stations[answers[-1].connection] == pid
    ]


def _taken_over_s(
    site: FaultSite, devices: list[int], survivor: StationProcess, since_unix: float
) -> list[float]:
    """Wait until the survivor asks every device; return after how long it asked each of these first."""
    wait_until(lambda: site.is_polled(since_unix, {survivor.pid}), "the takeover")
    witnessed = site.witnessed()
    return [
        next(
            answer.unix - since_unix
            for answer in witnessed.answers[device]
            if answer.unix > since_unix and witnessed.stations[answer.connection] == survivor.pid
        )
        for device in devices
    ]


def _excursion_s(*, is_small: bool) -> float:
    return _EXCURSION_S / 2 if is_small else _EXCURSION_S


def _limit_s(*, is_small: bool) -> float:
    return _SMALL_WITHIN_S if is_small else _TAKEN_OVER_WITHIN_S
