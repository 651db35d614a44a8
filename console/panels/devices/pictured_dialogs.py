"""The dialogs of the screen that the tour takes pictures of, each over a device that has something in it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTemporaryDir
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from console.panels.devices.bulk.bulk_menu import BulkMenu
from console.panels.devices.device_actions import DEVICE_ACTIONS, offered_by
from console.panels.devices.device_editor import DeviceEditor
from console.panels.devices.editor_tools import EditorTools
from console.panels.devices.health.health_part import HealthPart
from console.panels.devices.signals.signals_dialog import SignalsDialog
from drivers.registry import DRIVERS
from models.records.device import Device

_GREY, _WRITE, _IMPORT, _PROFILE, _FORM = "grey", "write", "import", "profile", "signal-form"
_MANY: dict[str, Callable[[BulkMenu], None]] = {
    _PROFILE: BulkMenu.add_from_profile,
    "history": BulkMenu.show_history,
    "changes": BulkMenu.show_changes,
    "signals": BulkMenu.show_signals,
    _FORM: BulkMenu.add_signal,
}
NAMES: tuple[str, ...] = (_GREY, *(action.name for action in DEVICE_ACTIONS), _IMPORT, *_MANY)
_TABLE = """device_id,name,type,location,driver,connection.host,connection.port,metric,address
{device_id},{name} north,,,,,,,
NEW-01,New press,press,Hall A,modbus-tcp,10.0.0.9,502,temperature,holding:1:int16
NEW-02,Old press,press,Hall A,modbus-tcp,10.0.0.9,70000,temperature,holding:1:int61
"""
"""A device changed, one added, and two cells to mend."""
_TYPED = {"device_id": "DRIVE-{11..14}", "name": "Drive {11..}", "location": "Hall A", "serial_port": "COM3"}


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
    if name == _IMPORT:
        return _import(many, devices[-1]) if devices else None
    if name in _MANY:
        _MANY[name](many)
        return _filled(name, many.dialog)
    needed = next((action.needs for action in DEVICE_ACTIONS if action.name == name), "")
    offers = {spec.kind: offered_by(spec) for spec in DRIVERS}
    able = [one for one in devices if needed in offers.get(one.driver, ())]
    if not able:
        return None
    # The chain is about who does badly; what tools bring comes from who does well.
    writable = [one for one in able if any(tag.is_writable for tag in one.tags)]
    show(able[0] if name == _GREY else (writable if name == _WRITE and writable else able)[-1])
    if name == _GREY:
        part = editor.findChild(HealthPart)
        return None if part is None else part.open_chain()
    tools = editor.findChild(EditorTools)
    if tools is not None:
        tools.open_action(name)
    return editor.dialog


def _import(many: BulkMenu, device: Device) -> QDialog | None:
    folder = QTemporaryDir()
    path = Path(folder.filePath("devices.csv"))
    path.write_text(_TABLE.format(device_id=device.device_id, name=device.name), encoding="utf-8")
    many.open_file(path)
    if many.dialog is not None:
        many.dialog.finished.connect(lambda _result: folder.remove())
    return many.dialog


def _filled(name: str, dialog: QDialog | None) -> QWidget | None:
    """Type into a dialog that shows nothing before; of the form over the list, the form is meant."""
    if name == _FORM and isinstance(dialog, SignalsDialog):
        if dialog.form is not None:
            dialog.form.finished.connect(dialog.close)
        return dialog.form
    for field, text in _TYPED.items():
        line = dialog.findChild(QLineEdit, f"devices-profile-{field}") if dialog is not None else None
        if line is not None:
            line.setText(text)
    return dialog
