"""Firmware: rollouts from plan to end, and the versions that they bring."""

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from console.panels.firmware.pictured import NAMES, pictured_heads, pictured_rollout
from console.panels.firmware.rollouts_page import RolloutsPage
from console.panels.panel import Panel
from models.records.device import DeviceId

ROLLOUTS = "rollouts"
_TITLES = {ROLLOUTS: "Rollouts"}


class FirmwarePanel(Panel):
    """Everybody sees it, and may pause and halt; who plans, approves and releases is decided by rights."""

    key: ClassVar[str] = "firmware"
    title: ClassVar[str] = "Firmware"
    icon: ClassVar[str] = "mdi6.update"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Arguments as `Panel` takes them."""
        super().__init__(*arguments, **options)
        self._rollouts = RolloutsPage(self.bridge, self.theme_source, self.now)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("firmware-tabs")
        self._tabs.setAccessibleName("Parts of the firmware screen")
        self._tabs.addTab(self._rollouts, _TITLES[ROLLOUTS])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._tabs)
        self.setFocusProxy(self._rollouts)
        self._tabs.currentChanged.connect(self._turn)
        self._rollouts.device_wanted.connect(self._show_device)

    @property
    def rollouts_page(self) -> RolloutsPage:
        """The tab of rollouts."""
        return self._rollouts

    def parts(self) -> Sequence[str]:
        """Return the keys of the tabs."""
        return list(_TITLES)

    def show_part(self, part: str) -> None:
        """Show a tab."""
        self._tabs.setCurrentIndex(list(_TITLES).index(part))

    def dialogs(self) -> Sequence[str]:
        """Return the states of rollouts that are pictured."""
        return NAMES

    def show_dialog(self, name: str) -> QWidget | None:
        """Show the tab of rollouts over records made for the picture."""
        devices = [device.id for device in self.bridge.catalogue.devices][:26]
        page = RolloutsPage(self.bridge, self.theme_source, self.now)
        page.list_view.chosen.disconnect()
        page.show_heads(pictured_heads(devices, self.now()))
        now = pictured_rollout(name, devices, self.now())
        page.list_view.select(now.rollout.id)
        page.show_now(now)
        return _framed(page, self.size())

    def is_populated(self) -> bool:
        """Tell whether what the tab shows has been told."""
        return self._rollouts.is_populated()

    def on_shown(self) -> None:
        """Ask anew; what is known is shown meanwhile."""
        self._turn()

    def _turn(self) -> None:
        if self.isVisible():
            self._rollouts.refresh()

    def _show_device(self, device: DeviceId) -> None:
        self.navigate("device", device)


def _framed(page: QWidget, size: QSize) -> QDialog:
    dialog = QDialog()
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(10, 8, 10, 8)
    layout.addWidget(page)
    dialog.resize(size)
    dialog.show()
    return dialog
