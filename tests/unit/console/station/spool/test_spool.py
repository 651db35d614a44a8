"""The spool between a real outbox, a real file and a store that comes and goes."""

import logging
import sqlite3
import stat
import sys
import threading
from pathlib import Path

import pytest

from console.station.spool.block import block_of
from console.station.spool.file import Parcel
from console.station.spool.opening import FILE
from console.station.store import Load, Written
from models.records.station import ConditionKind

MODES_MEAN_SOMETHING = pytest.mark.skipif(sys.platform == "win32", reason="modes mean little on Windows")


def test_readings_of_an_absent_database_are_on_the_disk_and_in_it_once_it_is_back(
    make_bench, readings, wait_until
) -> None:
    bench = make_bench()
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(250))
    wait_until(lambda: bench.counts.spooled == 250)
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 250)
    assert bench.store.readings == readings(250)
    assert (bench.counts.taken, bench.counts.spooled, bench.counts.in_memory) == (250, 0, 0)


def test_load_that_a_frozen_database_holds_is_on_the_disk(make_bench, readings, wait_until) -> None:
    bench = make_bench()
    bench.store.frozen = threading.Event()
    bench.start()
    bench.outbox.put_readings(readings(3))
    wait_until(lambda: bench.counts.spooled == 3)
    bench.store.frozen.set()
    wait_until(lambda: bench.counts.stored == 3)
    assert (bench.counts.taken, bench.counts.spooled) == (3, 0)
    assert bench.file().totals().readings == 0


def test_load_that_is_copied_at_the_moment_it_is_stored_is_not_counted_twice(make_bench, readings) -> None:
    bench = make_bench(spill_s=60.0)
    bench.spool.start()
    bench.outbox.put_readings(readings(3))
    bench.outbox.take()
    ask = bench.outbox.copies

    def ask_and_be_overtaken():
        copies = ask()
        lot = bench.outbox.lend(0.0, 100)
        [kept, _] = bench.file().append([Parcel([block_of(lot.hand_readings)]), Parcel()], 1.0)
        bench.outbox.kept(lot, kept)
        return copies

    bench.outbox.copies = ask_and_be_overtaken
    bench.spool.backlog.settle_live(())
    assert bench.file().totals().readings == 0
    assert (bench.counts.stored, bench.counts.spooled, bench.counts.taken) == (3, 0, 3)


def test_file_gives_back_to_the_disk_what_it_needs_no_longer(make_bench, readings, wait_until) -> None:
    bench = make_bench(batch=10)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(5000))
    wait_until(lambda: bench.counts.spooled == 5000)
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 5000)
    file = bench.file()
    wait_until(lambda: file.rows("PRAGMA freelist_count") == [(0,)])


def test_live_readings_never_touch_the_disk(make_bench, readings, wait_until) -> None:
    bench = make_bench(spill_s=10.0)
    bench.start()
    bench.outbox.put_readings(readings(20))
    wait_until(lambda: bench.counts.stored == 20)
    assert [row[0] for row in bench.file().rows("SELECT count(*) FROM sqlite_sequence")] == [0]


def test_stopping_station_leaves_what_it_could_not_write_for_the_next_start(
    make_bench, readings, transition, act
) -> None:
    bench = make_bench(spill_s=60.0)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(30))
    bench.outbox.put_findings([transition(1.0), act(2.0)])
    bench.stop()
    assert (bench.counts.spooled, bench.counts.in_memory) == (30, 0)
    later = make_bench()
    later.spool.start()
    assert (later.counts.taken, later.counts.spooled, later.counts.spooled_findings) == (30, 30, 2)


def test_stopping_station_does_not_wait_for_a_frozen_database(make_bench, readings, wait_until) -> None:
    bench = make_bench()
    bench.store.frozen = threading.Event()
    bench.start()
    bench.outbox.put_readings(readings(5))
    wait_until(lambda: bench.store.attempts > 0)
    bench.stop()
    assert bench.counts.spooled == 5


def test_findings_come_back_first_and_in_their_order(
    make_bench, readings, transition, act, wait_until
) -> None:
    first = make_bench()
    first.store.is_away = True
    first.start()
    first.outbox.put_readings(readings(10))
    findings = [transition(1.0), act(2.0), transition(3.0), transition(4.0), act(5.0)]
    for finding in findings:
        first.outbox.put_findings([finding])
    first.stop()
    first.store.is_away = False
    bench = make_bench().start()
    wait_until(lambda: bench.counts.findings == 0 and bench.counts.waiting == 0)
    told = [one for load in bench.store.loads for one in (*load.transitions, *load.acts)]
    assert told == findings
    assert [bool(load.readings) for load in bench.store.loads] == [False, False, True]


