"""What is open, and taking note of it: the part of the bridge that goes on while the database is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.bridge import permissions
from console.bridge.alert_keeper import AlertKeeper
from console.bridge.asking import Asking
from console.bridge.device_health import DeviceHealths
from console.bridge.device_tools import DeviceTools
from console.bridge.station_orders import StationOrders

if TYPE_CHECKING:
    from console.bridge.live_feed import LiveFeed
    from console.bridge.questions import AlertsNow
    from console.bridge.session_keeper import SessionKeeper
    from console.bridge.station_alerts import AlertKey
    from console.link.messages import AlertChanges
    from models.records.alert import Alert
    from models.records.shelf import Maintenance, Shelf
    from models.records.station import StationReport


class Alerting(Asking):
    """Belongs to the window's thread.

    Attributes:
        alerts: Open ones (active and acknowledged), worst first, then newest; while the database is away,
            those of devices polled here as the station tells them (`alert_keeper.py`).
        shelves: What lies on the shelf now, what ends first in front; `alerts_changed` announces others.
        maintenance: Devices in maintenance, what ends first in front; `alerts_changed` likewise.
        device_health: How the connections of devices do.
    """

    alerts_changed = Signal()

    def __init__(
        self,
        session: SessionKeeper,
        feed: LiveFeed,
        now: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        """Store whose session it is, the way to the station, and what returns Unix seconds."""
        tools = DeviceTools(feed.ask, lambda: permissions.asking_refusal_of(session.state))
        super().__init__(session, StationOrders(feed.acknowledge), tools, parent)
        self._station_orders.setParent(self)
        tools.setParent(self)
        self._feed = feed
        self._now = now
        self.device_health = DeviceHealths(
            feed, self.ask, lambda: (device.id for device in self.catalogue.devices), now, self
        )
        self._forget_alerts()
        feed.alerts_told.connect(self._take_alert_changes)
        feed.acknowledged.connect(self._station_orders.take)
        feed.device_answered.connect(tools.take)
        self._station_orders.kept.connect(self._on_kept)

    def _forget_alerts(self) -> None:
        self.alerts = ()
        self.shelves: tuple[Shelf, ...] = ()
        self.maintenance: tuple[Maintenance, ...] = ()
        self._keeper = AlertKeeper(self._now)
        self._station_orders.forget()
        self.device_tools.forget()
        self.device_health.forget()

    def _lose_station(self) -> None:
        """Tell whoever waits for the station that no answer will come."""
        self._station_orders.lose_station()
        self.device_tools.lose_station()

    def _follow_alerts(self, report: StationReport | None, *, is_away: bool, is_hung: bool) -> None:
        """Know whether the list of alerts needs the station's help.

        Args:
            report: The station's latest.
            is_away: This window does not reach the database.
            is_hung: The station waits for the database.
        """
        is_cut_off = report is not None and (report.database != "live" or is_hung)
        self._keeper.follow(is_away=is_away or is_cut_off, is_delivered=report is None or report.spooled == 0)
        self._show_alerts()
        if self._keeper.is_overlaid and not is_away and self._database is not None:
            # Back, and the station delivers: until both tell the same.
            self._database.ask_alerts()

    def _take_alerts(self, now: AlertsNow) -> None:
        is_aside_same = (self.shelves, self.maintenance) == (now.shelves, now.maintenance)
        self.shelves, self.maintenance = now.shelves, now.maintenance
        self._keeper.take_list(now.alerts)
        if not self._show_alerts() and not is_aside_same:
            self.alerts_changed.emit()

    def _take_alert_changes(self, message: AlertChanges) -> None:
        if self._database is not None:
            self._keeper.take_changes(message)
            self._show_alerts()

    def _on_kept(self, keys: Sequence[AlertKey]) -> None:
        person = self.person
        if person is not None:
            self._keeper.keep(keys, person.name)
            self._show_alerts()

    def _show_alerts(self) -> bool:
        """Announce the open alerts where they are others than before; returns whether they are."""
        shown: tuple[Alert, ...] = self._keeper.shown
        is_other = self.alerts != shown
        if is_other:
            self.alerts = shown
            self.alerts_changed.emit()
        return is_other
