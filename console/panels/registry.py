"""Every panel, in the order of the rail and of the keys F1, F2, …. One line a panel."""

from console.panels.alerts.alerts_panel import AlertsPanel
from console.panels.device_face.device_panel import DevicePanel
from console.panels.devices.devices_panel import DevicesPanel
from console.panels.firmware.firmware_panel import FirmwarePanel
from console.panels.overview.overview_panel import OverviewPanel
from console.panels.panel import Panel
from console.panels.reports.reports_panel import ReportsPanel
from console.panels.settings.settings_panel import SettingsPanel
from console.panels.stations.stations_panel import StationsPanel
from console.panels.trends.trends_panel import TrendsPanel

PANELS: tuple[type[Panel], ...] = (
    OverviewPanel,
    DevicePanel,
    TrendsPanel,
    AlertsPanel,
    DevicesPanel,
    FirmwarePanel,
    ReportsPanel,
    StationsPanel,
    SettingsPanel,
)