def test_new_findings_wait_for_those_on_the_disk(make_bench, transition, wait_until) -> None:
    first = make_bench()
    first.store.is_away = True
    first.start()
    first.outbox.put_transitions([transition(float(place)) for place in range(30)])
    first.stop()
    first.store.is_away = False
    bench = make_bench(batch=3)
    bench.spool.start()
    bench.outbox.put_transitions([transition(99.0)])
    bench.writer.start()
    wait_until(lambda: bench.counts.findings == 0)
    assert bench.store.transitions == [*(transition(float(place)) for place in range(30)), transition(99.0)]


def test_live_readings_that_had_to_be_kept_do_not_queue_behind_the_backlog(
    make_bench, readings, wait_until
) -> None:
    first = make_bench(batch=10)
    first.store.is_away = True
    first.start()
    first.outbox.put_readings(readings(100))
    first.stop()
    bench = make_bench(batch=10)
    bench.spool.start()
    backlog = bench.spool.backlog
    chunk = backlog.next_chunk(10)
    assert chunk.readings == readings(10)
    backlog.settle(chunk, ())
    bench.outbox.put_readings(readings(5, first=500))
    wait_until(lambda: bench.counts.in_memory == 0)
    assert backlog.next_chunk(10).readings == readings(5, first=500)


def test_acknowledgement_is_on_the_disk_before_anybody_is_told_so(
    make_bench, act, transition, wait_until
) -> None:
    bench = make_bench(spill_s=60.0)
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_transitions([transition(1.0)])
    kinds: list[str] = []
    question = "SELECT kind FROM findings ORDER BY id"
    bench.spool.keep([act(2.0)], lambda: kinds.extend(row[0] for row in bench.file().rows(question)))
    wait_until(lambda: bool(kinds))
    assert kinds == ["transition", "acknowledgement"]


def test_acknowledgement_without_a_disk_is_told_once_the_database_has_it(
    make_bench, act, tmp_path: Path, wait_until, caplog
) -> None:
    (tmp_path / "file").touch()
    bench = make_bench(folder=tmp_path / "file" / "spool")
    bench.store.is_away = True
    bench.start()
    told = threading.Event()
    bench.spool.keep([act(2.0)], told.set)
    wait_until(lambda: bench.store.attempts > 2)
    assert not told.is_set()
    bench.store.is_away = False
    assert told.wait(5.0)
    caplog.clear()


def test_what_was_committed_last_is_written_again_after_an_absence(
    make_bench, readings, transition, wait_until
) -> None:
    bench = make_bench()
    bench.start()
    bench.outbox.put_transitions([transition(1.0)])
    bench.outbox.put_readings(readings(5))
    wait_until(lambda: bench.counts.stored == 5 and not bench.counts.findings)
    bench.store.loads.clear()  # the standby that took over has not got them
    bench.store.is_away = True
    bench.outbox.put_transitions([transition(2.0)])
    bench.outbox.put_readings(readings(5, first=5))
    wait_until(lambda: bool(bench.writer.trouble) and bench.counts.spooled == 5)
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 10 and len(set(bench.store.readings)) == 10)
    assert bench.store.transitions == [transition(1.0), transition(2.0)]
    assert bench.counts.taken == 10


def test_declined_reading_is_kept_with_its_reason_and_stops_nobody(
    make_bench, readings, wait_until, caplog
) -> None:
    bench = make_bench()
    bench.store.declines = lambda item: item == readings(20)[7]
    bench.start()
    bench.outbox.put_readings(readings(20))
    wait_until(lambda: bench.counts.stored == 19)
    assert (bench.counts.quarantined, bench.counts.dropped, bench.counts.taken) == (1, 0, 20)
    assert [one.kind for one in bench.spool.conditions()] == [ConditionKind.QUARANTINE]
    [(kind, reason)] = bench.file().rows("SELECT kind, reason FROM quarantine")
    assert (kind, reason.split(":")[0]) == ("reading", "The database declined")
    caplog.clear()


def test_declined_reading_of_the_spool_is_kept_too(make_bench, readings, wait_until, caplog) -> None:
    bench = make_bench()
    bench.store.declines = lambda item: item == readings(20)[7]
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(20))
    wait_until(lambda: bench.counts.spooled == 20)
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 19)
    assert (bench.counts.quarantined, bench.counts.spooled, bench.counts.taken) == (1, 0, 20)
    caplog.clear()


def test_declined_finding_is_kept_and_those_behind_it_go_on(
    make_bench, transition, wait_until, caplog
) -> None:
    bench = make_bench()
    bench.store.declines = lambda item: item == transition(2.0)
    bench.start()
    bench.outbox.put_transitions([transition(1.0), transition(2.0), transition(3.0)])
    wait_until(lambda: bench.store.transitions == [transition(1.0), transition(3.0)])
    wait_until(lambda: bool(bench.spool.conditions()))
    assert bench.file().totals().quarantined_findings == 1
    caplog.clear()


