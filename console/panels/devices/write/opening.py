"""Opening the writing dialog for the stored device in the form."""

from console.panels.devices.desk import Desk
from console.panels.devices.write.write_dialog import WriteDialog
from console.widgets.form_dialog import FormDialog


def open_write(desk: Desk) -> FormDialog:
    """Open it, or say what has to be stored first."""
    stored = next(
        (device for device in desk.bridge.catalogue.devices if device.device_id == desk.hardware_id), None
    )
    if stored is None:
        dialog = _notice(desk, "Save the device first; what is written goes to it as it is stored.")
    elif not any(tag.is_writable for tag in stored.tags):
        dialog = _notice(
            desk, "No stored tag of this device may be written. Tick “Write” on the Tags page, and save."
        )
    else:
        dialog = WriteDialog(desk, stored)
    dialog.open()
    return dialog


def _notice(desk: Desk, sentence: str) -> FormDialog:
    notice = FormDialog("device-write-first", sentence, "All right", desk.themes, desk.parent)
    notice.hide_cancel()
    notice.submitted.connect(notice.accept)
    return notice
