"""The storage benches, small: that they measure what they say, not how fast this computer is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from console.bench import alert_store, back_test, history, ingest, overview, rls, spool
from console.bench.figure import BenchSize
from models.database import Database
from tests.conftest import DatabaseServer

DEVICES = text(
    "INSERT INTO app.devices (device_id, name, type, location, user_id) "
    "SELECT 'BENCH-' || i, 'Device ' || i, 'drive', 'Hall ' || i % 8, 1 "
    "FROM generate_series(1, :devices) AS i"
)


@pytest.fixture(autouse=True)
def borrowed_database(database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Benches get a copy of the tests' database; those that make logins keep a server of their own."""

    @contextmanager
    def borrowed(devices: int, _settings: object = None) -> Iterator[Database]:
        name = database_server.create()
        database = Database(database_server.url_of(name), "console bench")
        try:
            with database.transaction() as connection:
                connection.execute(DEVICES, {"devices": devices})
            yield database
        finally:
            database.close()
            database_server.drop(name)

    for bench in (back_test, history, ingest, overview, spool):
        monkeypatch.setattr(bench, "scratch_database", borrowed)


@pytest.mark.parametrize(
    "bench",
    [ingest.BENCH, history.BENCH, back_test.BENCH, overview.BENCH, rls.BENCH],
    ids=lambda bench: bench.name,
)
def test_a_bench_gives_figures_with_a_baseline_of_the_same_run(bench):
    figures = bench.run(BenchSize(is_small=True))
    assert figures
    for figure in figures:
        assert figure.name.startswith(f"{bench.name}.")
        assert figure.value > 0
        assert figure.ratio == pytest.approx(figure.value / figure.baseline)


def test_the_store_of_alerts_is_measured_for_everybody_who_looks():
    figures = alert_store.BENCH.run(BenchSize(is_small=True))
    assert [figure.name.rpartition(".")[2] for figure in figures].count("operator") == 5
    assert all(figure.value > 0 for figure in figures)


def test_an_absence_is_made_good_row_by_row():
    figures = {figure.name: figure for figure in spool.BENCH.run(BenchSize(is_small=True))}
    assert list(figures) == ["spool.bytes", "spool.append", "spool.drain", "spool.live_delay", "spool.rows"]
    assert figures["spool.rows"].met
    assert figures["spool.bytes"].met
