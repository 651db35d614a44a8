"""The site's signals in the window, on a bridge fed by hand."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QWidget

from console.bridge.signal_commands import AddSignal, AskSignalUses, ChangeSignal, RemoveSignal
from console.panels.devices.signals.signals_dialog import SignalsDialog
from console.panels.devices.signals.signals_model import Column
from console.widgets.theme import LIGHT, ThemeSource
from models.quantities import Quantities
from models.records.device import Tag
from models.records.person import Person, Role
from models.records.signal import Signal, SignalId, SignalUses

FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1), user_id=2)
PUMP = Signal("pump", "Pump", "", 0, (0.0, 2.0), (0.0, 2.0), SignalId(2), ((0, "Off"), (1, "On")), 3)
ENGINEER = Person(2, "Olga Orlova", "olga@example.org", Role.USER)
OPERATOR = Person(4, "Max Berg", "max@example.org", Role.OPERATOR)


@pytest.fixture
def confirm(bridge) -> Callable[[Quantities], None]:
    """What is stored comes back with the catalogue; the first device measures the flow."""

    def come_back(quantities: Quantities) -> None:
        first, *rest = bridge.catalogue.devices
        kept = tuple(tag for tag in first.tags if tag.metric != "flow")
        first = replace(first, tags=(*kept, Tag("flow", "holding:3300:uint16")))
        bridge.set_catalogue([first, *rest], (), quantities)

    return come_back


@pytest.fixture
def dialog(bridge, confirm, window, answers) -> SignalsDialog:
    bridge.set_person(ENGINEER)
    confirm(Quantities((FLOW, PUMP)))
    made = SignalsDialog(bridge, ThemeSource(LIGHT), window, answers)
    made.open()
    bridge.answer_next({2: "Olga Orlova"})
    return made


def button(dialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, f"signals-{name}")


def field(dialog, name: str) -> QLineEdit:
    return dialog.form.findChild(QLineEdit, f"signal-{name}")


def submit(dialog) -> None:
    dialog.form.findChild(QPushButton, "signal-form-go").click()


def test_the_list_says_ranges_states_devices_and_author(dialog):
    model = dialog.table_model
    texts = [[model.index(row, one).data().strip() for one in Column] for row in range(model.rowCount())]
    assert texts == [
        ["Flow", "flow", "m³/h", "1", "0 to 500", "0 to 120", "–", "1", "Olga Orlova"],
        ["Pump", "pump", "–", "0", "0 to 2", "–", "0 = Off, 1 = On", "0", "–"],
    ]


def test_a_signal_is_added_with_a_proposed_key_and_pending_until_it_is_there(dialog, bridge, confirm, qtbot):
    button(dialog, "add").click()
    qtbot.keyClicks(field(dialog, "label"), "Tank level")
    qtbot.keyClicks(field(dialog, "unit"), "m")
    submit(dialog)
    asked = bridge.commanded.pop()
    wanted = Signal("tank_level", "Tank level", "m", 2, (-1e9, 1e9), (0.0, 100.0))
    assert (asked.what, dialog.form.is_busy) == (AddSignal(wanted), True)
    asked.on_done(None)
    assert dialog.form is not None
    confirm(Quantities((FLOW, PUMP, replace(wanted, id=SignalId(3), user_id=2))))
    assert dialog.form is None
    assert dialog.said == "Tank level was added; tags can name it now."


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_sent(dialog, bridge):
    button(dialog, "add").click()
    field(dialog, "label").setText("Flow")
    field(dialog, "key").setText("flow")
    field(dialog, "span-low").setText("9")
    submit(dialog)
    below = {name: dialog.form.findChild(QWidget, f"signal-{name}-below").text() for name in ("key", "span")}
    assert below == {
        "key": "There is a signal flow already (Flow); choose another key.",
        "span": "Type both ends of the range, or none.",
    }
    assert bridge.commanded == []


def test_a_refused_signal_keeps_what_was_typed(dialog, bridge):
    button(dialog, "add").click()
    field(dialog, "label").setText("Level")
    submit(dialog)
    bridge.commanded.pop().on_failed("There is a signal level already (Level).")
    assert (field(dialog, "label").text(), dialog.form.is_busy) == ("Level", False)


def test_a_change_keeps_key_number_and_owner(dialog, bridge):
    button(dialog, "change").click()
    assert "converts none of them" in dialog.form.accessibleDescription()
    field(dialog, "unit").setText("l/min")
    dialog.form.findChild(QPlainTextEdit, "signal-states").setPlainText("0 = None")
    submit(dialog)
    after = replace(FLOW, unit="l/min", states=((0, "None"),))
    assert bridge.commanded[0].what == ChangeSignal(FLOW, after)


def test_a_signal_in_use_is_not_removed_and_who_uses_it_is_named(dialog, bridge, answers):
    button(dialog, "remove").click()
    assert bridge.asked[0].what == AskSignalUses("flow")
    bridge.answer_next(SignalUses(("Press 4", "Press 8"), 3))
    assert dialog.said == (
        "Flow is used by Press 4, Press 8, with 3 limits. Take it out of tags and limits first."
    )
    assert (answers.asked, bridge.commanded) == ([], [])


def test_a_signal_that_nothing_uses_goes_after_its_consequence(dialog, bridge, answers, confirm):
    button(dialog, "remove").click()
    bridge.answer_next(SignalUses())
    assert "its key is free for another signal" in answers.asked[0][0]
    asked = bridge.commanded.pop()
    asked.on_done(None)
    assert (asked.what, dialog.said) == (RemoveSignal("flow"), "Removing Flow…")
    confirm(Quantities((PUMP,)))
    assert dialog.said == "Flow was removed; what was stored of it stays."


def test_engineers_change_their_own_and_operators_only_look(dialog, bridge, qtbot):
    qtbot.keyClick(dialog.findChild(QWidget, "signals-table"), Qt.Key.Key_Down)
    offered = [button(dialog, name) for name in ("add", "change")]
    states = [(one.isVisible(), one.isEnabled()) for one in offered]
    bridge.set_person(OPERATOR)
    seen = [button(dialog, name).isVisible() for name in ("add", "change", "remove")]
    assert (states, seen) == ([(True, True), (True, False)], [False, False, False])


def test_a_site_without_signals_says_what_they_are_for(dialog, confirm):
    confirm(Quantities())
    assert not dialog.findChild(QWidget, "signals-table").isVisible()
    assert button(dialog, "add").isVisible()


def test_a_search_finds_signals_by_state(dialog):
    dialog.findChild(QLineEdit, "signals-search").setText("off")
    assert [dialog.table_model.row_at(0).signal, dialog.table_model.rowCount()] == [PUMP, 1]
