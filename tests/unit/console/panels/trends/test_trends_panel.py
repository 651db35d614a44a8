import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton, QTableView

from console.panels.curves.history_question import StoredCurve
from console.panels.curves.join import Curve
from console.panels.curves.pen import Pen
from console.panels.trends.chart_saver import save_dialog
from console.panels.trends.trends_panel import TrendsPanel
from models.metrics import METRICS
from models.records.device import DeviceId
from tests.unit.console.panels.plant_scene import NOW


def answer_all(bridge) -> None:
    while bridge.asked:
        question = bridge.asked[0].what
        times = np.arange(question.bounds.since, question.bounds.joint, 60.0)
        ones = np.ones(times.size)
        bridge.answer_next(
            dict.fromkeys(
                question.keys,
                StoredCurve(Curve(times, ones, ones * 3, ones * 2), np.empty(0), np.empty(0)),
            )
        )


@pytest.fixture
def panel(show, bridge) -> TrendsPanel:
    shown = show(TrendsPanel, bridge)
    answer_all(bridge)
    return shown


def check(panel: TrendsPanel, typed: str, rows: int) -> None:
    """Search, then check the first rows with the keyboard."""
    panel.findChild(QLineEdit, "trends-search").setText(typed)
    view = panel.findChild(QListView, "trends-pens")
    for row in range(rows):
        view.setCurrentIndex(view.model().index(row))
        QTest.keyClick(view, Qt.Key.Key_Space)


def test_the_device_of_the_worst_alert_is_drawn_first(panel):
    assert panel.pens[0] == Pen(DeviceId(3), METRICS[0])
    assert panel.is_populated()


def test_pens_are_searched_and_checked_with_the_keyboard(panel, bridge):
    panel.findChild(QPushButton, "trends-clear").click()
    assert panel.pens == ()

    check(panel, "drive 5 speed", 1)

    assert panel.pens == (Pen(DeviceId(5), METRICS[5]),)
    assert [pen.label for pen in panel.chart.pens] == ["Drive 5 · Speed"]


def test_the_ninth_pen_is_refused_in_words_and_stays_unchecked(panel):
    panel.findChild(QPushButton, "trends-clear").click()

    check(panel, "temperature", 9)

    assert len(panel.pens) == 8
    assert "at most 8 pens" in panel.findChild(QLabel, "trends-notice").text()
    view = panel.findChild(QListView, "trends-pens")
    assert (
        Qt.CheckState(view.model().index(8).data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Unchecked
    )


def test_a_device_is_shown_with_all_its_metrics(panel):
    panel.show_device(DeviceId(2))

    assert panel.pens == tuple(Pen(DeviceId(2), METRICS[index]) for index in (0, 1, 4))


def test_the_span_first_shown_is_the_one_whose_button_is_pressed(panel):
    since, until = panel.chart.visible_range

    assert until - since == 900
    assert panel.findChild(QPushButton, "trends-span-2").isChecked()


def test_a_longer_span_asks_for_more_history(qtbot, panel, bridge):
    panel.findChild(QPushButton, "trends-span-6").click()

    qtbot.waitUntil(lambda: bool(bridge.asked), timeout=2000)
    bounds = bridge.asked[0].what.bounds
    assert bounds.since <= NOW - 7 * 86_400


def test_an_earlier_stretch_holds_the_chart_and_going_live_releases_it(qtbot, panel, bridge):
    panel.findChild(QPushButton, "trends-earlier").click()
    follow = panel.findChild(QPushButton, "trends-follow")
    assert (panel.chart.is_following, follow.text()) == (False, "Go live")

    follow.click()
    assert (panel.chart.is_following, follow.text()) == (True, "Pause")


def test_loading_and_failure_are_said_in_the_chart(show, bridge):
    panel = show(TrendsPanel, bridge)
    notice = panel.findChild(QLabel, "chart-notice")
    assert notice.text() == "Loading history…"

    bridge.fail_next("The database does not answer; live values go on.")

    assert notice.text() == "The database does not answer; live values go on."
    assert notice.isVisible()


def test_figures_show_a_question_mark_where_the_present_value_is_unknown(panel, bridge):
    panel.show_device(DeviceId(5))
    answer_all(bridge)
    panel.on_second()
    table = panel.findChild(QTableView, "trends-figures").model()

    assert table.index(0, 2).data() == "?"
    assert table.index(0, 4).data() not in ("–", "?")


def test_table_is_written_off_the_window_thread(qtbot, panel, tmp_path):
    path = tmp_path / "trend.csv"

    panel.saver.save_table(path)
    qtbot.waitUntil(lambda: "saved as" in panel.findChild(QLabel, "trends-said").text(), timeout=5000)

    assert path.read_text(encoding="utf-8").count("\n") > 100


def test_a_folder_that_does_not_exist_is_said_in_a_sentence(qtbot, panel, tmp_path):
    panel.saver.save_table(tmp_path / "nowhere" / "trend.csv")

    said = panel.findChild(QLabel, "trends-said")
    qtbot.waitUntil(lambda: "could not be written" in said.text(), timeout=5000)


def test_picture_is_what_the_chart_shows(panel, tmp_path):
    panel.saver.save_picture(tmp_path / "trend.png")

    assert (tmp_path / "trend.png").stat().st_size > 5000


def test_without_pens_the_panel_says_what_to_do(show, empty_bridge):
    panel = show(TrendsPanel, empty_bridge)

    assert any(
        "Search for a device" in label.text() for label in panel.findChildren(QLabel) if label.isVisible()
    )
    assert not panel.is_populated()


def test_escape_on_the_list_of_pens_takes_the_search_back(qtbot, panel):
    check(panel, "drive", 1)
    panel.activateWindow()
    pens = panel.findChild(QListView, "trends-pens")
    pens.setFocus()
    qtbot.keyClick(pens, Qt.Key.Key_Escape)

    assert panel.findChild(QLineEdit, "trends-search").text() == ""


def test_a_file_name_without_its_ending_gets_it(qtbot, panel, tmp_path):
    dialog = save_dialog(panel, "trend.png", "Pictures (*.png)")
    qtbot.addWidget(dialog)
    dialog.selectFile(str(tmp_path / "night-shift"))

    assert dialog.selectedFiles() == [str(tmp_path / "night-shift.png")]
