"""A rollout at two real screens on a real database: planned, approved, started, halted, gone on with."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
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
from models.queries import rollouts
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Person, Role
from models.records.rollout import RolloutState, WaveState
from tests.account_parts import PASSWORD, Site
from tests.firmware_parts import signed

Key, Button = Qt.Key, Qt.MouseButton
WAIT_MS = 15_000
DEVICES = 5


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

    def clicks(self, name: str) -> None:
        """By mouse."""
        self._qtbot.mouseClick(self._button(name), Button.LeftButton)

    def presses(self, name: str) -> None:
        """By keyboard."""
        self._button(name).setFocus()
        self._qtbot.keyClick(self._button(name), Key.Key_Space)

    def says(self, field: str, words: str) -> None:
        """Types a reason, and Enter."""
        found = self.sees(QLineEdit, field)
        self._qtbot.keyClicks(found, words)
        self._qtbot.keyClick(found, Key.Key_Return)

    def sees(self, kind: type, name: str) -> QWidget:
        found = self.panel.findChild(kind, name)
        assert found is not None, name
        return found

    def is_free(self) -> bool:
        """Whether no question stands open."""
        return self.panel.rollouts_page.orders.dialog is None and self.panel.plan_desk.dialog is None

    def _button(self, name: str) -> QPushButton:
        return self.sees(QPushButton, name)  # type: ignore[return-value]


@pytest.fixture
def plant(newest_site: Site) -> Plant:
    return Plant(newest_site)


@pytest.fixture
def open_desk(qtbot, qapp, database_url: str, tmp_path: Path) -> Iterator[Callable[[Person], Desk]]:
    """Open the screen as somebody."""
    opened: list[Bridge] = []

    def build(person: Person) -> Desk:
        settings = Settings(tmp_path / str(person.id), database_url=database_url)
        session = SessionKeeper(
            lambda: SignIn(settings, MemoryStore()),
            "tests window",
            Entrant(person.email, PASSWORD),
            load=(load_statements,),
        )
        feed = LiveFeed(str(tmp_path / "nobody.sock"), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
        bridge = Bridge(feed, session, None)
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


# The offscreen plugin's own words for what a window manager does.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_rollout_is_planned_approved_started_stopped_and_gone_on_with(plant: Plant, open_desk) -> None:
    engineer, admin = open_desk(plant.engineer), open_desk(plant.admin)

    # The engineer plans; every device is listed with its reason before anything is kept.
    engineer.waits(lambda: engineer.panel.rollouts_page.is_populated())
    engineer.clicks("rollouts-new")
    engineer.waits(lambda: engineer.panel.plan_desk.dialog and engineer.panel.plan_desk.dialog.draft)
    drafted = engineer.panel.plan_desk.dialog.draft
    assert [one.wave for one in drafted.devices].count(None) == 1
    engineer.says("plan-name", "Drives in spring")
    engineer.waits(lambda: engineer.is_offered("edit") and engineer.is_free())
    assert plant.rollout.state is RolloutState.AWAITING_APPROVAL
    assert plant.rollout.plan == drafted.plan
    assert not engineer.is_offered("approve")

    # The second person hears of it at another window, and approves.
    admin.waits(lambda: admin.is_offered("approve"))
    admin.presses("rollout-approve")
    admin.says("rollout-order-reason", "Tried on the bench")
    admin.waits(lambda: plant.rollout.state is RolloutState.APPROVED and admin.is_free())

    engineer.waits(lambda: engineer.is_offered("start"))
    engineer.presses("rollout-start")
    engineer.presses("rollout-order-go")
    engineer.waits(lambda: plant.rollout.state is RolloutState.RUNNING and engineer.is_free())
    assert plant.waves[0] is WaveState.DEPLOYING

    # Anybody stops it; going on after a pause is the planner's, after a halt two persons'.
    admin.waits(lambda: admin.is_offered("pause"))
    admin.clicks("rollout-pause")
    admin.says("rollout-order-reason", "Shift change")
    engineer.waits(lambda: engineer.is_offered("resume") and admin.is_free())
    engineer.presses("rollout-halt")
    engineer.says("rollout-order-reason", "Drive 2 smells")
    engineer.waits(lambda: engineer.is_offered("ask-override") and engineer.is_free())
    assert (plant.rollout.state, plant.rollout.reason) == (RolloutState.HALTED, "Drive 2 smells")
    engineer.presses("rollout-ask-override")
    engineer.says("rollout-order-reason", "It was the coffee machine")
    engineer.waits(lambda: engineer.is_free() and not engineer.is_offered("ask-override"))
    assert not engineer.is_offered("agree")

    admin.waits(lambda: admin.is_offered("agree"))
    admin.clicks("rollout-agree")
    admin.clicks("rollout-order-go")
    engineer.waits(lambda: engineer.is_offered("pause"))
    assert plant.rollout.state is RolloutState.RUNNING
    kinds = {approval.kind: approval.person for approval in plant.rollout.approvals}
    assert kinds["override agreed"] == plant.admin.name
