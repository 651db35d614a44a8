import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console import demo_plant
from console.demo_plant import DemoPlant, PlantStart
from tests.unit.console.fake_bridge import FakeBridge

READY = "import sys; print('ready', flush=True); sys.stdin.read()"
PORT_TAKEN = (
    "import sys; sys.exit('Port 1502 on 127.0.0.1 is in use, so the plant cannot offer Modbus there.')"
)


class Made:
    """What the callback of an import looks at."""

    created, updated = 24, 0


@pytest.fixture
def bridge(qapp) -> FakeBridge:
    return FakeBridge()


@pytest.fixture
def start_with(bridge, tmp_path: Path, monkeypatch) -> Iterator[Callable[[str], DemoPlant]]:
    monkeypatch.setattr(demo_plant, "_RESTART_MS", 50)
    made: list[DemoPlant] = []

    def build(code: str) -> DemoPlant:
        how = PlantStart(
            sys.executable, ["-c", code], tmp_path / "plant" / "import.json", tmp_path / "plant.json"
        )
        made.append(DemoPlant(bridge, how))
        return made[-1]

    yield build
    for plant in made:
        plant.stop()
        plant.stop()


def test_the_devices_are_imported_once_the_factory_is_ready(qtbot, bridge, start_with):
    start_with(READY).start()
    qtbot.waitUntil(lambda: len(bridge.asked) == 1, timeout=8000)
    bridge.answer_next(Made())
    assert bridge.asked == []


def test_an_import_that_the_database_refused_is_tried_again(qtbot, monkeypatch, bridge, start_with):
    plant = start_with(READY)
    plant._import_again.setInterval(20)
    plant.start()
    qtbot.waitUntil(lambda: len(bridge.asked) == 1, timeout=8000)
    bridge.fail_next("The database does not answer.")
    qtbot.waitUntil(lambda: len(bridge.asked) == 1)


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
