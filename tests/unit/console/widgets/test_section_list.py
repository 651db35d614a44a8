import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget

from console.widgets.section_list import SectionList
from console.widgets.task_line import TaskLine


@pytest.fixture
def sections(qtbot, light) -> SectionList:
    made = SectionList("sections", "Sections", light)
    qtbot.addWidget(made)
    for place, key in enumerate(("users", "audit", "look")):
        made.insert(place, key, key.title(), "mdi6.cog-outline", lambda key=key: QLabel(f"page {key}"))
    made.show()
    return made


def visible(sections: SectionList) -> list[str]:
    return [label.text() for label in sections.findChildren(QLabel) if label.isVisible()]


def test_the_first_section_is_shown_until_another_is_chosen(sections):
    assert (sections.current, visible(sections)) == ("users", ["page users"])

    sections.choose("look")
    assert (sections.current, visible(sections)) == ("look", ["page look"])


def test_arrows_choose_and_enter_leads_into_the_page(sections, qtbot):
    chooser = sections.findChild(QListWidget)
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_Down)
    assert sections.current == "audit"

    with qtbot.waitSignal(sections.entered):
        QTest.keyClick(chooser, Qt.Key.Key_Return)


def test_pages_are_turned_from_inside_and_end_at_the_last(sections):
    for _ in range(5):
        QTest.keyClick(sections, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert sections.current == "look"

    QTest.keyClick(sections, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert sections.current == "audit"


def test_a_section_can_be_put_between_and_taken_away(sections):
    sections.insert(1, "keys", "Keys", "mdi6.key", lambda: QLabel("page keys"))
    assert sections.keys == ["users", "keys", "audit", "look"]

    sections.choose("keys")
    sections.remove("keys")
    sections.remove("never there")
    assert sections.keys == ["users", "audit", "look"]
    assert sections.current in sections.keys


def test_a_task_line_takes_no_room_until_there_is_something_to_say(qtbot):
    line = TaskLine("task")
    qtbot.addWidget(line)
    assert line.isHidden()

    line.begin("Verifying…")
    assert (line.isHidden(), line.is_busy) == (False, True)

    line.say("142,310 entries, unbroken.")
    assert (line.words, line.is_busy) == ("142,310 entries, unbroken.", False)
