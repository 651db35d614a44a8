"""Everything about open alerts that is not judging: the list's news from the database, and to the windows."""

import asyncio
from collections.abc import Callable, Collection

from console.station.alerts.alert_desk import AlertDesk, Keep
from console.station.alerts.alert_list import AlertKey, AlertList
from console.station.alerts.alert_news import AlertNews, News
from console.station.alerts.unsettled import Unsettled
from console.station.clocks.clock import Clock
from console.station.feed import Feed
from console.station.health import LoopHealth
from console.station.tuning import Tuning
from models.records.device import DeviceId
from models.records.station_alert import StationAlerts


class AlertOffice:
    """Belongs to the event loop's thread, but for `ask`.

    Attributes:
        desk: Takes what windows acknowledge.
    """

    def __init__(
        self,
        alerts: AlertList,
        unsettled: Unsettled,
        load: Callable[[Collection[DeviceId]], StationAlerts],
        keep: Keep,
        feed: Feed,
        clock: Clock,
        tuning: Tuning,
        health: LoopHealth,
        on_changed: Callable[[StationAlerts], None] = lambda _: None,
        on_believed: Callable[[Collection[DeviceId], Collection[AlertKey]], None] = lambda _, __: None,
    ) -> None:
        """Connect the parts; starts nothing.

        Args:
            alerts: Kept by the judgement.
            unsettled: Counts what the station told.
            load: Asks the database; blocks.
            keep: Makes acknowledgements durable.
            feed: To whom changes are told.
            clock: Dates acknowledgements.
            tuning, health: Of the thread that asks the database.
            on_changed: Hears all alerts where one changed, at most once a second, to remember them.
            on_believed: Hears of which devices the alerts are now those of the database, and which of these
                it may not have heard the latest of.
        """
        self._alerts = alerts
        self._unsettled = unsettled
        self._feed = feed
        self._clock = clock
        self._on_changed = on_changed
        self._on_believed = on_believed
        self._is_kept = True
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = AlertNews(load, unsettled.settled, tuning, health, self._hear)
        self.desk = AlertDesk(alerts, clock, keep, unsettled.note, self.publish)

    def start(self) -> None:
        """Begin to ask the database."""
        self._loop = asyncio.get_running_loop()
        self._news.start()

    async def stop(self) -> None:
        """End the thread. Safe twice, safe when never started."""
        self._loop = None
        self._tell_changed()
        await asyncio.to_thread(self._news.stop)

    def ask(self) -> None:
        """Have the database asked, because something was announced. Any thread."""
        self._news.ask()

    def set_devices(self, devices: Collection[DeviceId]) -> None:
        """Tell of the alerts of these devices from now on: of all that this station judges.

        Whoever takes devices away tells windows so itself (`Feed.release`).
        """
        before, here = self._news.devices, frozenset(devices)
        if here == before:
            return
        self._news.set_devices(here)
        self._alerts.tell_again(here - before)
        self.publish()

    def recall(self, alerts: StationAlerts) -> None:
        """Begin with what was remembered; told once `set_devices` says whose alerts are."""
        self._alerts.take(alerts, {one.device for one in (*alerts.alerts, *alerts.hidings)})

    def pass_time(self) -> None:
        """Let shelves run out; about once a second."""
        self._alerts.pass_time(self._clock.unix())
        self.publish()
        self._tell_changed()

    def publish(self) -> None:
        """Tell what changed since the last time."""
        changes, gone = self._alerts.take_changed()
        if changes or gone:
            self._is_kept = False
            shown = self._news.devices
            self._feed.publish_alerts(
                [alert for alert in changes if alert.device in shown],
                [key for key in gone if key[0] in shown],
            )

    def _tell_changed(self) -> None:
        if not self._is_kept:
            self._is_kept = True
            self._on_changed(self._alerts.remembered())

    def _hear(self, news: News) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._take, news)

    def _take(self, news: News) -> None:
        unsettled = self._unsettled.keys(news.settled)
        # Devices that were given away meanwhile are others' to tell of.
        devices = news.devices & self._news.devices
        self._alerts.take(news.alerts, devices, unsettled)
        self._on_believed(devices, unsettled)
        self.publish()
        if unsettled:
            self._news.ask()
