"""Scanning: what will be asked is said first, findings come one by one, and it can be stopped."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QRadioButton, QSpinBox, QTableView, QWidget

from console.panels.devices.scan.scan_dialog import ScanDialog
from console.panels.devices.scan.scan_words import what_words
from drivers.workbench import RegisterSpan, ScanFinding, ScanPlan


class Line:
    """Keeps what was asked; the test plays the device."""

    def __init__(self) -> None:
        self.plans: list[ScanPlan] = []
        self.stopped = 0

    def __call__(
        self,
        plan: ScanPlan,
        on_part: Callable[[ScanFinding], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> "Line":
        self.plans.append(plan)
        self.find, self.end, self.fail = on_part, on_done, on_failed
        return self

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def scan(qtbot, line: Line) -> Iterator[ScanDialog]:
    home = QWidget()
    qtbot.addWidget(home)
    dialog = ScanDialog("Meter 1", ("holding", "coil"), ("holding",), (1, 247), 1.0, line, home)
    dialog.open()
    yield dialog
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _press(qtbot, scan: ScanDialog, name: str) -> None:
    qtbot.mouseClick(scan.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def _said(scan: ScanDialog, name: str) -> str:
    return scan.findChild(QLabel, name).text()


def test_it_says_first_how_long_it_may_take_and_asks_nothing(scan, line) -> None:
    assert ("up to 4 min" in _said(scan, "scan-plan"), line.plans) == (True, [])


def test_a_unit_that_answered_can_be_taken(qtbot, scan, line) -> None:
    units: list[int] = []
    scan.unit_chosen.connect(units.append)
    scan.findChild(QSpinBox, "scan-last-unit").setValue(20)
    _press(qtbot, scan, "scan-start-it")
    line.find(ScanFinding("progress", 3, text="Asking unit 3", done=2, total=20))
    line.find(ScanFinding("unit", 7, text="Acme PM-20 2.1", took_ms=14.0))
    line.end()
    assert _said(scan, "scan-task-words") == "Done: 1 unit answered."
    _press(qtbot, scan, "scan-use-unit")
    assert (line.plans, units) == ([ScanPlan(units=(1, 20), pause_ms=20)], [7])


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("answered in 14 ms, Acme PM-20 2.1", "Acme PM-20 2.1"),
        ("answered in 14 ms", "answers, and does not say what it is"),
        ("answered, but not as it should: cut short", "answered, but not as it should: cut short"),
    ],
)
def test_how_long_a_unit_took_is_said_once(told, shown) -> None:
    assert what_words(ScanFinding("unit", 7, text=told, took_ms=14.2)) == shown


def test_registers_that_can_be_read_can_be_looked_at(qtbot, scan, line) -> None:
    spans: list[RegisterSpan] = []
    scan.span_chosen.connect(spans.append)
    scan.findChild(QRadioButton, "scan-registers").click()
    _press(qtbot, scan, "scan-start-it")
    line.find(ScanFinding("range", 1, 0, 199, "answered"))
    line.find(ScanFinding("range", 1, 300, 301, "answered"))
    line.end()
    assert _said(scan, "scan-task-words") == "Done: 202 registers can be read, in 2 pieces."
    _press(qtbot, scan, "scan-look")
    assert spans == [RegisterSpan("holding", 0, 125)]


def test_bits_cannot_be_looked_at_so_nothing_offers_it(qtbot, scan, line) -> None:
    scan.findChild(QRadioButton, "scan-registers").click()
    scan.findChild(QComboBox, "scan-table").setCurrentIndex(1)
    _press(qtbot, scan, "scan-start-it")
    line.find(ScanFinding("range", 1, 0, 15, "answered"))
    line.end()
    assert not scan.findChild(QPushButton, "scan-look").isVisibleTo(scan)


def test_ends_typed_the_wrong_way_round_are_put_right(qtbot, scan, line) -> None:
    scan.findChild(QSpinBox, "scan-first-unit").setValue(30)
    scan.findChild(QSpinBox, "scan-last-unit").setValue(10)
    _press(qtbot, scan, "scan-start-it")
    assert line.plans[0].units == (10, 30)


def test_stopping_keeps_what_was_found(qtbot, scan, line) -> None:
    _press(qtbot, scan, "scan-start-it")
    line.find(ScanFinding("unit", 7, text="answered"))
    _press(qtbot, scan, "scan-task-cancel")
    rows = scan.findChild(QTableView, "scan-found").model().rowCount()
    assert (line.stopped, rows, _said(scan, "scan-task-words")) == (1, 1, "Stopped: 1 unit answered.")


def test_a_line_that_fails_says_why_and_can_be_tried_again(qtbot, scan, line) -> None:
    _press(qtbot, scan, "scan-start-it")
    line.fail("Nobody listens at 10.0.0.7:502.")
    assert _said(scan, "scan-task-words") == "Nobody listens at 10.0.0.7:502."
    _press(qtbot, scan, "scan-start-it")
    assert len(line.plans) == 2


def test_closing_ends_the_scan(qtbot, scan, line) -> None:
    _press(qtbot, scan, "scan-start-it")
    scan.reject()
    assert line.stopped == 1


def test_nothing_found_says_what_to_check(qtbot, scan, line) -> None:
    _press(qtbot, scan, "scan-start-it")
    line.end()
    assert "nothing answered. Check address" in _said(scan, "scan-task-words")
