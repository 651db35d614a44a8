"""A whole shift at a real window on a real database, by keyboard alone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTableView, QTabWidget, QWidget

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import SessionKeeper
from console.link.messages import PROTOCOL, Hello
from console.main_window import MainWindow
from console.panels.alerts.alert_rows import Column
from console.panels.registry import PANELS
from console.settings import Settings
from console.sign_in import SignIn
from console.widgets.theme import ThemeSource
from models.credentials import MemoryStore
from models.queries.alert_journal import events_of
from models.queries.alerts import alert_history, apply_transitions, open_alerts
from models.queries.catalogue import import_devices, load_thresholds
from models.queries.handovers import list_handovers
from models.queries.shelves import open_maintenance, open_shelves
from models.records.alert import Alert, AlertStatus, EventKind, Transition, TransitionKind
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Person, Role
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.account_parts import PASSWORD, Site

Key, Modifier = Qt.Key, Qt.KeyboardModifier
WAIT_MS = 15_000


def _device(name: str) -> Device:
    return Device(
        id=DeviceId(0),
        device_id=name.upper(),
        name=name,
        type="drive",
        location="Hall A",
        driver="modbus-tcp",
        connection={"host": "127.0.0.1", "port": 1502, "unit": 1},
        period_s=1.0,
        tags=(Tag("temperature", "holding:3205:uint16", 0.1), Tag("rpm", "holding:3202:int16")),
    )


_LIMIT = Threshold(ThresholdId(0), DeviceId(0), "temperature", None, 70.0, Severity.WARNING)
_LIMITS = {
    "Saw": (_LIMIT,),
    "Oven": (replace(_LIMIT, severity=Severity.CRITICAL, requires_comment=True),),
    "Press": (replace(_LIMIT, is_latching=True),),
    "Pump": (_LIMIT,),
}


class Plant:
    """What stands in for the station: tells the database that conditions begin and end."""

    def __init__(self, site: Site) -> None:
        self._database = site.owner
        with self._database.transaction() as connection:
            import_devices(connection, [DeviceEntry(_device(name), own) for name, own in _LIMITS.items()])
            thresholds = load_thresholds(connection)
        names = self._names()
        self._thresholds = {names[each.device]: each for each in thresholds if each.metric == "temperature"}

    def finds(self, kind: TransitionKind, name: str) -> None:
        """A condition of a device began or ended, just now."""
        threshold = self._thresholds[name]
        word = "above" if kind is TransitionKind.RAISED else "back below"
        found = Transition(
            kind, threshold.device, threshold.id, threshold.severity, time.time(), 71.5, 70.0,
            f"Temperature of {name} is {word} 70 °C",
        )  # fmt: skip
        self.see(lambda connection: apply_transitions(connection, [found]))

    def raises(self, name: str) -> None:
        self.finds(TransitionKind.RAISED, name)

    def clears(self, name: str) -> None:
        self.finds(TransitionKind.CLEARED, name)

    def see(self, question: Callable):
        """What the database says."""
        with self._database.transaction() as connection:
            return question(connection)

    def alert(self, name: str) -> Alert:
        """The latest alert of a device."""
        return next(
            alert for alert in self.see(lambda conn: alert_history(conn, 50)) if alert.device_name == name
        )

    def kinds(self, name: str) -> list[EventKind]:
        """What happened to it, in order."""
        alert = self.alert(name)
        return [event.kind for event in self.see(lambda conn: events_of(conn, alert.id))]

    def _names(self) -> dict[DeviceId, str]:
        from models.queries.catalogue import load_devices

        return {device.id: device.name for device in self.see(load_devices)}


class Desk:
    """A person's hands on the keyboard, and eyes on the window."""

    def __init__(self, qtbot, window: MainWindow) -> None:
        self._qtbot = qtbot
        self.window = window

    def press(self, key: Key, modifiers: Modifier = Modifier.NoModifier) -> None:
        self._qtbot.keyClick(self.focus, key, modifiers)

    def types(self, text: str) -> None:
        self._qtbot.keyClicks(self.focus, text)

    def waits(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)

    @property
    def focus(self) -> QWidget:
        """Where the keyboard is. Offscreen nobody gives it back to a window whose dialog was closed."""
        if QApplication.activeWindow() is None:
            self.window.activateWindow()
            self._qtbot.waitUntil(lambda: QApplication.activeWindow() is not None)
        return QApplication.focusWidget() or self.window

    def sees(self, kind: type, name: str) -> QWidget:
        """A widget of the window or of a dialog over it."""
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def is_asked(self) -> bool:
        """Whether a dialog stands open and has the keyboard."""
        dialog = QApplication.activeModalWidget()
        return dialog is not None and dialog.isAncestorOf(self.focus)

    def turns(self, tabs: str, steps: int) -> None:
        """Turn to a part of the screen."""
        part = self.sees(QTabWidget, tabs)
        for _ in range(steps):
            wanted = part.currentIndex() + 1
            self.waits(lambda: part.isAncestorOf(self.focus))
            self.press(Key.Key_PageDown, Modifier.ControlModifier)
            self.waits(lambda wanted=wanted: part.currentIndex() == wanted)

    def selects(self, device: str) -> None:
        """Go to the open list and down to a device's row."""
        self.press(Key.Key_F4)
        table = self.sees(QTableView, "alerts-open")
        self.waits(lambda: self.focus is table and device in _devices_in(table))
        self.press(Key.Key_PageUp)
        for _ in range(_devices_in(table).index(device)):
            self.press(Key.Key_Down)


