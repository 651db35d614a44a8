"""The Limits page on a bridge fed by hand, and what tests press and answer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QWidget

from console.panels.limits.back_test_runner import SETTLE_MS, ReplayQuestion
from console.panels.limits.limits_page import LimitsPage
from console.panels.limits.order_dialogs import OrderDialog
from console.widgets.flash import FlashClock
from console.widgets.theme import LIGHT, ThemeSource
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.limits.limits_scene import answer_lists, answer_of, make_report
from tests.unit.console.panels.plant_scene import NOW, fill

LONG_MS = 20 * SETTLE_MS


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    """A small plant: the fill of a large one would be most of these tests' time."""
    made = FakeBridge(NOW)
    fill(made, 8, seconds=5, has_alerts=False)
    return made


@pytest.fixture
def files() -> dict[str, Path | None]:
    """What the person chooses when asked for a file: "read" and "write"."""
    return {"read": None, "write": None}


@pytest.fixture
def page(qtbot, bridge, answers, files, visits) -> Iterator[LimitsPage]:
    themes = ThemeSource()
    themes.use(LIGHT)
    made = LimitsPage(
        bridge,
        themes,
        FlashClock(),
        lambda: bridge.now_unix,
        visits,
        ask=answers,
        choose_target=lambda *_: files["write"],
        choose_source=lambda *_: files["read"],
    )
    qtbot.addWidget(made)
    made.resize(1130, 640)
    made.show()
    qtbot.waitExposed(made)
    answer_lists(bridge, answer_of(list(bridge.catalogue.devices)))
    made.focus_list()
    # Keys reach whoever has the keyboard, once the window itself has it.
    qtbot.waitUntil(made.findChild(QTableView, "limits-table").hasFocus)
    yield made
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def table(page) -> QTableView:
    return page.findChild(QTableView, "limits-table")


@pytest.fixture
def press(qtbot, table) -> Callable[..., None]:
    """Press a key on the list, once it has the keyboard."""

    def key(wanted: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        qtbot.waitUntil(table.hasFocus)
        QTest.keyClick(table, wanted, held)

    return key


@pytest.fixture
def ask(qtbot, page, press) -> Callable[[Qt.Key], OrderDialog]:
    """Press a key on the list, and return the form that it opens, once that has the keyboard."""

    def open_form(wanted: Qt.Key) -> OrderDialog:
        press(wanted)
        form = page.dialog
        assert form is not None
        qtbot.waitUntil(form.isActiveWindow)
        return form

    return open_form


@pytest.fixture
def find(page) -> Callable[..., QWidget]:
    """Find a widget of the page or of the form over it."""

    def found(kind: type[QWidget], name: str) -> QWidget:
        widget = page.findChild(kind, name)
        assert widget is not None, f"there is no {kind.__name__} called {name}"
        return widget

    return found


@pytest.fixture
def select(page) -> Callable[..., list]:
    """Select the rows that a test wants, and return them."""

    def choose(is_wanted, count: int = 1) -> list:
        rows = [row for row in page.limits_list.table_model.rows if is_wanted(row)][:count]
        page.limits_list.select([row.threshold.id for row in rows])
        return rows

    return choose


class Replays:
    """The replays that are asked for: waits for one, and answers it."""

    def __init__(self, qtbot, bridge: FakeBridge) -> None:
        self._qtbot, self._bridge = qtbot, bridge

    @property
    def open(self) -> list:
        """Those not answered yet."""
        return [asked for asked in self._bridge.asked if isinstance(asked.what, ReplayQuestion)]

    def next(self) -> ReplayQuestion:
        """Wait for one, and return it."""
        self._qtbot.waitUntil(lambda: bool(self.open), timeout=LONG_MS)
        return self.open[0].what

    def answer(self, result=None, **facts) -> ReplayQuestion:
        """Answer the oldest: with a result, or with a report of these facts."""
        question = self.next()
        asked = self.open[0]
        self._bridge.asked.remove(asked)
        replay = question.replay
        asked.on_done(result or make_report(replay.device, replay.threshold, days=replay.days, **facts))
        return question

    def stop(self) -> None:
        """Answer the oldest as one that was stopped does."""
        asked = self.open[0]
        self._bridge.asked.remove(asked)
        asked.on_done(None)


@pytest.fixture
def replays(qtbot, bridge) -> Replays:
    return Replays(qtbot, bridge)
