"""What `bench history --days` loads is what stations would have left, and it says what it takes first."""

import argparse
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from console.bench import history
from console.bench.figure import BenchSize
from console.bench.history_load import FAST_SERVER, Load
from console.bench.scratch_database import scratch_database
from console.commandline.bench import COMMAND
from console.commandline.command import CommandError
from console.settings import Settings
from models.errors import NeedsSetup
from models.queries.history import history as chart
from models.upkeep.rollups import rebuild_rollups


def test_days_are_loaded_in_partitions_and_condensed():
    now = datetime.now(UTC).replace(microsecond=0)
    today = now.replace(hour=0, minute=0, second=0)
    condensed = text(
        "SELECT count(*), sum(rpm_count), sum(rpm_mean) FROM app.readings_1m WHERE bucket < :today"
    )
    with scratch_database(2, FAST_SERVER) as database:
        loaded = Load(database, now, days=1, devices=2).run()
        with database.transaction() as connection:
            stored = connection.execute(text("SELECT count(*) FROM app.sensor_readings")).scalar_one()
            kept = connection.execute(condensed, {"today": today}).one()
            (band,) = chart(
                connection, 2, ["rpm"], (now - timedelta(hours=20)).timestamp(), now.timestamp(), 500
            )
            connection.execute(text("DELETE FROM app.readings_1m"))
            rebuild_rollups(connection, today - timedelta(days=1), today)
            rebuilt = connection.execute(condensed, {"today": today}).one()
    assert stored == loaded == 2 * (86_400 + (now - today).seconds)
    assert tuple(kept) == pytest.approx(tuple(rebuilt))
    assert kept[:2] == (2 * 1440, 2 * 86_400)
    assert 35 <= band.low.min() <= band.high.max() <= 65


def test_a_disk_that_is_too_small_is_said_before_anything_is_loaded(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10 * 10**9))
    with pytest.raises(NeedsSetup, match=r"90 days of 30 devices: 236 million .* 49 GB .* 10 GB are free"):
        history.BENCH.run(BenchSize(is_small=False, days=90))


@pytest.mark.parametrize("words", [["poll", "--days", "30"], ["history", "--days", "6"]])
def test_days_nobody_can_load_are_refused(words, tmp_path):
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    with pytest.raises(CommandError, match="takes 7 to 700 days"):
        COMMAND.run(parser.parse_args(words), Settings(tmp_path))
