"""Alerts, devices and small panels as the frame's tests need them."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from PySide6.QtWidgets import QPushButton, QVBoxLayout

from console.panels.panel import Panel
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import Device, DeviceId, Tag
from models.records.rights import Action
from models.records.threshold import Severity

NOW = 1_800_000_000.0
_MOMENT = datetime.fromtimestamp(NOW, UTC)


def alert(
    number: int,
    severity: Severity = Severity.WARNING,
    status: AlertStatus = AlertStatus.ACTIVE,
    *,
    age_s: float = 60.0,
    is_cleared: bool = False,
) -> Alert:
    raised = _MOMENT - timedelta(seconds=age_s)
    return Alert(
        id=AlertId(number),
        device=DeviceId(number),
        device_name=f"Drive {number}",
        location="Hall A",
        threshold=None,
        user_id=None,
        user_email=None,
        metric="temperature",
        severity=severity,
        message=f"Temperature 71.{number} °C is above 70 °C.",
        status=status,
        triggered_at=raised,
        acknowledged_at=None,
        acknowledged_by=None,
        cleared_at=_MOMENT if is_cleared else None,
        resolved_at=None,
        value_at_trigger=71.0,
        limit_at_trigger=70.0,
    )


def device(number: int) -> Device:
    return Device(
        id=DeviceId(number),
        device_id=f"DRIVE-{number:02d}",
        name=f"Drive {number}",
        type="drive",
        location="Hall A",
        driver="modbus-tcp",
        connection={},
        period_s=1.0,
        tags=(Tag("rpm", "holding:1:int16"),),
    )


class SmallPanel(Panel):
    """Remembers what it was asked to show."""

    key: ClassVar[str] = "overview"
    title: ClassVar[str] = "Overview"
    icon: ClassVar[str] = "mdi6.view-dashboard-outline"

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.shown_device: DeviceId | None = None
        button = QPushButton("Something")
        layout = QVBoxLayout(self)
        layout.addWidget(button)

    def show_device(self, device: DeviceId) -> None:
        self.shown_device = device


class DevicePanel(SmallPanel):
    key: ClassVar[str] = "device"
    title: ClassVar[str] = "Device"


class AlertsPanel(SmallPanel):
    key: ClassVar[str] = "alerts"
    title: ClassVar[str] = "Alerts"


class PeoplePanel(SmallPanel):
    """For administrators, and not while the controls are locked."""

    key: ClassVar[str] = "people"
    title: ClassVar[str] = "People"
    needed: ClassVar[Action | None] = Action.MANAGE_PEOPLE
    stays_when_locked: ClassVar[bool] = False


PANELS: tuple[type[Panel], ...] = (SmallPanel, DevicePanel, AlertsPanel)
