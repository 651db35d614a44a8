"""Firmware: rollouts from plan to end, and the versions that they bring."""

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from console.panels.firmware.picture_frames import NAMES, open_pictured
from console.panels.firmware.plan_desk import PlanDesk
from console.panels.firmware.rollouts_page import RolloutsPage
from console.panels.firmware.versions_page import VersionsPage
from console.panels.panel import Panel
from models.records.device import DeviceId

ROLLOUTS, VERSIONS = "rollouts", "versions"
_TITLES = {ROLLOUTS: "Rollouts", VERSIONS: "Versions"}


class FirmwarePanel(Panel):
    """Everybody sees it, and may pause and halt; who plans, approves and releases is decided by rights."""

    key: ClassVar[str] = "firmware"
    title: ClassVar[str] = "Firmware"
    icon: ClassVar[str] = "mdi6.update"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Arguments as `Panel` takes them."""
        super().__init__(*arguments, **options)
        self._rollouts = RolloutsPage(self.bridge, self.theme_source, self.now)
        self._versions = VersionsPage(self.bridge, self.theme_source, self.now)
        self._desk = PlanDesk(self.bridge, self.theme_source, self._rollouts.orders, self)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("firmware-tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("Parts of the firmware screen")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._tabs)
        # From the outside to the inside: Qt styles all that is in a widget again wherever it is put.
        for page, title in zip((self._rollouts, self._versions), _TITLES.values(), strict=True):
            self._tabs.addTab(page, title)
        self._tabs.currentChanged.connect(self._turn)
        self._rollouts.device_wanted.connect(self._show_device)
        self._rollouts.plan_wanted.connect(self._desk.plan)
        again = QShortcut(QKeySequence("Ctrl+R"), self)
        again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self._turn)

    @property
    def rollouts_page(self) -> RolloutsPage:
        """The tab of rollouts."""
        return self._rollouts

    @property
    def versions_page(self) -> VersionsPage:
        """The tab of versions."""
        return self._versions

    @property
    def plan_desk(self) -> PlanDesk:
        """What opens plans."""
        return self._desk

    def parts(self) -> Sequence[str]:
        """Return the keys of the tabs."""
        return list(_TITLES)

    def show_part(self, part: str) -> None:
        """Show a tab."""
        self._tabs.setCurrentIndex(list(_TITLES).index(part))

    def dialogs(self) -> Sequence[str]:
        """Return what is pictured besides."""
        return NAMES

    def show_dialog(self, name: str) -> QWidget | None:
        """Show a tab or the plan over records made for the picture."""
        return open_pictured(name, self.bridge, self.theme_source, self.now, self)

    def is_populated(self) -> bool:
        """Tell whether what the tab shows has been told."""
        return self._page.is_populated()

    def on_shown(self) -> None:
        """Ask anew; what is known is shown meanwhile. Not by a focus proxy: Tab would pass over the tabs."""
        self._page.focus_list()
        self._turn()

    @property
    def _page(self) -> RolloutsPage | VersionsPage:
        return self._versions if self._tabs.currentIndex() else self._rollouts

    def _turn(self) -> None:
        if self.isVisible():
            self._page.refresh()

    def _show_device(self, device: DeviceId) -> None:
        self.navigate("device", device)
