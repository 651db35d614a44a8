"""What the station of this computer tells of open alerts, as the records that windows show. Pure.

An episode that began while the database was away has no number yet. It gets one below zero, always the same
for the same device, threshold and beginning, so that banner, horn and lists can follow it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from console.bridge.catalogue import Catalogue
from console.bridge.open_alerts import order_of
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.station_alert import StationAlert

SAME_MOMENT = timedelta(seconds=2)
"""The database dates a finding just after the one before it: so far apart may one moment be told."""

AlertKey = tuple[int, int]
"""Device and threshold: no two open episodes share them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An acknowledgement that the station keeps until the database is back.

    Attributes:
        name: Whose.
        at: When, by this computer's clock.
        asked_at: When the alert had asked for it, by the site's clock; what asks later is not meant.
    """

    name: str
    at: datetime
    asked_at: datetime


def asked_at(alert: Alert) -> datetime:
    """Return when an alert asked for an operator last; one that never did: when it began."""
    return alert.annunciated_at or alert.triggered_at


Memo = dict[AlertKey, tuple[Alert | None, StationAlert, Alert]]
"""By key: the record listed (None: none was) and the one told, and what came of both."""


def key_of(alert: Alert) -> AlertKey | None:
    """Return device and threshold of an alert; None where its threshold was removed."""
    return None if alert.threshold is None else (alert.device, alert.threshold)


def provisional_id(alert: StationAlert) -> AlertId:
    """Return a number below zero: the same for the same device, threshold and beginning, on every window."""
    words = f"{alert.device}:{alert.threshold}:{alert.triggered_unix:.3f}"
    # Six bytes, because numbers travel through Qt and JSON, too.
    return AlertId(-1 - int.from_bytes(blake2b(words.encode(), digest_size=6).digest()))


def merged(
    listed: Sequence[Alert],
    told: Mapping[AlertKey, StationAlert],
    polled: Collection[int],
    catalogue: Catalogue,
    memo: Memo | None = None,
) -> tuple[Alert, ...]:
    """Return what is open: of devices polled here as the station tells, of all others as last heard.

    Args:
        listed: As the database listed it last, or as it was shown last.
        told: By the station, everything that is open on the devices it polls.
        polled: Devices of which the station tells, by `devices.id`.
        catalogue: Where devices have their names.
        memo: What came of the same records before, brought up to date: in a flood thousands are the same
            again. It belongs to one catalogue.

    Returns:
        Worst first, then newest. What did not change is the same object as in `listed`.
    """
    alerts: list[Alert] = []
    met: set[AlertKey] = set()
    memo = {} if memo is None else memo
    for alert in listed:
        key = key_of(alert)
        if key is None or alert.device not in polled:
            alerts.append(alert)
        elif (one := told.get(key)) is not None:
            came = memo.get(key)
            if came is not None and came[0] is alert and came[1] is one:
                met.add(key)
                alerts.append(came[2])
            elif is_same_episode(alert, one):
                met.add(key)
                memo[key] = (alert, one, _updated(alert, one))
                alerts.append(memo[key][2])
    for key, one in told.items():
        if key not in met and key[0] in polled:
            came = memo.get(key)
            if came is None or came[0] is not None or came[1] is not one:
                memo[key] = came = (None, one, _begun(one, catalogue))
            alerts.append(came[2])
    return tuple(sorted(alerts, key=order_of))


def with_kept(alerts: Iterable[Alert], kept: Mapping[AlertKey, Kept]) -> tuple[Alert, ...]:
    """Return alerts as they are once what was acknowledged here counts; what is over by that is left out."""
    if not kept:
        return tuple(alerts)
    applied = (_noted(alert, kept.get(key_of(alert) or (0, 0))) for alert in alerts)
    return tuple(alert for alert in applied if alert is not None)


def is_same_episode(alert: Alert, told: StationAlert) -> bool:
    """Whether both are the same life of an alert: it began at the same moment."""
    return abs(alert.triggered_at - _moment(told.triggered_unix)) <= SAME_MOMENT


def _updated(alert: Alert, told: StationAlert) -> Alert:
    changed = replace(
        alert,
        severity=told.severity,
        message=told.message,
        cleared_at=_same(alert.cleared_at, told.cleared_unix),
        value_at_trigger=told.value,
        limit_at_trigger=told.limit,
        hidden_by=told.hidden_by,
        annunciated_at=_same(alert.annunciated_at, told.annunciated_unix),
        is_latching=told.is_latching,
        requires_comment=told.requires_comment,
    )
    if told.acknowledged_unix is not None:
        changed = replace(
            changed,
            status=AlertStatus.ACKNOWLEDGED,
            acknowledged_at=_same(alert.acknowledged_at, told.acknowledged_unix),
            acknowledged_by=told.acknowledged_by or alert.acknowledged_by,
        )
    elif alert.acknowledged_at is not None and asked_at(changed) > alert.acknowledged_at:
        # It asked anew since. Otherwise somebody acknowledged it of whom the station has not heard.
        changed = replace(changed, status=AlertStatus.ACTIVE, acknowledged_at=None, acknowledged_by=None)
    return alert if changed == alert else changed


def _begun(told: StationAlert, catalogue: Catalogue) -> Alert:
    device = catalogue.device(told.device)
    is_acknowledged = told.acknowledged_unix is not None
    return Alert(
        id=provisional_id(told),
        device=told.device,
        device_name=f"device {told.device}" if device is None else device.name,
        location="" if device is None else device.location,
        threshold=told.threshold,
        user_id=None if device is None else device.user_id,
        user_email=None,
        metric=told.metric,
        severity=told.severity,
        message=told.message,
        status=AlertStatus.ACKNOWLEDGED if is_acknowledged else AlertStatus.ACTIVE,
        triggered_at=_moment(told.triggered_unix),
        acknowledged_at=_same(None, told.acknowledged_unix),
        acknowledged_by=told.acknowledged_by or None,
        cleared_at=_same(None, told.cleared_unix),
        resolved_at=None,
        value_at_trigger=told.value,
        limit_at_trigger=told.limit,
        rule=told.rule,
        is_latching=told.is_latching,
        hidden_by=told.hidden_by,
        requires_comment=told.requires_comment,
        annunciated_at=_same(None, told.annunciated_unix),
    )


def _noted(alert: Alert, kept: Kept | None) -> Alert | None:
    if kept is None or alert.status is not AlertStatus.ACTIVE:
        return alert
    if asked_at(alert) > kept.asked_at + SAME_MOMENT:
        return alert
    if not alert.is_standing and not alert.is_latching:
        return None
    return replace(alert, status=AlertStatus.ACKNOWLEDGED, acknowledged_at=kept.at, acknowledged_by=kept.name)


def _same(known: datetime | None, told_unix: float | None) -> datetime | None:
    """Return the moment told; the known one where it is the same, so that nothing looks changed."""
    if told_unix is None:
        return None
    told = _moment(told_unix)
    return known if known is not None and abs(known - told) <= SAME_MOMENT else told


def _moment(unix: float) -> datetime:
    return datetime.fromtimestamp(unix, UTC)
