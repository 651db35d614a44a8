"""Which alerts are open now: as the database lists them; while it is away, also as the station tells.

    database live                  →  its list
    database away                  →  its last list, with what the station tells of devices polled here
    back, station still delivering →  the new list, with what it does not hold yet; until both agree

The last step is why nothing flickers or sounds twice when the database is back: the list is asked for at
once, and what the station has kept meanwhile arrives there some seconds later. No Qt; one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime

from console.bridge.catalogue import Catalogue
from console.bridge.station_alerts import (
    AlertKey,
    Kept,
    Memo,
    asked_at,
    is_same_episode,
    key_of,
    merged,
    with_kept,
)
from console.link.messages import AlertChanges
from models.records.alert import Alert, AlertStatus
from models.records.station_alert import StationAlert

AGREED_WITHIN_S = 10.0
"""Once everything the station kept is stored, its list and the database's agree, or the database declined
something: then what it says counts."""


class AlertKeeper:
    """`now` returns Unix seconds. `shown` is what `Bridge.alerts` holds, after every call."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._listed: tuple[Alert, ...] = ()
        self._told: dict[AlertKey, StationAlert] = {}
        self._has_told_all = False
        self._polled: Collection[int] = ()
        self._catalogue = Catalogue()
        self._memo: Memo = {}
        self._kept: dict[AlertKey, Kept] = {}
        self._is_overlaid = False
        self._agreed_by_unix: float | None = None
        self.shown: tuple[Alert, ...] = ()

    @property
    def is_overlaid(self) -> bool:
        """Whether what is shown is more than the database's list."""
        return self._is_overlaid

    def use(self, catalogue: Catalogue, polled: Collection[int]) -> None:
        """Know the devices by name, and which of them the station polls: a collection that may change."""
        if catalogue is not self._catalogue:
            self._memo = {}
        self._catalogue, self._polled = catalogue, polled
        self._show()

    def take_list(self, alerts: tuple[Alert, ...]) -> None:
        """Take the database's list."""
        deadline = self._agreed_by_unix
        if deadline is not None and (self._now() > deadline or self._is_agreed(alerts)):
            self._is_overlaid, self._agreed_by_unix = False, None
            self._kept.clear()
        # Also where the station does not tell at the moment: it is connected to anew after a sign-in.
        unlisted = self._unlisted(alerts) if self._is_overlaid else ()
        self._listed = (*alerts, *unlisted)
        self._show()

    def take_changes(self, message: AlertChanges) -> None:
        """Take what the station tells of open alerts."""
        if message.is_all:
            self._told.clear()
            self._has_told_all = True
        for key in message.gone:
            self._told.pop((key[0], key[1]), None)
        self._told.update({(each.device, each.threshold): each for each in message.changes})
        self._show()

    def release(self, devices: Iterable[int]) -> None:
        """The station polls these no more: what was heard of them stays. Call before `polled` changes."""
        released = frozenset(devices)
        self._freeze()
        self._told = {key: each for key, each in self._told.items() if key[0] not in released}

    def forget_station(self) -> None:
        """The station talks no more: what it told last stays. Call before `polled` changes."""
        self._freeze()
        self._told.clear()
        self._has_told_all = False

    def keep(self, keys: Iterable[AlertKey], name: str) -> None:
        """The station keeps that a person of this name took note of alerts just now."""
        at = datetime.fromtimestamp(self._now(), UTC)
        wanted = set(keys)
        for alert in self.shown:
            key = key_of(alert)
            if key in wanted:
                self._kept[key] = Kept(name, at, asked_at(alert))
        self._show()

    def follow(self, *, is_away: bool, is_delivered: bool) -> None:
        """Hear how the database is doing.

        Args:
            is_away: This window or the station does not reach it.
            is_delivered: The station keeps nothing back for it.
        """
        if is_away:
            self._agreed_by_unix = None
            if not self._is_overlaid:
                self._is_overlaid = True
                self._show()
        elif self._is_overlaid and (self._agreed_by_unix is None or not is_delivered):
            self._agreed_by_unix = self._now() + AGREED_WITHIN_S

    def _unlisted(self, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
        """Return what is shown, has no number from the database yet, and is not among these."""
        listed = {key_of(alert) for alert in alerts}
        return tuple(alert for alert in self.shown if alert.id < 0 and key_of(alert) not in listed)

    def _is_agreed(self, alerts: Sequence[Alert]) -> bool:
        """Whether the database's list holds whatever the station told and kept."""
        by_key = {key_of(alert): alert for alert in alerts}
        told = [each for key, each in self._told.items() if key[0] in self._polled]
        are_listed = all(
            (alert := by_key.get((each.device, each.threshold))) is not None and is_same_episode(alert, each)
            for each in told
        )
        waiting = {key for key, alert in by_key.items() if alert.status is AlertStatus.ACTIVE}
        return are_listed and not self._unlisted(alerts) and not waiting & self._kept.keys()

    def _freeze(self) -> None:
        if self._is_overlaid:
            self._listed = self.shown

    def _show(self) -> None:
        if not self._is_overlaid:
            self._memo.clear()
            self.shown = self._listed
            return
        polled = self._polled if self._has_told_all else ()
        whole = merged(self._listed, self._told, polled, self._catalogue, self._memo)
        self.shown = with_kept(whole, self._kept)
