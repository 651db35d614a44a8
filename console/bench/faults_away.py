"""The database goes away: killed, frozen, or behind a network that stalls, cuts or closes by half."""

import time
from collections.abc import Callable

from console.bench.faults_figures import none, of_times, told
from console.bench.faults_proxy import Proxy
from console.bench.faults_site import FaultSite, wait_until
from console.bench.figure import Figure

_USED_AGAIN_WITHIN_S = 2.0
_FREED_WITHIN_S = 3.0
_SEEN_WITHIN_S = 1.0
"""How long a new reading takes until this suite sees it in the database."""
_SMALL_WITHIN_S = 60.0
_AWAY_S = (1.0, 4.0)
_BLACK_HOLE_S = (1.0, 8.0)
_FROZEN_S = 3.0
_LOCKED_AFTER_S = 6.0

_WAYS: tuple[Callable[[Proxy], None], ...] = (
    lambda proxy: proxy.stall(),
    lambda proxy: proxy.stall(up=False),
    lambda proxy: proxy.cut(is_refusing=True),
    lambda proxy: proxy.stall(down=False),
    lambda proxy: proxy.half_close(),
)


def killed(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Kill the server, at random moments."""
    kills = 2 if is_small else 50
    returns = _Returns(site)
    for _ in range(kills):
        site.await_news()
        site.stir()
        time.sleep(0.0 if is_small else site.dice.uniform(0.0, 1.0))
        began = time.time()
        site.database.kill()
        time.sleep(1.0 if is_small else site.dice.uniform(*_AWAY_S))
        site.database.bring_back()
        returns.measure(began)
    return [told("database", "kills", kills, "kills"), *returns.figures("database", is_small=is_small)]


def behind_a_bad_network(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Spoil the network between station and database in every way that there is."""
    ways = _WAYS[:3] if is_small else _WAYS * 10
    returns = _Returns(site)
    for spoil in ways:
        site.await_news()
        site.stir()
        began = time.time()
        spoil(site.networks[0])
        time.sleep(_BLACK_HOLE_S[0] if is_small else site.dice.uniform(*_BLACK_HOLE_S))
        site.networks[0].heal()
        returns.measure(began)
    return [told("network", "faults", len(ways), "faults"), *returns.figures("network", is_small=is_small)]


def frozen(site: FaultSite, *, is_small: bool) -> list[Figure]:
    """Freeze the backends that serve the station, then the whole server."""
    rounds = 1 if is_small else 10
    login = site.stations[0].login
    returns, freed_s, locked = _Returns(site), list[float](), 0
    for _ in range(rounds):
        site.await_news()
        began = time.time()
        site.database.freeze(login=login)
        # Only new sessions get through: the station has to give up those that hang. One that was frozen in
        # the midst of a transaction keeps its locks, and nobody can take them from it.
        waited_s = wait_until(lambda at=began: site.is_stored(at) or _is_locked(site, at), "a new session")
        if site.is_stored(began):
            freed_s.append(waited_s)
        else:
            locked += 1
        site.database.thaw()
        returns.measure(began)
        began = time.time()
        site.database.freeze()
        time.sleep(_FROZEN_S / 2 if is_small else _FROZEN_S)
        site.database.thaw()
        returns.measure(began)
    return [
        told("frozen", "faults", 2 * rounds, "faults"),
        told("frozen", "locked_out", locked, "times"),
        *of_times("frozen", "backend_freed", freed_s, _limit_s(_FREED_WITHIN_S, is_small=is_small)),
        *returns.figures("frozen", is_small=is_small),
    ]


def _is_locked(site: FaultSite, since_unix: float) -> bool:
    """Whether new sessions wait for a lock that a frozen one holds."""
    return time.time() - since_unix > _LOCKED_AFTER_S and site.database.is_waiting_for_locks()


class _Returns:
    """Measures how soon the database is used again, and whether anybody stopped polling meanwhile."""

    def __init__(self, site: FaultSite) -> None:
        self._site = site
        self._back_s: list[float] = []
        self._unpolled = 0

    def measure(self, began_unix: float) -> None:
        """Wait for the first readings of after the return; the database went away at `began_unix`."""
        since = time.time()
        self._back_s.append(wait_until(lambda: self._site.is_stored(since), "the database to be used again"))
        self._unpolled += sum(
            not any(began_unix < answer.unix < since for answer in answers)
            for answers in self._site.witnessed().answers
        )

    def figures(self, fault: str, *, is_small: bool) -> list[Figure]:
        limit_s = _limit_s(_USED_AGAIN_WITHIN_S, is_small=is_small)
        return [
            none(fault, "unpolled", self._unpolled, "devices"),
            *of_times(fault, "used_again", self._back_s, limit_s),
        ]


def _limit_s(target_s: float, *, is_small: bool) -> float:
    return _SMALL_WITHIN_S if is_small else target_s + _SEEN_WITHIN_S
