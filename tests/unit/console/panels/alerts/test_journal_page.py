from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QPushButton

from console.panels.alerts.event_words import done_text, story_line
from console.panels.alerts.journal_model import JournalColumn
from models.records.alert import AlertEvent, AlertId, EventKind
from models.records.alert_filter import JournalFilter
from models.records.device import DeviceId
from models.records.threshold import Severity
from tests.unit.console.panels.alerts.conftest import AT, questions, words_of

RAISED = AlertEvent(
    *(
        1,
        AlertId(1),
        DeviceId(3),
        "Compressor 3",
        Severity.CRITICAL,
        "Temperature is above 85 °C.",
        EventKind.RAISED,
    ),
    *(AT, AT, "", "north", "", 86.8, "", True),
)
SAID = replace(
    RAISED,
    id=2,
    kind=EventKind.COMMENTED,
    person="Anna Berg",
    station="",
    workstation="room-2",
    comment="Seen.\nYes.",
)


@pytest.fixture
def page(panel, bridge):
    panel.show_part("Journal")
    return panel.journal_page


def answer(bridge, lines: list[AlertEvent]) -> None:
    questions(bridge, "AskJournal")[-1].on_done(lines)


def test_lines_say_what_happened_who_did_it_and_from_where(page, bridge):
    answer(bridge, [SAID, RAISED])
    model = page.table_model
    said = [model.index(0, column).data() for column in JournalColumn]
    raised = [model.index(1, column).data() for column in JournalColumn]

    assert said[1:4] == ["Commented", "Anna Berg", "Compressor 3"]
    assert said[6:] == ["Seen. Yes.", "room-2"]
    assert raised[1:3] == ["Raised", "north"]
    assert words_of(page, "journal-summary") == "2 lines, newest first"


def test_filters_by_kind_person_and_device_are_asked_of_the_database(page, bridge):
    questions(bridge, "AskPeople")[-1].on_done([(1, "Eva Lind"), (2, "Anna Berg")])
    page.findChild(QComboBox, "journal-kind").setCurrentIndex(
        page.findChild(QComboBox, "journal-kind").findText("Acknowledged")
    )
    person = page.findChild(QComboBox, "journal-person")
    person.setCurrentIndex(person.findText("Anna Berg"))
    device = page.findChild(QComboBox, "journal-device")
    device.setCurrentIndex(device.findData(3))

    asked = questions(bridge, "AskJournal")[-1].what.chosen
    assert asked == JournalFilter(kinds=frozenset({EventKind.ACKNOWLEDGED}), person_id=2, device=DeviceId(3))


def test_the_journal_is_exported(page, bridge, tmp_path):
    answer(bridge, [SAID, RAISED])
    page.findChild(QPushButton, "journal-export").click()
    (asked,) = questions(bridge, "ExportJournal")

    assert asked.what.path == tmp_path / "alert-journal.csv"


def test_what_asked_nobody_says_so():
    assert done_text(RAISED) == "Raised"
    assert done_text(replace(RAISED, is_annunciated=False)) == "Raised, hidden"
    assert done_text(replace(SAID, is_annunciated=False)) == "Commented"


def test_a_line_of_an_alerts_own_journal_reads_as_a_sentence():
    assert story_line(RAISED, "temperature") == "Raised at 86.8\N{NO-BREAK SPACE}°C (station north)"
    assert story_line(SAID, "temperature").startswith(
        "Commented at 86.8\N{NO-BREAK SPACE}°C by Anna Berg at room-2"
    )
