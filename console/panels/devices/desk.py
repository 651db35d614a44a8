"""What a dialog over the form works with: the device as typed, the way to the station, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.device_tools import DeviceQuestion
from console.widgets.theme import ThemeSource
from drivers.registry import spec_of
from drivers.workbench import Tools
from models.quantities import Quantities
from models.records.device import Device, JsonValue, Tag


@dataclass(frozen=True, slots=True)
class Desk:
    """Made anew whenever an action is opened.

    Attributes:
        bridge: Questions to the station (`device_tools`) and to the database.
        themes: The theme in use.
        now: Unix seconds.
        parent: Over which the dialog opens.
        device: The device as it stands in the form at this moment, typed secrets in clear.
        hardware_id: Of the stored device that it is, whose sealed secrets can be used then; empty: a new one.
        quantities: What can be measured here.
        may_change: Whether the person may change this device.
        add_tags: Puts tags into the form, over those of the same quantities; nothing is saved by it.
        set_setting: Puts a value into a field of the connection; nothing is saved by it.
    """

    bridge: Bridge
    themes: ThemeSource
    now: Callable[[], float]
    parent: QWidget
    device: Callable[[], Device]
    hardware_id: str
    quantities: Quantities
    may_change: bool
    add_tags: Callable[[Sequence[Tag]], None]
    set_setting: Callable[[str, JsonValue], None]

    def tools(self) -> Tools:
        """Return what the protocol of the device in the form offers.

        Loaded by whoever showed the button that leads here, so this does not wait for a library.
        """
        spec = spec_of(self.device().driver)
        return Tools() if spec.tools is None else spec.tools()

    def ask(
        self,
        device: Device,
        tool: str,
        subject: msgspec.Struct | None = None,
        *,
        owner: QObject,
        on_part: Callable[[Any], None] = lambda _part: None,
        on_done: Callable[[Any], None] = lambda _result: None,
        on_failed: Callable[[str], None],
        is_repeated: bool = False,
    ) -> DeviceQuestion:
        """Ask the station of a device as it was typed; arguments as those of `DeviceTools.ask`.

        Args:
            device: From `device`, at the moment that the dialog is about.
        """
        return self.bridge.device_tools.ask(
            tool,
            device.driver,
            device.connection,
            subject,
            on_part=on_part,
            on_done=on_done,
            on_failed=on_failed,
            owner=owner,
            hardware_id=self.hardware_id,
            is_repeated=is_repeated,
        )
