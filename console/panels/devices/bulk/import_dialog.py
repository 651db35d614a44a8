"""A file of devices: what it would change, row by row, before anything is stored."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.panels.devices.bulk.plan_dialog import PlanDialog
from console.widgets.theme import ThemeSource


class ImportDialog(PlanDialog):
    """Reads the file on a worker as soon as it opens."""

    def __init__(self, path: Path, bridge: Bridge, theme_source: ThemeSource, parent: QWidget) -> None:
        title = f"{path.name} is compared with what is stored; nothing is written before you say so."
        super().__init__("devices-import", title, bridge, theme_source, parent)
        self.setWindowTitle("Import devices")
        self.setAccessibleName("Import devices")
        self._path = path
        self.add_plan_widgets()
        self.start_at_cancel()
        self.compare()

    def source(self) -> Path:
        """Return the file."""
        return self._path
