"""The Firmware screen with a database behind it and somebody before it; nobody polls anything."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from sqlalchemy import text

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.link.messages import PROTOCOL, Hello
from console.panels.firmware.firmware_panel import FirmwarePanel
from console.settings import Settings
from console.sign_in import SignIn
from console.widgets.theme import ThemeSource
from models.credentials import MemoryStore
from models.firmware_release import Judge
from models.objects.access import ObjectAccess
from models.queries import rollouts
from models.queries.catalogue import import_devices
from models.queries.firmware_versions import load_versions
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.firmware import VersionStatus
from models.records.person import Person, Role
from models.records.rollout import WaveState
from tests.account_parts import PASSWORD, Site
from tests.firmware_parts import RELEASE_KEY, signed, trusted

Key, Button, Modifier = Qt.Key, Qt.MouseButton, Qt.KeyboardModifier
WAIT_MS = 15_000
DEVICES = 5
_MOST_TABS = 60


class Plant:
    """Five drives of an engineer and one released version; nobody polls anything."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.engineer = site.add(Role.USER, name="Uwe Engel")
        self.admin = site.add(Role.ADMIN, name="Eva Lind")
        extra = {"product": "drive-a", "hardware": "rev-a"}
        entries = [
            DeviceEntry(
                Device(
                    DeviceId(0),
                    f"D-{n}",
                    f"Drive {n}",
                    "drive",
                    "Hall A",
                    "modbus-tcp",
                    {"host": "127.0.0.1", "port": 1502, "unit": n},
                    1.0,
                    (Tag("rpm", "holding:1:uint16"),),
                    self.engineer.id,
                    extra=extra if n < DEVICES else {},
                ),
                (),
            )
            for n in range(1, DEVICES + 1)
        ]
        with site.owner.transaction() as connection:
            import_devices(connection, entries)

    def release_one(self) -> None:
        """There is a released version."""
        with self._site.owner.transaction() as connection:
            # Past every check: who signed it, and where its image lies, is no matter of this test.
            data, _ = signed(expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=30))
            connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
            connection.execute(
                text(
                    "INSERT INTO app.ota_versions (version, firmware_url, status, product, version_seq, "
                    "  size_bytes, sha256, expires_at, manifest, hw_revisions) VALUES ('2.1.0+drive-a', "
                    "  's3://fw/x', 'released', 'drive-a', 7, 1, sha256('x'), now() + interval '30 days', "
                    "  :manifest, ARRAY['rev-a'])"
                ),
                {"manifest": data},
            )

    @property
    def versions(self) -> dict[str, VersionStatus]:
        """Where every version stands."""
        with self._site.owner.transaction() as connection:
            return {one.version: one.status for one in load_versions(connection)}

    @property
    def rollout(self):
        """The rollout as the database has it."""
        with self._site.owner.transaction() as connection:
            return rollouts.load_rollouts(connection)[0]

    @property
    def waves(self) -> list[WaveState]:
        """Of that rollout."""
        with self._site.owner.transaction() as connection:
            return [wave.state for wave in rollouts.load_waves(connection, self.rollout.id)]


class Desk:
    """A person's hands and eyes at the Firmware screen."""

    def __init__(self, qtbot, bridge: Bridge) -> None:
        self._qtbot = qtbot
        self.panel = FirmwarePanel(bridge, ThemeSource(), lambda *_: None, now=time.time)
        qtbot.addWidget(self.panel)
        self.panel.resize(1280, 740)

    def waits(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)

    def is_offered(self, act: str) -> bool:
        return self._button(f"rollout-{act}").isVisible()

    # -- by mouse; words are typed where they are asked for

    def clicks(self, name: str) -> None:
        self._qtbot.mouseClick(self._button(name), Button.LeftButton)

    def writes(self, field: str, words: str) -> None:
        """Clicks into a field, and types."""
        found = self.sees(QLineEdit, field)
        self._qtbot.mouseClick(found, Button.LeftButton)
        self._qtbot.keyClicks(found, words)

    # -- by keyboard: keys go to whatever has it, never to a widget that somebody looked up

    def sits_down(self) -> None:
        """This window has the keyboard from now on."""
        self.panel.activateWindow()
        self.waits(lambda: QApplication.activeWindow() is self.panel)

    def press(self, key: Key, modifiers: Modifier = Modifier.NoModifier) -> None:
        if QApplication.activeModalWidget() is None and QApplication.activeWindow() is not self.panel:
            # Offscreen nobody gives the keyboard back to a window whose dialog was closed.
            self.sits_down()
        QTest.keyClick(QApplication.focusWidget() or self.panel, key, modifiers)

    def types(self, words: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), words)

    def tabs_to(self, name: str) -> None:
        """Tab after Tab, until the widget of that name has the keyboard."""
        seen: list[str] = []
        for _ in range(_MOST_TABS):
            self.press(Key.Key_Tab)
            focus = QApplication.focusWidget()
            if focus is not None and focus.objectName() == name:
                return
            seen.append("nothing" if focus is None else focus.objectName())
        raise AssertionError(f"No Tab leads to {name}, only to {', '.join(dict.fromkeys(seen))}.")

    def is_asked(self, name: str) -> bool:
        """Whether this dialog stands open and has the keyboard."""
        dialog, focus = QApplication.activeModalWidget(), QApplication.focusWidget()
        return (
            dialog is not None
            and dialog.objectName() == name
            and focus is not None
            and dialog.isAncestorOf(focus)
        )

    def orders(self, letter: Key, reason: str | None = None) -> None:
        """Press a button by its letter, and answer its question: with a reason, or by the verb."""
        self.sits_down()
        self.press(letter, Modifier.AltModifier)
        self.waits(lambda: self.is_asked("rollout-order"))
        if reason is None:
            self.tabs_to("rollout-order-go")
            self.press(Key.Key_Space)
        else:
            self.types(reason)
            self.press(Key.Key_Return)
        self.waits(self.is_free)

    def sees(self, kind: type, name: str) -> QWidget:
        found = self.panel.findChild(kind, name)
        assert found is not None, name
        return found

    def is_free(self) -> bool:
        """Whether no question stands open."""
        return self.panel.rollouts_page.orders.dialog is None and self.panel.plan_desk.dialog is None

    def _button(self, name: str) -> QPushButton:
        return self.sees(QPushButton, name)  # type: ignore[return-value]


@contextmanager
def desks(qtbot, database_url: str, folder: Path) -> Iterator[Callable[[Person], Desk]]:
    """Open the screen as somebody, once or more often."""
    opened: list[Bridge] = []
    store = folder / "store"
    store.mkdir()
    judge = Judge(trusted(RELEASE_KEY), ObjectAccess(folder=store, store=store.as_uri()))

    def build(person: Person) -> Desk:
        settings = Settings(folder / str(person.id), database_url=database_url)
        session = SessionKeeper(
            lambda: SignIn(settings, MemoryStore()),
            "tests window",
            Entrant(person.email, PASSWORD),
            load=(load_statements,),
        )
        feed = LiveFeed(str(folder / "nobody.sock"), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
        bridge = Bridge(feed, session, None, firmware_judge=lambda: judge)
        opened.append(bridge)
        bridge.start()
        desk = Desk(qtbot, bridge)
        desk.waits(lambda: len(bridge.catalogue.devices) == DEVICES)
        desk.panel.show()
        qtbot.waitExposed(desk.panel)
        return desk

    yield build
    for window in QApplication.topLevelWidgets():
        window.close()
    for bridge in opened:
        bridge.stop()
