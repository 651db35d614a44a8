"""The dialogs of the screen that the tour takes pictures of, each over a device that has something in it."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from console.panels.devices.bulk.bulk_menu import BulkMenu
from console.panels.devices.device_actions import DEVICE_ACTIONS, offered_by
from console.panels.devices.device_editor import DeviceEditor
from console.panels.devices.editor_tools import EditorTools
from console.panels.devices.health.health_part import HealthPart
from drivers.registry import DRIVERS
from models.records.device import Device

_GREY = "grey"
_MANY: dict[str, Callable[[BulkMenu], None]] = {
    "profile": BulkMenu.add_from_profile,
    "history": BulkMenu.show_history,
    "changes": BulkMenu.show_changes,
    "signals": BulkMenu.show_signals,
}
NAMES: tuple[str, ...] = (_GREY, *(action.name for action in DEVICE_ACTIONS), *_MANY)


def open_pictured(
    name: str,
    devices: Sequence[Device],
    editor: DeviceEditor,
    many: BulkMenu,
    show: Callable[[Device], None],
) -> QWidget | None:
    """Open one of `NAMES`; None where no device has anything to show in it.

    Args:
        name: Which.
        devices: To choose from, those that need somebody first.
        editor: The form.
        many: The menu beside the list.
        show: Puts a device into the form.
    """
    if name in _MANY:
        _MANY[name](many)
        return many.dialog
    needed = next((action.needs for action in DEVICE_ACTIONS if action.name == name), "")
    offers = {spec.kind: offered_by(spec) for spec in DRIVERS}
    device = next((one for one in devices if needed in offers.get(one.driver, ())), None)
    if device is None:
        return None
    show(device)
    if name == _GREY:
        part = editor.findChild(HealthPart)
        return None if part is None else part.open_chain()
    tools = editor.findChild(EditorTools)
    if tools is not None:
        tools.open_action(name)
    return editor.dialog
