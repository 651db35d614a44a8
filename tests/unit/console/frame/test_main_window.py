import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from console.frame.command_palette import CommandPalette
from console.main_window import FIRST_SIZE, MainWindow
from console.widgets.theme import DARK
from models.records.device import DeviceId
from tests.unit.console.frame.frame_parts import PANELS, AlertsPanel, SmallPanel, alert

no_window_manager = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def find(window: MainWindow, kind: type, name: str):
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def text(window: MainWindow, name: str) -> str:
    return find(window, QLabel, name).text()


@pytest.mark.parametrize(
    ("key", "panel"), [(Qt.Key.Key_F1, "overview"), (Qt.Key.Key_F2, "device"), (Qt.Key.Key_F3, "alerts")]
)
def test_function_keys_lead_to_the_screens(qtbot, window, key, panel):
    window.show_panel("device" if panel != "device" else "overview")
    qtbot.keyClick(window, key)
    assert window.current_panel.key == panel
    assert find(window, QAbstractButton, f"rail-{panel}").isChecked()


def test_a_screen_that_took_the_keyboard_keeps_it(window):
    window.show_panel("alerts")
    field = QLineEdit(window.current_panel)
    field.show()
    field.setFocus()
    window.show_panel("overview")
    window.show_panel("alerts")
    assert window.focusWidget() is field


class SearchingPanel(AlertsPanel):
    """A search above what is searched, as most screens have it; the list is where the keyboard belongs."""

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        QLineEdit(self).setObjectName("search")
        self.list = QLineEdit(self)
        self.setFocusProxy(self.list)


class BeginningPanel(AlertsPanel):
    """Puts the keyboard where it belongs by itself."""

    def on_shown(self) -> None:
        self.list = self.findChild(QLineEdit) or QLineEdit(self)
        self.list.show()
        self.list.setFocus()


@pytest.mark.parametrize("kind", [SearchingPanel, BeginningPanel])
def test_keyboard_begins_where_a_screen_wants_it_and_not_at_its_search(qtbot, bridge, themes, kind):
    window = MainWindow(bridge, themes, (SmallPanel, kind))
    qtbot.addWidget(window)
    window.show()
    window.current_panel.findChild(QAbstractButton).setFocus()
    window.show_panel("alerts")
    assert window.focusWidget() is window.current_panel.list


def test_a_screen_of_no_such_name_changes_nothing(window):
    window.show_panel("firmware")
    assert window.current_panel.key == "overview"


def test_a_device_is_handed_to_the_screen_that_shows_it(window):
    window.show_panel("device", DeviceId(3))
    assert window.current_panel.shown_device == 3


def test_the_rail_shows_how_many_alerts_are_open(window, bridge):
    bridge.set_alerts([alert(1), alert(2)])
    name = find(window, QAbstractButton, "rail-alerts").accessibleName()
    assert name == "Alerts, 2 open alerts, worst: warning, not acknowledged"


def test_screens_are_built_while_nothing_else_is_to_be_done(qtbot, window):
    qtbot.waitUntil(lambda: len(window.workplace._built) == 3)


def test_a_lost_station_is_said_below_the_banner_and_taken_back(window, bridge):
    line = find(window, QWidget, "degraded-line")
    assert not line.isVisible()
    bridge.set_link(is_station_connected=False, station_text="No station is running on this computer.")
    assert line.isVisible()
    assert "No live values" in text(window, "degraded-text")
    bridge.set_link(is_station_connected=True)
    assert not line.isVisible()


def test_the_theme_changes_by_key_and_everything_follows(qtbot, window, themes):
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert themes.theme is DARK
    assert window.grab().toImage().pixelColor(300, 400) == DARK.background


@no_window_manager
def test_the_palette_goes_to_a_device_by_keyboard_alone(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = find(window, CommandPalette, "command-palette")
    field = find(window, QLineEdit, "palette-field")
    assert palette.isVisible()
    qtbot.keyClicks(field, "drive 4")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.current_panel.key == "device"
    assert window.current_panel.shown_device == 4
    assert not palette.isVisible()


@no_window_manager
def test_the_palette_moves_by_arrows_and_says_when_nothing_is_found(qtbot, window):
    window.workplace.open_palette()
    field = find(window, QLineEdit, "palette-field")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.current_panel.key == "device"
    window.workplace.open_palette()
    qtbot.keyClicks(field, "zebra")
    assert find(window, QLabel, "palette-nothing").isVisible()


def test_a_notice_is_shown_until_it_is_closed(qtbot, window):
    window.tell("Something went wrong.")
    work = window.workplace
    assert text(work, "notice-text") == "Something went wrong."
    qtbot.mouseClick(find(work, QAbstractButton, "notice-close"), Qt.MouseButton.LeftButton)
    assert not find(work, QWidget, "notice-line").isVisible()


def test_size_and_screen_are_remembered(qtbot, window, bridge, themes, memory: QSettings):
    window.resize(1300, 850)
    window.show_panel("alerts")
    window.close()
    again = MainWindow(bridge, themes, PANELS, memory)
    qtbot.addWidget(again)
    assert again.current_panel.key == "alerts"
    # The offscreen screen is smaller than the window was, and Qt fits what it restores into the screen.
    assert again.width() < FIRST_SIZE.width()


def test_a_window_of_1280_by_800_has_room_for_everything(window):
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 800
    assert window.current_panel.height() >= 600


def test_every_control_has_a_name_for_tests_and_for_screen_readers(window):
    controls = [
        control
        for kind in (QAbstractButton, QLineEdit)
        for control in window.findChildren(kind)
        if not window.current_panel.isAncestorOf(control) and not control.objectName().startswith("qt_")
    ]
    frame = [control for control in controls if not _is_in_a_panel(window, control)]
    assert len(frame) > 8
    nameless = [control for control in frame if not control.objectName()]
    assert nameless == []
    silent = [
        control.objectName()
        for control in frame
        if not control.accessibleName() and not getattr(control, "text", str)()
    ]
    assert silent == []


def _is_in_a_panel(window: MainWindow, control: QWidget) -> bool:
    return any(panel.isAncestorOf(control) for panel in window.workplace._built.values())
