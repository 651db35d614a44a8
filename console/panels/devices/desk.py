"""What a dialog over the form works with: the device as typed, the way to the station, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.widgets.theme import ThemeSource
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
        add_tags: Puts tags into the form, below the others; nothing is saved by it.
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
