"""The decoder bench: type what the display shows, see what fits, make a tag of it."""

import struct
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QSpinBox, QTableView, QWidget

from console.panels.devices.bench.bench_dialog import BenchDialog
from console.panels.devices.bench.grid_model import CLOSENESS_ROLE
from console.panels.devices.bench.register_reader import RegisterReader
from console.widgets.theme import LIGHT, ThemeSource
from drivers.display_match import Closeness
from drivers.modbus.decodings import decodings_of
from drivers.workbench import Registers, RegisterSpan
from models.quantities import THE_SIX
from models.records.device import Tag


class Meter:
    """Answers at once: a float32 with swapped words at 4, tenths of a degree at 8; 12 is refused."""

    def __init__(self) -> None:
        self.asked: list[RegisterSpan] = []
        self.fault = ""
        self.volts = 231.43

    def __call__(
        self, span: RegisterSpan, on_done: Callable[[Registers], None], on_failed: Callable[[str], None]
    ) -> "Meter":
        self.asked.append(span)
        if self.fault:
            on_failed(self.fault)
            return self
        high, low = struct.unpack(">HH", struct.pack(">f", self.volts))
        known: dict[int, int | None] = {4: low, 5: high, 8: 235, 12: None}
        words = tuple(known.get(at, 0) for at in range(span.start, span.start + span.count))
        on_done(Registers(words, 0.0, 14.0, ("register 12 does not exist",)))
        return self

    def stop(self) -> None:
        """Nothing is under way."""


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def bench(qtbot, meter: Meter) -> Iterator[BenchDialog]:
    themes = ThemeSource()
    themes.use(LIGHT)
    home = QWidget()
    qtbot.addWidget(home)
    dialog = BenchDialog("Meter 1", ("holding", "input"), decodings_of, meter, THE_SIX, themes, home)
    for timer in dialog.findChildren(QTimer):
        timer.setInterval(20)
    dialog.open()
    yield dialog
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _type(qtbot, bench: BenchDialog, text: str) -> None:
    qtbot.keyClicks(bench.findChild(QLineEdit, "bench-shown"), text)


def _said(bench: BenchDialog, name: str = "bench-said") -> str:
    return bench.findChild(QLabel, name).text()


def _cells(bench: BenchDialog, register: int) -> list[str]:
    model = bench.findChild(QTableView, "bench-grid").model()
    return [str(model.index(register, column).data()) for column in range(model.columnCount())]


def test_what_the_display_shows_finds_the_word_order_and_one_key_makes_the_tag(qtbot, bench) -> None:
    made: list[Tag] = []
    bench.tag_made.connect(made.append)
    _type(qtbot, bench, "231.4")
    qtbot.keyClick(bench, Qt.Key.Key_Return)
    assert [(tag.address, tag.scale) for tag in made] == [("holding:4:float32:CDAB", 1.0)]


def test_a_scaled_whole_number_becomes_a_tag_with_its_scale_and_unit(qtbot, bench) -> None:
    made: list[Tag] = []
    bench.tag_made.connect(made.append)
    quantity = bench.findChild(QComboBox, "bench-quantity")
    quantity.setCurrentIndex(quantity.findText("Pressure, kPa"))
    unit = bench.findChild(QComboBox, "bench-unit")
    unit.setCurrentIndex(unit.findText("bar"))
    _type(qtbot, bench, "23.5")
    qtbot.mouseClick(bench.findChild(QPushButton, "bench-make"), Qt.MouseButton.LeftButton)
    assert [(tag.metric, tag.address, tag.scale) for tag in made] == [("pressure", "holding:8:int16", 10.0)]


def test_types_that_read_the_same_register_alike_are_one_finding(qtbot, bench) -> None:
    _type(qtbot, bench, "23.5")
    assert _said(bench) == (
        "Register 8 shows exactly this, whichever type is taken; the simplest comes first. "
        "Take a signed one if the value may be negative."
    )


def test_the_cell_that_fits_lights_up(qtbot, bench) -> None:
    _type(qtbot, bench, "231.4")
    model = bench.findChild(QTableView, "bench-grid").model()
    lit = [
        model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        for column in range(model.columnCount())
        if model.index(4, column).data(CLOSENESS_ROLE) is Closeness.EXACT
    ]
    assert lit == ["float32 CDAB"]


def test_a_second_look_takes_out_what_fitted_by_chance(qtbot, bench, meter) -> None:
    _type(qtbot, bench, "0.0")
    assert "Zero fits every empty register" in _said(bench)
    bench.findChild(QLineEdit, "bench-shown").clear()
    _type(qtbot, bench, "230")
    before = bench.findChild(QTableView, "bench-matches").model().rowCount()
    bench.findChild(QPushButton, "bench-keep").click()
    meter.volts = 219.43
    qtbot.waitUntil(lambda: "219.43" in _cells(bench, 4), timeout=3000)
    _type(qtbot, bench, "219.4")
    left = bench.findChild(QTableView, "bench-matches").model()
    assert (before > 1, [left.row_at(row).decoding.address for row in range(left.rowCount())]) == (
        True,
        ["holding:4:float32:CDAB", "holding:5:float32"],
    )
    assert _said(bench).startswith("One decoding shows exactly this.")


def test_registers_that_were_refused_are_named_and_make_no_tag(bench) -> None:
    assert "register 12 does not exist" in _said(bench, "bench-state")
    model = bench.findChild(QTableView, "bench-grid").model()
    assert model.index(12, 1).data() == "refused"
    bench.findChild(QTableView, "bench-grid").setCurrentIndex(model.index(12, 2))
    assert not bench.findChild(QPushButton, "bench-make").isEnabled()


def test_a_device_that_does_not_answer_is_asked_again(qtbot, bench, meter) -> None:
    meter.fault = "No answer from 10.0.0.7:502 unit 3 within 1.0 s; check cable, power and unit id."
    qtbot.waitUntil(lambda: _said(bench, "bench-state") == meter.fault, timeout=3000)
    meter.fault = ""
    qtbot.waitUntil(lambda: "answered in 14 ms" in _said(bench, "bench-state"), timeout=3000)


def test_a_chosen_cell_makes_a_tag_without_a_display(qtbot, bench) -> None:
    made: list[Tag] = []
    bench.tag_made.connect(made.append)
    grid = bench.findChild(QTableView, "bench-grid")
    grid.setCurrentIndex(grid.model().index(8, 2))
    bench.findChild(QPushButton, "bench-make").click()
    assert [(tag.address, tag.scale) for tag in made] == [("holding:8:uint16", 1.0)]


def test_the_last_registers_are_cut_where_the_device_ends(qtbot, bench, meter) -> None:
    bench.findChild(QSpinBox, "bench-start").setValue(65530)
    qtbot.waitUntil(lambda: meter.asked[-1] == RegisterSpan("holding", 65530, 6), timeout=3000)


def test_nothing_is_asked_after_it_was_closed(bench) -> None:
    reader = bench.findChild(RegisterReader)
    bench.reject()
    assert (reader.is_reading, any(timer.isActive() for timer in reader.findChildren(QTimer))) == (
        False,
        False,
    )
