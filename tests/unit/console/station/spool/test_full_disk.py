"""What happens when nothing fits any more: the room granted, or the disk itself."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.station import ConditionKind

MAY_MOUNT = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a small disk"
)
KIBIBYTE = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def kinds(bench) -> set[ConditionKind]:
    return {one.kind for one in bench.spool.conditions()}


def test_oldest_readings_go_when_the_room_granted_is_used_up_and_every_one_is_counted(
    make_bench, transition, wait_until
) -> None:
    made = random_readings(20_000)
    bench = make_bench(spool_limit_bytes=400 * KIBIBYTE, batch=200)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_transitions([transition(1.0)])
    for first in range(0, 20_000, 1000):
        bench.outbox.put_readings(made[first : first + 1000])
        wait_until(lambda: bench.counts.in_memory == 0)
    counts = bench.counts
    assert 0 < counts.dropped < 20_000
    assert counts.taken == counts.spooled + counts.dropped == 20_000
    assert counts.spooled_findings == 1
    assert bench.spool.gauge().used_bytes <= 400 * KIBIBYTE
    wait_until(lambda: kinds(bench) >= {ConditionKind.READINGS_DROPPED, ConditionKind.SPOOL_FILLING})
    bench.store.is_away = False
    wait_until(lambda: bench.counts.waiting == 0)
    assert bench.counts.stored == counts.spooled
    assert bench.store.readings == made[-counts.spooled :]


@MAY_MOUNT
def test_full_disk_keeps_findings_and_then_drains_without_loss(
    make_bench, readings, transition, small_disk: Path, wait_until, caplog
) -> None:
    bench = make_bench(folder=small_disk / "spool", ballast_bytes=512 * KIBIBYTE)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(1000))
    wait_until(lambda: bench.counts.spooled == 1000)
    wait_until(lambda: (small_disk / "spool" / "ballast").exists())
    fill(small_disk / "something else")
    for first in range(1000, 40_000, 1000):
        bench.outbox.put_readings(readings(1000, first=first))
        wait_until(lambda: bench.counts.spooled >= 1000)
    wait_until(lambda: ConditionKind.SPOOL_BROKEN in kinds(bench) or bench.counts.in_memory == 0)
    bench.outbox.put_transitions([transition(1.0)])
    wait_until(lambda: bench.counts.spooled_findings == 1)
    counts = bench.counts
    assert counts.taken + counts.in_memory == 40_000
    (small_disk / "something else").unlink()
    bench.store.is_away = False
    wait_until(lambda: bench.counts.waiting == 0)
    counts = bench.counts
    assert counts.stored + counts.dropped == counts.taken == 40_000
    assert len(set(bench.store.readings)) == counts.stored
    assert bench.store.transitions == [transition(1.0)]
    caplog.clear()


@MAY_MOUNT
def test_memory_is_the_second_line_of_a_full_disk(
    make_bench, readings, small_disk: Path, wait_until, caplog
) -> None:
    bench = make_bench(folder=small_disk / "spool", ballast_bytes=0)
    bench.store.is_away = True
    bench.start()
    fill(small_disk / "something else")
    bench.outbox.put_readings(readings(200_000))
    wait_until(lambda: ConditionKind.SPOOL_BROKEN in kinds(bench))
    assert bench.counts.dropped == 0
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 200_000)
    caplog.clear()


def random_readings(count: int) -> list[Reading]:
    """Readings that do not become small by chance."""
    dice = random.Random(5)
    return [
        Reading(DeviceId(1), float(place), tuple(dice.random() for _ in range(6))) for place in range(count)
    ]


def fill(path: Path) -> None:
    """Take what a disk has left."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4 * KIBIBYTE))
        except OSError:
            pass