def _devices_in(table: QTableView) -> list[str]:
    """The devices of a table of alerts, top to bottom."""
    model = table.model()
    return [model.index(row, Column.DEVICE).data() for row in range(model.rowCount())]


@pytest.fixture
def operator(newest_site: Site) -> Person:
    newest_site.add(Role.ADMIN)
    return newest_site.add(Role.OPERATOR, "mara@example.com", "Mara Olsen")


@pytest.fixture
def relief(newest_site: Site, operator: Person) -> Person:
    """Who takes the next shift."""
    return newest_site.add(Role.OPERATOR, "tom@example.com", "Tom Lind")


@pytest.fixture
def plant(newest_site: Site, operator: Person) -> Plant:
    return Plant(newest_site)


@pytest.fixture
def desk(qtbot, qapp, database_url: str, tmp_path: Path, plant: Plant) -> Iterator[Desk]:
    """The window as it opens on a computer where nobody is signed in."""
    settings = Settings(tmp_path, database_url=database_url)
    session = SessionKeeper(
        lambda: SignIn(settings, MemoryStore()), "tests window", None, load=(load_statements,)
    )
    feed = LiveFeed(str(tmp_path / "nobody.sock"), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
    bridge = Bridge(feed, session, None)
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(bridge, ThemeSource(), PANELS, memory)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    bridge.start()
    window.begin()
    yield Desk(qtbot, window)
    window.close()
    bridge.stop()


# The offscreen plugin's own words for what a window manager does.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_whole_shift_is_played_through_by_keyboard_alone(
    desk: Desk, plant: Plant, operator: Person, relief: Person
) -> None:
    # Signing in.
    desk.waits(lambda: desk.sees(QLineEdit, "sign-in-email").hasFocus())
    desk.types(operator.email)
    desk.press(Key.Key_Return)
    desk.types(PASSWORD)
    desk.press(Key.Key_Return)
    desk.waits(lambda: desk.window.workplace is not None)

    # The first alert of the shift is acknowledged from whatever screen is shown, its return ends it.
    plant.raises("Saw")
    desk.waits(lambda: "Saw" in desk.sees(QWidget, "banner-row-1").accessibleName())
    desk.press(Key.Key_A, Modifier.AltModifier)
    desk.waits(lambda: plant.alert("Saw").status is AlertStatus.ACKNOWLEDGED)
    plant.clears("Saw")
    desk.waits(lambda: plant.alert("Saw").status is AlertStatus.RESOLVED)
    assert plant.alert("Saw").acknowledged_by == operator.name

    # One that wants words gets them before it is acknowledged.
    plant.raises("Oven")
    desk.waits(lambda: plant.alert("Oven").status is AlertStatus.ACTIVE)
    desk.selects("Oven")
    desk.press(Key.Key_A)
    desk.waits(desk.is_asked)
    desk.types("Cooling water was shut")
    desk.press(Key.Key_Return)
    desk.waits(lambda: plant.alert("Oven").status is AlertStatus.ACKNOWLEDGED)
    assert plant.alert("Oven").comments == 1

    # One that keeps coming is set aside until the shift is over, with a reason.
    plant.raises("Pump")
    desk.selects("Pump")
    desk.press(Key.Key_S)
    desk.waits(desk.is_asked)
    desk.types("Sensor is loose, fitter comes tomorrow")
    desk.press(Key.Key_Return)
    desk.waits(lambda: plant.see(open_shelves))
    assert plant.see(open_shelves)[0].by == operator.name
    desk.waits(lambda: desk.sees(QWidget, "banner-row-1").accessibleName().count("Pump") == 0)

    # A latching one stays after its return, until it is reset.
    plant.raises("Press")
    desk.selects("Press")
    desk.press(Key.Key_A)
    desk.waits(lambda: plant.alert("Press").status is AlertStatus.ACKNOWLEDGED)
    plant.clears("Press")
    desk.waits(lambda: plant.alert("Press").cleared_at)
    desk.selects("Press")
    desk.press(Key.Key_R)
    desk.waits(lambda: plant.alert("Press").status is AlertStatus.RESOLVED)
    assert plant.kinds("Press")[-1] is EventKind.RESOLVED

    # A device that somebody works on asks nobody meanwhile.
    desk.selects("Oven")
    desk.press(Key.Key_M)
    desk.waits(desk.is_asked)
    desk.types("Burner is being replaced")
    desk.press(Key.Key_Return)
    desk.waits(lambda: [each.device_name for each in plant.see(open_maintenance)] == ["Oven"])

    # What was, is found by typing.
    desk.press(Key.Key_F4)
    desk.turns("alerts-tabs", 2)
    history = desk.sees(QTableView, "alerts-history")
    desk.waits(lambda: history.model().rowCount() == 4)
    desk.press(Key.Key_F, Modifier.ControlModifier)
    desk.types("saw")
    desk.waits(lambda: history.model().rowCount() == 1)

    # The handover has drafted itself; both sign at this window.
    desk.press(Key.Key_F7)
    desk.turns("reports-tabs", 3)
    page = desk.sees(QWidget, "reports-handover")
    desk.waits(lambda: page.isVisible() and page.is_populated())
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Sensor is loose, fitter comes tomorrow" in words
    assert "Burner is being replaced" in words
    desk.press(Key.Key_H, Modifier.AltModifier)
    desk.waits(desk.is_asked)
    desk.types(relief.email)
    desk.press(Key.Key_Tab)
    desk.types(PASSWORD)
    desk.press(Key.Key_Return)
    desk.waits(lambda: [each for each in plant.see(list_handovers) if each.incoming])
    (kept,) = plant.see(list_handovers)
    assert (kept.outgoing.name, kept.incoming.name) == (operator.name, relief.name)

    # Leaving, by the palette.
    desk.waits(lambda: not desk.is_asked())
    desk.press(Key.Key_K, Modifier.ControlModifier)
    desk.waits(lambda: isinstance(desk.focus, QLineEdit))
    desk.types("sign out")
    desk.press(Key.Key_Return)
    desk.waits(lambda: desk.window.workplace is None)
    assert not plant.see(
        lambda connection: [
            alert
            for alert in open_alerts(connection)
            if alert.status is AlertStatus.ACTIVE and not alert.hidden_by
        ]
    )
