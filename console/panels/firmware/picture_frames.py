"""The pictures that the tour takes of this screen: rollouts in every state, signed versions, a plan."""

import time
from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.firmware import pictured
from console.panels.firmware.pictured_versions import pictured_draft, pictured_offer, pictured_versions
from console.panels.firmware.plan_dialog import PlanDialog, PlanStart
from console.panels.firmware.rollout_pane import EVIDENCE, WAVES, RolloutPane
from console.panels.firmware.rollouts_page import RolloutsPage
from console.panels.firmware.upload_dialog import UploadDialog
from console.panels.firmware.versions_page import VersionsPage
from console.widgets.theme import ThemeSource

_EVIDENCE, _SIGNED, _PLAN, _UPLOAD = "evidence", "signed-versions", "plan", "upload"
NAMES = (*pictured.NAMES, _EVIDENCE, _SIGNED, _PLAN, _UPLOAD)
_MOST_DEVICES = 26


def open_pictured(
    name: str, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float], panel: QWidget
) -> QWidget:
    """Open one of `NAMES`, of the size of the panel."""
    devices = [device.id for device in bridge.catalogue.devices][:_MOST_DEVICES]
    if name == _PLAN:
        versions = tuple(row.version for row in pictured_versions(now()).rows)
        start = PlanStart(versions, pictured.SETTINGS, "Drives 2.1.0")
        dialog = PlanDialog(start, bridge, theme_source, panel)
        dialog.show_draft(pictured_draft(devices, now()))
        dialog.open()
        return dialog
    if name == _UPLOAD:
        upload = UploadDialog(theme_source, panel, time.monotonic)
        upload.image.line.setText("/media/usb/firmware/oven-4.2.0.bin")
        upload.notes.line.setText("/media/usb/firmware/notes.md")
        upload.show_looked(*pictured_offer(now()))
        upload.open()
        return upload
    if name == _SIGNED:
        shown = VersionsPage(bridge, theme_source, now)
        shown.show_versions(pictured_versions(now()))
        return _framed(shown, panel)
    page = RolloutsPage(bridge, theme_source, now)
    # Nobody stored them, so the database is not asked for what is selected.
    page.list_view.chosen.disconnect()
    page.show_heads(pictured.pictured_heads(devices, now()))
    rollout = pictured.pictured_rollout(pictured.HALTED if name == _EVIDENCE else name, devices, now())
    page.list_view.select(rollout.rollout.id)
    page.show_now(rollout)
    pane = page.findChild(RolloutPane)
    if pane is not None:
        pane.show_part(EVIDENCE if name == _EVIDENCE else WAVES)
    return _framed(page, panel)


def _framed(page: QWidget, panel: QWidget) -> QDialog:
    dialog = QDialog(panel)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(10, 8, 10, 8)
    layout.addWidget(page)
    dialog.resize(panel.size())
    dialog.show()
    return dialog
