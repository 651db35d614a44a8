"""The seam between the station and whoever watches it live. The local socket of `console.link` is one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from console.station.alerts.alert_desk import AlertDesk
from console.station.alerts.alert_list import AlertKey
from console.station.ticket_book import TicketBook
from console.station.workbench.desk import DeviceDesk
from models.records.device import DeviceId, DeviceState
from models.records.device_health import DeviceHealth
from models.records.reading import Reading
from models.records.station import StationReport
from models.records.station_alert import StationAlert


class Feed(Protocol):
    """Takes what is news. Used on the event loop only; nothing here may block or raise."""

    async def start(
        self, tickets: TicketBook, desk: AlertDesk | None = None, workbench: DeviceDesk | None = None
    ) -> None:
        """Begin to serve those whose tickets are good.

        Args:
            tickets: Knows them.
            desk: Takes what they acknowledge.
            workbench: Answers what they ask of devices.
        """
        ...

    async def stop(self) -> None:
        """End serving. Safe twice, safe when never started."""
        ...

    def publish_readings(self, readings: Sequence[Reading]) -> None:
        """Readings just taken."""
        ...

    def set_states(self, states: Sequence[DeviceState], owners: Mapping[DeviceId, int]) -> None:
        """States and owners (`users.id`) of all devices; whatever was known before no longer counts."""
        ...

    def publish_states(self, states: Sequence[DeviceState]) -> None:
        """States of some devices, as they changed."""
        ...

    def publish_alerts(self, changes: Sequence[StationAlert], gone: Sequence[AlertKey]) -> None:
        """Open alerts as they changed, and those that are over."""
        ...

    def release(self, devices: Collection[DeviceId]) -> None:
        """Devices that this station polls no more: their states and alerts are others' to tell."""
        ...

    def publish_figures(self, figures: StationReport) -> None:
        """How the station is doing."""
        ...

    def publish_health(self, records: Sequence[DeviceHealth]) -> None:
        """How the connections of some devices do."""
        ...


class NoFeed:
    """Nobody watches."""

    async def start(
        self, tickets: TicketBook, desk: AlertDesk | None = None, workbench: DeviceDesk | None = None
    ) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    def publish_readings(self, readings: Sequence[Reading]) -> None:
        """Do nothing."""

    def set_states(self, states: Sequence[DeviceState], owners: Mapping[DeviceId, int]) -> None:
        """Do nothing."""

    def publish_states(self, states: Sequence[DeviceState]) -> None:
        """Do nothing."""

    def publish_alerts(self, changes: Sequence[StationAlert], gone: Sequence[AlertKey]) -> None:
        """Do nothing."""

    def release(self, devices: Collection[DeviceId]) -> None:
        """Do nothing."""

    def publish_figures(self, figures: StationReport) -> None:
        """Do nothing."""

    def publish_health(self, records: Sequence[DeviceHealth]) -> None:
        """Do nothing."""
