"""Never loses a reading, never polls twice: every fault that a plant knows, and what the devices saw of it.

Each site has devices that number their answers and remember who asked, a database, one or two stations, and
networks that can be spoilt. Afterwards every row must be an answer that was given, none twice, none missing
that was durable, no device asked by two stations at once, and every excursion of a value one episode of an
alert (`faults_verdict.py`). In the long form every fault has a site of its own.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from console.bench import (
    faults_away,
    faults_clock,
    faults_disk,
    faults_kill,
    faults_pair,
    faults_plc,
    faults_slow,
)
from console.bench.faults_judgement import judged
from console.bench.faults_mounts import reason_not as reason_not_to_mount
from console.bench.faults_scene import Scene, scene
from console.bench.faults_site import FaultSite, fault_site
from console.bench.figure import Bench, BenchSize, Figure


class Harm(Protocol):
    """Does one kind of harm to a site whose stations run; the verdict is somebody else's."""

    def __call__(self, site: FaultSite, *, is_small: bool) -> list[Figure]:
        """Do it, and return what only this fault has to tell."""
        ...


LONE: dict[str, Harm] = {
    "kill": faults_kill.at_work,
    "day": faults_kill.by_the_day,
    "spool": faults_kill.while_keeping,
    "database": faults_away.killed,
    "network": faults_away.behind_a_bad_network,
    "frozen": faults_away.frozen,
}
"""What is done to a site with one station."""

PAIR: dict[str, Harm] = {
    "takeover": faults_pair.killed,
    "partition": faults_pair.cut_off,
    "suspend": faults_pair.asleep,
    "outage": faults_pair.both_cut_off,
}
"""What is done to a site with two."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault that needs a site made for it.

    Attributes:
        reason_not: Returns why it cannot be played here; empty where it can.
    """

    run: Callable[[Scene], list[Figure]]
    reason_not: Callable[[], str] = lambda: ""


SPECIAL: dict[str, Scenario] = {
    "plc": Scenario(faults_plc.run),
    "slow": Scenario(faults_slow.run),
    "clock": Scenario(faults_clock.run, faults_clock.reason_not),
    "disk": Scenario(faults_disk.run_disk_full, reason_not_to_mount),
    "database_disk": Scenario(faults_disk.run_database_disk_full, reason_not_to_mount),
    "power": Scenario(faults_disk.run_power, reason_not_to_mount),
}


def harm_together(shared: Scene, name: str, harms: Sequence[Harm], stations: int) -> list[Figure]:
    """Do several kinds of harm to one site, one after another, and judge what is left."""
    figures: list[Figure] = []
    with fault_site(shared, name) as site:
        for station in ("A", "B")[:stations]:
            site.add_station(station)
        for harm in harms:
            figures += harm(site, is_small=shared.is_small)
        return [*figures, *judged(name, site)]


def _run(size: BenchSize) -> list[Figure]:
    if sys.platform == "win32":
        raise NotImplementedError("The fault suite freezes processes with signals that Windows lacks.")
    figures: list[Figure] = []
    with scene(is_small=size.is_small) as shared:
        for harms, stations, name in ((LONE, 1, "lone"), (PAIR, 2, "pair")):
            if size.is_small and not size.only:
                _tell(name)
                figures += harm_together(shared, name, tuple(harms.values()), stations)
                continue
            for fault, harm in harms.items():
                if size.only in ("", fault):
                    _tell(fault)
                    figures += harm_together(shared, fault, (harm,), stations)
        for fault, scenario in SPECIAL.items():
            if size.only in ("", fault):
                reason = scenario.reason_not()
                _tell(f"{fault}: skipped, {reason}" if reason else fault)
                figures += [] if reason else scenario.run(shared)
    return figures


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


BENCH = Bench(
    "faults",
    "what is lost, doubled or polled twice under every fault of a plant",
    _run,
    takes_only=(*LONE, *PAIR, *SPECIAL),
)
