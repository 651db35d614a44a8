"""The open alerts of the devices this station polls, as windows are shown them, database or not.

Beside step ④: what the station finds, what people acknowledge here, and what time brings is applied by the
machine of `models/alarm_states.py`, the same as the database's; what the database says replaces it, but for
alerts of which it has not heard the station's latest. Used from the event loop only.
"""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from models.alarm_states import AlarmEvent, AlarmFacts, Step, step
from models.records.alert import OpenEpisode, Transition, TransitionKind
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.station_alert import Hiding, StationAlert, StationAlerts
from models.records.threshold import RuleKind, Threshold, ThresholdId

AlertKey = tuple[DeviceId, ThresholdId]

_LENIENCE_S = 2.0
"""The database lets shelves run out itself, a second late at most; it must not be contradicted meanwhile."""
_ELSEWHERE = (HiddenBy.UPDATE, HiddenBy.PARENT)


class AlertList:
    """Open alerts by device and threshold, and what is set aside. Keeps what changed until it is taken."""

    def __init__(self) -> None:
        """Begin empty."""
        self._alerts: dict[AlertKey, StationAlert] = {}
        self._shelves: dict[AlertKey, Hiding] = {}
        self._maintenance: dict[DeviceId, Hiding] = {}
        self._thresholds: dict[ThresholdId, Threshold] = {}
        self._changed: set[AlertKey] = set()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._alerts)

    def alert(self, key: AlertKey) -> StationAlert | None:
        """Return an open alert; None where there is none."""
        return self._alerts.get(key)

    def episodes(self, devices: Collection[DeviceId]) -> list[OpenEpisode]:
        """Return what is open of some devices, as a station takes it over."""
        return [
            OpenEpisode(threshold, device, alert.triggered_unix, is_cleared=alert.cleared_unix is not None)
            for (device, threshold), alert in self._alerts.items()
            if device in devices
        ]

    def facts(self, key: AlertKey) -> AlarmFacts:
        """Return what is known of an alarm, as its machine knows it."""
        alert, shelf = self._alerts.get(key), self._shelves.get(key)
        threshold = self._thresholds.get(key[1])
        latches = threshold is not None and threshold.is_latching
        return AlarmFacts(
            is_latching=latches if alert is None else alert.is_latching,
            is_open=alert is not None,
            is_standing=alert is not None and alert.cleared_unix is None,
            is_acknowledged=alert is not None and alert.acknowledged_unix is not None,
            is_shelved=shelf is not None,
            is_one_shot=shelf is not None and shelf.is_one_shot,
            is_suppressed=key[0] in self._maintenance
            or (alert is not None and alert.hidden_by in _ELSEWHERE),
        )

    def describe(self, thresholds: Iterable[Threshold]) -> None:
        """Take the thresholds that there are now: what alerts found from now on are about."""
        self._thresholds = {threshold.id: threshold for threshold in thresholds}

    def admit(self, transitions: Iterable[Transition]) -> None:
        """Take what the alert book let through."""
        for found in transitions:
            key = (found.device, found.threshold)
            if found.kind is TransitionKind.CLEARED:
                self._happen(key, AlarmEvent.CLEARED, found.at_unix)
            elif found.kind is TransitionKind.REPORTED:
                alert = self._alerts.get(key)
                if alert is not None:
                    self._put(key, replace(alert, message=found.message))
            else:
                self._happen(key, AlarmEvent.RAISED, found.at_unix, found)

    def acknowledge(self, key: AlertKey, at_unix: float, by: str) -> bool:
        """Note that somebody took note of an alert; returns whether that changed anything."""
        return self._happen(key, AlarmEvent.ACKNOWLEDGED, at_unix, by=by)

    def pass_time(self, now_unix: float) -> None:
        """End what has run out, and ask again of what was acknowledged long ago; about once a second."""
        past_unix = now_unix - _LENIENCE_S
        for key in [key for key, shelf in self._shelves.items() if shelf.until_unix <= past_unix]:
            if not self._happen(key, AlarmEvent.UNSHELVED, now_unix):
                self._shelves.pop(key, None)
        for device in [one for one, work in self._maintenance.items() if work.until_unix <= past_unix]:
            for key in [key for key in self._alerts if key[0] == device]:
                self._happen(key, AlarmEvent.UNSUPPRESSED, now_unix)
            del self._maintenance[device]
        for key in [key for key, alert in self._alerts.items() if self._is_due(alert, past_unix)]:
            self._happen(key, AlarmEvent.REALARM_DUE, now_unix)

    def take(
        self, known: StationAlerts, devices: Collection[DeviceId], unsettled: Collection[AlertKey] = ()
    ) -> None:
        """Believe the database.

        Args:
            known: What it said.
            devices: Of which it was asked; alerts of others stay as they are.
            unsettled: Alerts of which it may not have heard the latest; they stay as they are, too.
        """
        alerts = {(one.device, one.threshold): one for one in known.alerts}
        for key in self._alerts.keys() | alerts.keys():
            if key[0] in devices and key not in unsettled:
                self._put(key, alerts.get(key))
        shelves = {(one.device, one.threshold): one for one in known.hidings if one.threshold is not None}
        for key in self._shelves.keys() | shelves.keys():
            if key[0] in devices and key not in unsettled:
                if key in shelves:
                    self._shelves[key] = shelves[key]
                else:
                    del self._shelves[key]
        others = {device: work for device, work in self._maintenance.items() if device not in devices}
        works = {one.device: one for one in known.hidings if one.threshold is None and one.device in devices}
        self._maintenance = others | works

    def release(self, devices: Collection[DeviceId]) -> None:
        """Forget devices that another station polls from now on."""
        for key in [key for key in self._alerts if key[0] in devices]:
            self._put(key, None)
        self._shelves = {key: shelf for key, shelf in self._shelves.items() if key[0] not in devices}
        self._maintenance = {one: work for one, work in self._maintenance.items() if one not in devices}

    def tell_again(self, devices: Collection[DeviceId]) -> None:
        """Count all alerts of these devices as changed."""
        self._changed |= {key for key in self._alerts if key[0] in devices}

    def take_changed(self) -> tuple[list[StationAlert], list[AlertKey]]:
        """Return the alerts that changed since this was last asked, and those that are over."""
        changed, self._changed = self._changed, set()
        here = [alert for key in changed if (alert := self._alerts.get(key)) is not None]
        return here, [key for key in changed if key not in self._alerts]

    def remembered(self) -> StationAlerts:
        """Return everything, to be taken again after a restart."""
        return StationAlerts(
            tuple(self._alerts.values()), (*self._shelves.values(), *self._maintenance.values())
        )

    def _happen(
        self, key: AlertKey, event: AlarmEvent, at_unix: float, found: Transition | None = None, by: str = ""
    ) -> bool:
        """Let the machine take one step; returns whether it did.

        Args:
            found: What began, of RAISED.
            by: Who acknowledged, of ACKNOWLEDGED.
        """
        before = self.facts(key)
        done = step(before, event)
        if done.facts == before:
            return False
        if before.is_shelved and not done.facts.is_shelved:
            del self._shelves[key]
        alert = self._alerts.get(key)
        if found is not None:
            alert = self._begun(found, alert)
        if alert is not None:
            self._put(key, self._after(alert, done, at_unix, by) if done.facts.is_open else None)
        return True

    def _begun(self, found: Transition, before: StationAlert | None) -> StationAlert:
        """Return the alert that a finding begins, or begins again."""
        told = StationAlert(
            device=found.device,
            threshold=found.threshold,
            metric=None,
            rule=RuleKind.LIMIT,
            severity=found.severity,
            message=found.message,
            triggered_unix=found.at_unix,
            value=found.value,
            limit=found.limit,
        )
        if before is not None:
            return replace(
                before,
                severity=told.severity,
                message=told.message,
                value=told.value,
                limit=told.limit,
            )
        threshold = self._thresholds.get(found.threshold)
        if threshold is None:
            return told
        return replace(
            told,
            metric=threshold.metric,
            rule=threshold.rule,
            is_latching=threshold.is_latching,
            requires_comment=threshold.requires_comment,
        )

    def _after(self, alert: StationAlert, done: Step, at_unix: float, by: str) -> StationAlert:
        """Return an open alert after a step of its machine."""
        facts = done.facts
        noted_unix, noted_by = alert.acknowledged_unix, alert.acknowledged_by
        if not facts.is_acknowledged:
            noted_unix, noted_by = None, ""
        elif noted_unix is None:
            noted_unix, noted_by = at_unix, by
        return replace(
            alert,
            cleared_unix=None if facts.is_standing else alert.cleared_unix or at_unix,
            acknowledged_unix=noted_unix,
            acknowledged_by=noted_by,
            annunciated_unix=at_unix if done.annunciates else alert.annunciated_unix,
            hidden_by=self._hiding(alert, facts),
        )

    def _hiding(self, alert: StationAlert, facts: AlarmFacts) -> HiddenBy:
        if facts.is_shelved:
            return HiddenBy.SHELF
        if not facts.is_suppressed:
            return HiddenBy.NOTHING
        return HiddenBy.MAINTENANCE if alert.device in self._maintenance else alert.hidden_by

    def _put(self, key: AlertKey, alert: StationAlert | None) -> None:
        if self._alerts.get(key) == alert:
            return
        self._changed.add(key)
        if alert is None:
            del self._alerts[key]
        else:
            self._alerts[key] = alert

    def _is_due(self, alert: StationAlert, now_unix: float) -> bool:
        threshold = self._thresholds.get(alert.threshold)
        if threshold is None or threshold.realarm_s is None or alert.acknowledged_unix is None:
            return False
        return alert.acknowledged_unix + threshold.realarm_s <= now_unix
