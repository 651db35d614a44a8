import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from console.panels.overview.overview_panel import OverviewPanel
from models.records.device import DeviceId, DeviceState, DeviceStatus
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, fill


@pytest.fixture
def panel(show, bridge) -> OverviewPanel:
    return show(OverviewPanel, bridge)


def test_the_most_urgent_device_is_the_first_tile(panel):
    assert panel.board.grid.order[0] == 3
    assert panel.findChild(QLabel, "overview-count").text() == (
        "24 devices · 1 offline · 1 with errors · 1 stale · 5 with alerts"
    )


def test_arrows_move_the_focus_and_enter_opens_the_device(qtbot, panel, visits):
    first, second, *_ = panel.board.grid.order

    assert panel.board.focused == first
    QTest.keyClick(panel.board, Qt.Key.Key_Right)
    assert panel.board.focused == second
    QTest.keyClick(panel.board, Qt.Key.Key_Return)

    assert visits.seen == [("device", second)]


def test_end_scrolls_to_the_last_tile(panel):
    QTest.keyClick(panel.board, Qt.Key.Key_End)

    assert panel.board.focused == panel.board.grid.order[-1]
    assert panel.board.grid.order[-1] in panel.board.visible_devices()


def test_typing_filters_and_escape_shows_all_again(panel):
    field = panel.findChild(QLineEdit, "overview-filter")

    QTest.keyClicks(panel.board, "d")
    QTest.keyClicks(field, "rive 5")
    assert panel.board.grid.order == (5,)

    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert len(panel.board.grid.order) == 24
    assert panel.focusWidget() is panel.board


def test_a_filter_that_finds_nothing_says_how_to_go_on(panel):
    panel.findChild(QLineEdit, "overview-filter").setText("turbine")

    assert not panel.board.isVisible()
    assert any("Press Esc" in label.text() for label in panel.findChildren(QLabel))


def test_order_by_name_puts_every_device_into_one_section(panel):
    panel.findChild(QComboBox, "overview-order").setCurrentIndex(2)

    assert len(panel.board.grid.sections) == 1
    assert panel.board.grid.order[:3] == (3, 7, 11)


def test_a_device_that_goes_offline_moves_up_by_itself(qtbot, panel, bridge):
    bridge.set_states(DeviceState(DeviceId(12), DeviceStatus.OFFLINE, "No answer.", None))

    qtbot.waitUntil(lambda: 12 in panel.board.grid.sections[0].devices, timeout=2000)


def test_tiles_do_not_move_under_a_pressed_mouse_button(qtbot, panel, bridge, visits):
    box = panel.board.grid.box_of(DeviceId(3))
    at = QPoint(box.x + 20, box.y + 20)
    QTest.mousePress(panel.board.viewport(), Qt.MouseButton.LeftButton, pos=at)
    before = panel.board.grid.order
    bridge.set_alerts([])
    panel.on_second()

    assert panel.board.grid.order == before
    QTest.mouseRelease(panel.board.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert visits.seen == [("device", 3)]
    panel.on_second()
    assert panel.board.grid.order != before


def test_the_tooltip_of_an_offline_device_gives_reason_and_last_values_with_their_time(panel):
    words = panel.board._source.tooltip(DeviceId(5))

    assert "No answer from 127.0.0.1:1502" in words
    assert "At " in words


def test_a_plant_without_devices_says_what_to_do_next(show, empty_bridge):
    panel = show(OverviewPanel, empty_bridge)

    assert any("screen Devices" in label.text() for label in panel.findChildren(QLabel))
    assert not panel.is_populated()


def test_a_removed_device_disappears(qtbot, panel, bridge):
    bridge.set_catalogue([device for device in bridge.catalogue.devices if device.id != 3])

    qtbot.waitUntil(lambda: 3 not in panel.board.grid.order, timeout=2000)
    qtbot.waitUntil(panel.is_populated, timeout=2000)


def test_a_thousand_devices_take_no_more_widgets_and_few_pictures(qtbot, show):
    bridge = FakeBridge(NOW)
    fill(bridge, 1000, seconds=30)
    panel = show(OverviewPanel, bridge, 1440, 900)
    widgets = len(panel.findChildren(QWidget))

    panel.board.verticalScrollBar().setValue(panel.board.verticalScrollBar().maximum())
    panel.grab()

    assert len(panel.findChildren(QWidget)) == widgets < 40
    assert len(panel.board._pictures) <= 64
    assert len(panel.board.visible_devices()) < 40


def test_digits_are_drawn_at_most_once_a_second_however_fast_values_arrive(qtbot, panel, bridge):
    for _ in panel.board.visible_devices():
        panel.board._draw_some()  # a slow computer draws them in several goes
    drawn = panel.board._pictures.get(DeviceId(3)).drawn_unix
    for step in range(1, 9):
        bridge.now_unix = NOW + step / 10
        bridge.add_reading(DeviceId(3), temperature=50.0 + step)
        panel.board._draw_some()
    assert panel.board._pictures.get(DeviceId(3)).drawn_unix == drawn

    bridge.now_unix = NOW + 1
    panel.board._draw_some()
    assert panel.board._pictures.get(DeviceId(3)).drawn_unix > drawn


def test_a_board_called_up_again_shows_no_picture_of_the_past(qtbot, panel, bridge):
    panel.grab()
    panel.hide()
    bridge.now_unix = NOW + 25
    bridge.add_reading(DeviceId(3), temperature=20.0)
    before = panel.board._pictures.get(DeviceId(3)).drawn_unix
    panel.show()
    panel.grab()

    assert before < panel.board._pictures.get(DeviceId(3)).drawn_unix == NOW + 25


def test_the_age_of_a_silent_device_goes_on_ticking(qtbot, panel, bridge):
    panel.findChild(QLineEdit, "overview-filter").setText("drive 5")
    panel.grab()
    bridge.now_unix = NOW + 60
    panel.on_second()
    panel.grab()

    assert panel.board._pictures.get(DeviceId(5)).face.trouble == "Offline · last reading 4 min ago"
