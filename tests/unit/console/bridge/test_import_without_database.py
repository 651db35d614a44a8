"""An import of 500 devices whose database is killed or stalls midway: nothing is stored, one sentence."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from sqlalchemy import text

from console.bridge.command_runner import CommandRunner, Job
from console.bridge.device_bulk import ImportDevices
from console.panels.devices.bulk.bulk_questions import Compared, PlanDevices
from models.database import Database
from models.schema_guard import upgrade_schema
from models.server import EmbeddedServer

HEADER = "device_id,name,area,type,driver,host,unit,metric,address,warning.max"
PUMPS = "P-{001..500},Pump {1..},Hall A,pump,modbus-tcp,h{1..},1,temperature,holding:1,70"
STORED = """
SELECT (SELECT count(*) FROM app.devices), (SELECT count(*) FROM app.alert_thresholds),
       (SELECT count(*) FROM app.device_revisions), (SELECT count(*) FROM app.audit_log WHERE tbl = 'devices')
"""
STUCK = """
SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%alert_thresholds%'
    AND datname = current_database() AND pid <> pg_backend_pid()
"""

pytestmark = pytest.mark.slow


class Site:
    """A server of the test's own, and a window's worker on it."""

    def __init__(self, folder: Path) -> None:
        self.server = EmbeddedServer(folder)
        self.database = Database(self.server.ensure_running(), "tests", limit_s=6.0)
        upgrade_schema(self.database)
        self.file = folder.parent / "devices.csv"
        self.file.write_text(f"{HEADER}\n{PUMPS}", encoding="utf-8")

    @property
    def postmaster(self) -> int:
        (found,) = self.server._cluster.data.glob("postmaster.pid")
        return int(found.read_text().split("\n", 1)[0])

    def ask(self, statement: str) -> list[tuple]:
        with self.database.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    @contextmanager
    def limits_held(self) -> Iterator[None]:
        """Keep limits from being stored meanwhile, so that an import stands still once its devices are in."""
        other = Database(self.database.address, "tests")
        held = other.transaction()
        connection = held.__enter__()
        connection.execute(text("LOCK TABLE app.alert_thresholds IN SHARE MODE"))
        try:
            yield
        finally:
            try:
                connection.rollback()
            except Exception:  # noqa: BLE001 - its server may have been killed
                pass
            connection.close()
            other.close()

    def close(self) -> None:
        self.database.close()
        self.server.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("cut") / "database")
    yield made
    made.close()


@pytest.fixture
def import_begun(qtbot, site: Site) -> Iterator[Callable[[], tuple[list, list]]]:
    """Return what begins the import as its dialog does, and gives the lists of what came of it."""
    runner = CommandRunner()
    runner.use(site.database)
    owner = QObject()

    def begin() -> tuple[list, list]:
        with site.database.transaction() as connection:
            question = PlanDevices(site.file, is_taking_results=False, tell=lambda _done, _total: None)
            compared = question(connection)
        assert isinstance(compared, Compared)
        done, failed = [], []
        command = ImportDevices(compared.plan)
        runner.run(Job(lambda connection: command.apply(connection, None), done.append, failed.append, owner))
        return done, failed

    yield begin
    runner.stop()


def stuck(site: Site) -> list[int]:
    return [pid for (pid,) in site.ask(STUCK)]


def assert_one_sentence(failed: list) -> None:
    (sentence,) = failed
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "mistake in this program" not in sentence


def test_a_database_that_stalls_in_the_middle_of_an_import_leaves_nothing_of_it(qtbot, site, import_begun):
    before = site.ask(STORED)
    with site.limits_held():
        done, failed = import_begun()
        qtbot.waitUntil(lambda: bool(stuck(site)), timeout=20_000)
        (worker,) = stuck(site)
        os.kill(worker, signal.SIGSTOP)
        qtbot.waitUntil(lambda: bool(failed), timeout=20_000)
    os.kill(worker, signal.SIGCONT)
    assert done == []
    assert_one_sentence(failed)
    qtbot.waitUntil(
        lambda: not site.ask(f"SELECT FROM pg_stat_activity WHERE pid = {worker}"), timeout=20_000
    )
    assert site.ask(STORED) == before


def test_a_database_that_is_killed_in_the_middle_of_an_import_leaves_nothing_of_it(qtbot, site, import_begun):
    before = site.ask(STORED)
    with site.limits_held():
        done, failed = import_begun()
        qtbot.waitUntil(lambda: bool(stuck(site)), timeout=20_000)
        os.kill(site.postmaster, signal.SIGKILL)
        qtbot.waitUntil(lambda: bool(failed), timeout=20_000)
    assert done == []
    assert_one_sentence(failed)
    site.server.ensure_running()
    qtbot.waitUntil(lambda: site.ask("SELECT 1") == [(1,)], timeout=20_000)
    assert site.ask(STORED) == before


def test_the_same_import_is_stored_whole_afterwards(qtbot, site, import_begun):
    done, failed = import_begun()
    qtbot.waitUntil(lambda: bool(done or failed), timeout=30_000)
    assert failed == []
    assert site.ask(STORED)[0][:3] == (500, 1000, 500)
