import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from console import demo_plant
from console.bridge.command_runner import Job
from console.demo_plant import DemoPlant, PlantStart
from drivers.plant.document import plant_document
from drivers.plant.gauges import GAUGES
from drivers.plant.plan import PlantPlan
from models.queries.signals import change_signal, load_signals

READY = "import sys; print('ready', flush=True); sys.stdin.read()"
PORT_TAKEN = (
    "import sys; sys.exit('Port 1502 on 127.0.0.1 is in use, so the plant cannot offer Modbus there.')"
)


class Made:
    """What the callback of an import looks at."""

    created, updated = 24, 0


class Asked:
    """Stands in for the command runner: keeps what is asked of the database."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.run = self.jobs.append

    def leave(self) -> None:
        self.jobs.clear()


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def start_with(qapp, asked, tmp_path: Path, monkeypatch) -> Iterator[Callable[[str], DemoPlant]]:
    monkeypatch.setattr(demo_plant, "_RESTART_MS", 50)
    made: list[DemoPlant] = []

    def build(code: str) -> DemoPlant:
        how = PlantStart(
            sys.executable, ["-c", code], tmp_path / "plant" / "import.json", tmp_path / "plant.json"
        )
        made.append(DemoPlant(how))
        made[-1]._runner = asked
        return made[-1]

    yield build
    for plant in made:
        plant.stop()
        plant.stop()


def test_the_devices_are_imported_once_the_factory_is_ready(qtbot, asked, start_with):
    start_with(READY).start()
    qtbot.waitUntil(lambda: len(asked.jobs) == 1, timeout=8000)
    asked.jobs.pop().on_done(Made())
    assert asked.jobs == []


def test_limits_that_somebody_changed_outlive_the_factorys_next_start(database, tmp_path):
    document = tmp_path / "import.json"
    document.write_bytes(msgspec.json.encode(plant_document(PlantPlan(devices=3))))
    take_in = demo_plant._import_of(document)
    with database.transaction() as connection:
        take_in(connection)
        connection.execute(text("UPDATE app.alert_thresholds SET deadband = 3.25"))
        document.write_bytes(msgspec.json.encode(plant_document(PlantPlan(devices=3, modbus_port=1999))))
        outcome = take_in(connection)
        deadbands = connection.execute(text("SELECT DISTINCT deadband FROM app.alert_thresholds")).scalars()
        assert (outcome.updated > 0, list(deadbands)) == (True, [3.25])


def test_the_site_names_the_factorys_gauges_once(database, tmp_path):
    document = tmp_path / "import.json"
    document.write_bytes(msgspec.json.encode(plant_document(PlantPlan(devices=3, has_gauges=True))))
    with database.transaction() as connection:
        for _ in range(2):
            demo_plant._import_of(document)(connection)
        assert {signal.key for signal in load_signals(connection)} == {gauge.key for gauge in GAUGES}
        change_signal(connection, replace(load_signals(connection)[0], label="Mine"))
        demo_plant._import_of(document)(connection)
        assert "Mine" in {signal.label for signal in load_signals(connection)}


def test_an_import_that_the_database_refused_is_tried_again(qtbot, asked, start_with):
    plant = start_with(READY)
    plant._import_again.setInterval(20)
    plant.start()
    qtbot.waitUntil(lambda: len(asked.jobs) == 1, timeout=8000)
    asked.jobs.pop().on_failed("The database does not answer.")
    qtbot.waitUntil(lambda: len(asked.jobs) == 1)


def test_a_factory_that_finds_its_port_taken_forgets_it_and_starts_again(qtbot, tmp_path, start_with):
    ports = tmp_path / "plant.json"
    ports.write_text("{}")
    told: list[str] = []
    plant = start_with(PORT_TAKEN)
    plant.told.connect(told.append)
    plant.start()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=8000)
    assert not ports.exists()
    assert "Port 1502 on 127.0.0.1 is in use" in told[0]


def test_a_second_window_leaves_the_factory_to_the_first_and_takes_over_when_it_ends(
    qtbot, asked, start_with
):
    first, second = start_with(READY), start_with(READY)
    first.start()
    qtbot.waitUntil(lambda: len(asked.jobs) == 1, timeout=8000)
    second.start()
    assert second._process is None
    first.stop()
    qtbot.waitUntil(lambda: second._process is not None, timeout=8000)
    qtbot.waitUntil(lambda: len(asked.jobs) == 1, timeout=8000)
