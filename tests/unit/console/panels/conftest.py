"""A bridge that holds a plant, and a panel to be shown on it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from console.panels.panel import Panel
from console.widgets.theme import LIGHT, ThemeSource
from models.records.threshold import Threshold
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, fill


class Visits:
    """Stands in for the window's navigation and remembers where it was sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int | None]] = []
        self.proposals: list[Threshold] = []

    def __call__(self, panel_key: str, device: int | None = None, proposal: Threshold | None = None) -> None:
        self.seen.append((panel_key, device))
        self.proposals += [] if proposal is None else [proposal]


class Answers:
    """Stands in for the confirmation: remembers what it was told, answers as set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[str]]] = []
        self.wanted = True

    def __call__(self, parent, consequence, verb, affected) -> bool:
        self.asked.append((consequence, verb, list(affected)))
        return self.wanted


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    fill(made, 24)
    return made


@pytest.fixture
def empty_bridge(qtbot) -> FakeBridge:
    return FakeBridge(NOW)


@pytest.fixture
def visits() -> Visits:
    return Visits()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def show(qtbot, visits) -> Iterator[Callable[..., Panel]]:
    """Build a panel on a bridge and show it."""
    themes = ThemeSource()
    themes.use(LIGHT)

    def build(panel_type: type[Panel], on: FakeBridge, width: int = 1280, height: int = 740) -> Panel:
        panel = panel_type(on, themes, visits, now=lambda: on.now_unix)
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield build
    # Outside of an event loop nobody else does it, and every theme put on later is put on all that is left.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
