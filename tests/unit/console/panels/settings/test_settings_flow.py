"""The Users section on a real database, by keyboard alone: what is done shows in table and audit trail."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from console.panels.settings.settings_panel import SettingsPanel
from models.queries.audit import audit_page
from models.records.audit import AuditFilter
from models.records.person import Role
from tests.unit.console.event_loop import next_turn
from tests.unit.console.panels.settings.settings_parts import bridge_of

ENTER, TAB, DELETE = Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Delete


class Keyboard:
    """Types into whatever has the keyboard; knows no widget by name."""

    def __init__(self, qtbot) -> None:
        self._qtbot = qtbot

    def press(self, *keys: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(QApplication.focusWidget(), key, modifier)
            next_turn()

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def wait_for_table(self) -> None:
        """Until every form is closed and the table has the keyboard again."""
        self._qtbot.waitUntil(
            lambda: (
                QApplication.activeModalWidget() is None
                and isinstance(QApplication.focusWidget(), QTableView)
            ),
            timeout=15_000,
        )


@pytest.fixture
def keyboard(qtbot) -> Keyboard:
    return Keyboard(qtbot)


@pytest.fixture
def admin(newest_site):
    return newest_site.add(Role.ADMIN, "eva@example.org", "Eva Lind")


@pytest.fixture
def panel(newest_site, admin, show, qtbot):
    with bridge_of(newest_site, admin, time.time()) as bridge:
        shown = show(SettingsPanel, bridge)
        qtbot.waitUntil(shown.is_populated)
        yield shown


def chosen(panel: SettingsPanel) -> list[str]:
    """Name, address, role and state in the row that is selected."""
    table = panel.findChild(QTableView, "users-table")
    return [index.data() for index in table.selectionModel().selectedIndexes()[:4]]


def done(site) -> list[tuple[str, str, str]]:
    """What the audit trail says of persons, oldest first: operation, field, value afterwards."""
    with site.owner.transaction() as connection:
        entries = audit_page(connection, AuditFilter(table="users"), 100)
    return [
        (entry.who, entry.operation.name, " ".join(f"{c.column}={c.after}" for c in entry.changes))
        for entry in reversed(entries)
    ]


def test_a_person_is_added_disabled_given_a_role_and_anonymised_by_keyboard_alone(
    panel, keyboard, newest_site, qtbot
):
    keyboard.press(ENTER)
    keyboard.wait_for_table()

    keyboard.press(Qt.Key.Key_N)
    keyboard.type("Ben Lund")
    keyboard.press(TAB)
    keyboard.type("Ben@Example.org")
    keyboard.press(TAB, Qt.Key.Key_E)
    keyboard.press(ENTER)
    qtbot.waitUntil(
        lambda: QApplication.activeModalWidget().objectName() == "person-password",
        timeout=15_000,
    )
    keyboard.press(TAB)
    keyboard.press(Qt.Key.Key_Escape)
    keyboard.wait_for_table()
    assert chosen(panel) == ["Ben Lund", "ben@example.org", "Engineer", "Active"]

    keyboard.press(Qt.Key.Key_D)
    keyboard.press(TAB, ENTER)
    keyboard.wait_for_table()
    assert chosen(panel) == ["Ben Lund", "ben@example.org", "Engineer", "Disabled"]

    keyboard.press(Qt.Key.Key_O)
    keyboard.type("Op")
    keyboard.press(ENTER)
    keyboard.wait_for_table()
    assert chosen(panel) == ["Ben Lund", "ben@example.org", "Operator", "Disabled"]

    keyboard.press(DELETE)
    keyboard.type("Ben Lund")
    keyboard.press(ENTER)
    keyboard.wait_for_table()
    assert chosen(panel)[1:] == ["–", "Operator", "Anonymised"]
    assert chosen(panel)[0].startswith("Former person")

    deeds = done(newest_site)[-4:]
    assert [(who, operation) for who, operation, _changes in deeds] == [
        ("Eva Lind", "ADDED"),
        ("Eva Lind", "CHANGED"),
        ("Eva Lind", "CHANGED"),
        ("Eva Lind", "CHANGED"),
    ]
    assert [changes for _who, _operation, changes in deeds[1:3]] == ["is_active=no", "role=operator"]
    assert "Ben Lund" not in newest_site.all_text()
