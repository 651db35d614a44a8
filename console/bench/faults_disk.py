"""Disks: full, the station's or the database's, and one whose power is cut."""

import time

from console.bench.faults_figures import none, told
from console.bench.faults_judgement import judged
from console.bench.faults_mounts import PowerDisk, fill, small_disk
from console.bench.faults_report import Watcher
from console.bench.faults_scene import Scene
from console.bench.faults_site import FaultSite, fault_site
from console.bench.figure import Figure
from models.errors import StorageError
from models.records.station import ConditionKind

_KEEPING_S = (1.5, 4.0)
_STATION_DISK_MB = 48
_DATABASE_DISK_MB = 320
_FULL_FOR_S = 5.0
_BALLAST_THROWN_S = 3.0


def run_power(scene: Scene) -> list[Figure]:
    """Cut the power of the disk that the station keeps its readings on."""
    cuts = 1 if scene.is_small else 100
    with fault_site(scene, "power") as site:
        disk = PowerDisk(scene.place("disk") / "power")
        disk.mount()
        try:
            station = site.add_station("A", folder=disk.folder / "A")
            for _ in range(cuts):
                site.await_news()
                site.networks[0].cut(is_refusing=True)
                time.sleep(site.dice.uniform(*_KEEPING_S))
                disk.cut_power()
                station.kill()
                disk.unmount()
                disk.mount()
                site.note_durable(station)
                station.start()
                site.networks[0].heal()
            figures = [told("power", "cuts", cuts, "cuts"), *judged("power", site)]
        finally:
            site.close()
            disk.unmount()
        return figures


def run_disk_full(scene: Scene) -> list[Figure]:
    """Fill the station's disk, by somebody else, while the database is away."""
    rounds = 1 if scene.is_small else 10
    silent = 0
    told_of: set[ConditionKind] = set()
    folder = scene.place("disk") / "small"
    with small_disk(folder, _STATION_DISK_MB), fault_site(scene, "disk") as site:
        station = site.add_station("A", folder=folder / "A")
        watcher = Watcher(station, site.database)
        for _ in range(rounds):
            site.await_news()
            site.stir()
            site.networks[0].cut(is_refusing=True)
            time.sleep(1.0)
            fillers = [fill(folder, "first")]
            # The spool has a ballast to throw off. Whoever filled the disk takes that, too.
            time.sleep(_BALLAST_THROWN_S)
            fillers.append(fill(folder, "second"))
            began = time.time()
            time.sleep(_FULL_FOR_S)
            told_of |= {condition.kind for condition in watcher.report().conditions}
            silent += 0 if site.is_polled(began + _FULL_FOR_S - 1.0) else 1
            for filler in fillers:
                filler.unlink()
            site.networks[0].heal()
        is_alarmed = bool(told_of & {ConditionKind.SPOOL_FILLING, ConditionKind.SPOOL_BROKEN})
        return [
            told("disk", "times_full", rounds, "times"),
            none("disk", "silent", silent, "times"),
            none("disk", "not_alarmed", 0 if is_alarmed else 1, "runs"),
            *judged("disk", site),
        ]


def run_database_disk_full(scene: Scene) -> list[Figure]:
    """Fill the database's disk."""
    rounds = 1 if scene.is_small else 10
    folder = scene.place("disk") / "small"
    with small_disk(folder, _DATABASE_DISK_MB):
        with fault_site(scene, "database_disk", database_in=folder) as site:
            site.add_station("A")
            for _ in range(rounds):
                site.await_news()
                site.stir()
                filler = fill(folder, "filler")
                # What the last segment of the log has left is used up before anything is refused.
                _write_until_full(site)
                time.sleep(_FULL_FOR_S)
                filler.unlink()
                site.database.bring_back()
            return [told("database_disk", "times_full", rounds, "times"), *judged("database_disk", site)]


def _write_until_full(site: FaultSite) -> None:
    try:
        with site.database.owner.autocommit() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS public.filler (words text)")
            for _ in range(40):
                connection.exec_driver_sql(
                    "INSERT INTO public.filler "
                    "SELECT repeat(md5(i::text), 60) FROM generate_series(1, 1000) AS i"
                )
    except StorageError:
        pass  # That is what it is for.
