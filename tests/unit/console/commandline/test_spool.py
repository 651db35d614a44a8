"""`main.py spool`, beside a running station and without one."""

import csv
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.cli import main
from console.settings import Settings
from console.station.clocks.clock import SystemClock
from console.station.health import LoopHealth
from console.station.outbox import Outbox
from console.station.spool.file import Declined
from console.station.spool.opening import FILE
from console.station.spool.spool import Spool
from console.station.tuning import Tuning
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.signal import SignalId, SignalSample
from models.records.station_alert import Acknowledgement
from models.records.threshold import Severity, ThresholdId

SIGNALS = (SignalSample(SignalId(7), 12.5), SignalSample(SignalId(8), None))
READINGS = [
    Reading(DeviceId(3), 1_700_000_000.0 + place, (1.5,) + (None,) * 5, 2, 9, SIGNALS) for place in range(4)
]
FINDINGS = [
    Transition(TransitionKind.RAISED, DeviceId(3), ThresholdId(1), Severity.INFO, 1.7e9, 1.0, 2.0, "=1+1", 9),
    Acknowledgement("a secret ticket", DeviceId(3), ThresholdId(1), 1.7e9, "seen"),
]


class Beside:
    """A station's spool at work on the same folder."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.outbox = Outbox(1000, 100, clock)
        tuning = replace(Tuning(), ballast_bytes=0, spill_look_s=0.01)
        self.spool = Spool(folder, self.outbox, clock, tuning, LoopHealth())
        self.spool.start()

    def decline(self) -> None:
        self.outbox.put_readings(READINGS)
        self.outbox.put_findings(FINDINGS)
        self.outbox.take()
        self.spool.backlog.settle_live([Declined(one, "no such device") for one in (*READINGS, *FINDINGS)])


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    station = Beside(Settings(tmp_path).spool_dir)
    yield station
    station.spool.stop()


@pytest.fixture
def run(tmp_path: Path, capsys) -> Callable[..., tuple[int, str, str]]:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["spool", "--data", str(tmp_path), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never came true"
        time.sleep(0.01)


def test_without_a_spool_there_is_nothing_to_show(run) -> None:
    code, out, _ = run()
    assert (code, out.startswith("No station has kept anything in")) == (0, True)


def test_status_says_what_waits(run, beside: Beside) -> None:
    beside.outbox.put_readings(READINGS)
    beside.outbox.put_findings(FINDINGS)
    beside.spool.stop()
    code, out, _ = run()
    assert code == 0
    assert out.startswith("4 readings and 2 findings wait for the database.\nThe oldest reading is of ")


def test_status_is_told_to_machines(run, beside: Beside) -> None:
    beside.decline()
    _, out, _ = run("--format", "json")
    told = json.loads(out)
    assert (told["readings"], told["findings"], told["quarantined"]) == (0, 0, 6)


def test_quarantine_is_listed_with_reasons(run, beside: Beside) -> None:
    beside.decline()
    code, out, _ = run("quarantine")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 7)
    assert lines[1].split()[2:4] == ["reading", "3"]
    assert lines[1].endswith("no such device")
    assert "secret" not in out


def test_export_holds_every_value_and_no_ticket(run, beside: Beside, tmp_path: Path) -> None:
    beside.decline()
    target = tmp_path / "declined.csv"
    code, _, _ = run("export", str(target))
    text = target.read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert (code, len(rows)) == (0, 6)
    assert (rows[0]["device_id"], rows[0]["temperature"], rows[0]["epoch"]) == ("3", "1.5", "9")
    assert [row["signals"] for row in rows] == ["7=12.5 8="] * 4 + ["", ""]
    assert "secret" not in text


def test_retry_beside_a_station_is_noticed_by_it_within_seconds(run, beside: Beside) -> None:
    beside.decline()
    assert run("retry")[0] == 0
    wait_for(lambda: beside.outbox.counts().spooled == 4)
    counts = beside.outbox.counts()
    assert (counts.quarantined, counts.spooled_findings, counts.taken) == (0, 2, 4)


def test_discard_wants_to_be_told_twice(run, beside: Beside) -> None:
    beside.decline()
    code, _, error = run("discard")
    assert (code, "This gives up 6 readings and findings for good" in error) == (1, True)


def test_discard_beside_a_station_counts_as_dropped(run, beside: Beside) -> None:
    beside.decline()
    assert run("discard", "--yes")[0] == 0
    wait_for(lambda: beside.outbox.counts().dropped == 4)
    assert beside.outbox.counts().quarantined == 0


def test_damaged_spool_is_said_in_one_sentence(run, tmp_path: Path) -> None:
    folder = Settings(tmp_path).spool_dir
    folder.mkdir()
    (folder / FILE).write_bytes(b"x" * 5000)
    code, _, error = run()
    assert (code, "is damaged" in error) == (1, True)


def test_spool_of_a_newer_version_is_refused(run, tmp_path: Path) -> None:
    folder = Settings(tmp_path).spool_dir
    folder.mkdir()
    connection = sqlite3.connect(folder / FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    code, _, error = run()
    assert (code, "newer version" in error) == (1, True)