def test_quarantine_that_is_offered_again_is_written(make_bench, readings, wait_until, caplog) -> None:
    bench = make_bench()
    bench.store.declines = lambda _: True
    bench.start()
    bench.outbox.put_readings(readings(3))
    wait_until(lambda: bench.counts.quarantined == 3)
    bench.store.declines = lambda _: False
    assert bench.spool.retry_quarantine() == 3
    wait_until(lambda: bench.counts.stored == 3)
    assert (bench.counts.quarantined, bench.counts.spooled, bench.counts.taken) == (0, 0, 3)
    caplog.clear()


def test_write_that_fails_is_tried_with_half_as_much(
    make_bench, readings, wait_until, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(batch=400, replay_batch=400)
    write = bench.store.write

    def write_little(load: Load) -> Written:
        bench.store.is_away = len(load.readings) > 100
        return write(load)

    monkeypatch.setattr(bench.store, "write", write_little)
    bench.start()
    bench.outbox.put_readings(readings(400))
    wait_until(lambda: bench.counts.stored == 400)
    assert max(len(load.readings) for load in bench.store.loads) <= 100


@MODES_MEAN_SOMETHING
def test_nobody_else_can_read_the_spool(make_bench, readings, wait_until) -> None:
    bench = make_bench()
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(3))
    wait_until(lambda: bench.counts.spooled == 3)
    assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in bench.folder.iterdir()} == {0o600}


def test_damaged_file_is_set_aside_and_a_new_one_begun(
    make_bench, readings, wait_until, tmp_path: Path, caplog
) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / FILE).write_bytes(b"no database at all" * 500)
    bench = make_bench()
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(3))
    wait_until(lambda: bench.counts.spooled == 3)
    [condition] = bench.spool.conditions()
    assert condition.kind is ConditionKind.SPOOL_BROKEN
    assert condition.sentence.startswith("The spool was damaged")
    assert len(list(folder.glob("damaged-*.sqlite"))) == 1
    caplog.clear()


def test_damaged_block_is_set_aside_and_those_behind_it_are_written(
    make_bench, readings, wait_until, caplog
) -> None:
    first = make_bench(spill_s=60.0, batch=10)
    first.store.is_away = True
    first.start()
    first.outbox.put_readings(readings(30))
    first.stop()
    connection = sqlite3.connect(first.folder / FILE)
    connection.execute("UPDATE blocks SET payload = zeroblob(90) WHERE id = (SELECT min(id) FROM blocks)")
    connection.commit()
    connection.close()
    first.store.is_away = False
    bench = make_bench().start()
    wait_until(lambda: bench.counts.stored == 20)
    assert bench.store.readings == readings(20, first=10)
    assert (bench.counts.dropped, bench.counts.spooled, bench.counts.taken) == (10, 0, 30)
    assert bench.file().totals().set_aside == 10
    caplog.clear()


def test_file_damaged_while_it_is_used_is_set_aside_and_collecting_goes_on(
    make_bench, readings, wait_until, caplog
) -> None:
    bench = make_bench()
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(10))
    wait_until(lambda: bench.counts.spooled == 10)
    with sqlite3.connect(bench.folder / FILE) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (bench.folder / FILE).open("r+b") as file:
        file.write(b"not a database any more" * 1000)
    bench.outbox.put_readings(readings(5, first=10))
    wait_until(lambda: bench.counts.spooled == 5)
    assert (bench.counts.dropped, bench.counts.taken) == (10, 15)
    caplog.clear()


def test_file_of_a_newer_version_is_refused_left_alone_and_collecting_goes_on(
    make_bench, readings, wait_until, tmp_path: Path, caplog
) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    connection = sqlite3.connect(folder / FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (folder / FILE).read_bytes()
    bench = make_bench().start()
    [condition] = bench.spool.conditions()
    assert "made by a newer version of this program" in condition.sentence
    bench.outbox.put_readings(readings(3))
    wait_until(lambda: bench.counts.stored == 3)
    assert (folder / FILE).read_bytes() == before
    caplog.clear()


def test_folder_that_cannot_be_made_leaves_memory(make_bench, readings, tmp_path: Path, caplog) -> None:
    (tmp_path / "file").touch()
    bench = make_bench(folder=tmp_path / "file" / "spool")
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(3))
    assert bench.spool.conditions()[0].kind is ConditionKind.SPOOL_BROKEN
    bench.stop()
    assert bench.counts.in_memory == 3
    caplog.clear()


def test_return_of_the_database_is_said_once(make_bench, readings, wait_until, caplog) -> None:
    caplog.set_level(logging.INFO)
    bench = make_bench()
    bench.store.is_away = True
    bench.start()
    bench.outbox.put_readings(readings(50))
    wait_until(lambda: bench.counts.spooled == 50)
    bench.store.is_away = False
    wait_until(lambda: bench.counts.stored == 50)
    wait_until(lambda: caplog.messages.count("Everything that waited in the spool is in the database") == 1)
    assert caplog.messages[0] == "Readings are kept on the disk: The database does not answer."
