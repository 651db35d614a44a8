"""What the program finds for a handover: everything about one shift that the next must know."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models import handover_words as words
from models.handover_words import Clock, LimitChange
from models.quantities import Quantities
from models.queries.alarm_load import load_alarm_load
from models.queries.alarm_settings import load_alarm_settings
from models.queries.alert_stories import people_names
from models.queries.alerts import open_alerts
from models.queries.audit import audit_page
from models.queries.availability import load_outages
from models.queries.catalogue import current_person, load_devices, load_thresholds
from models.queries.shelves import open_maintenance, open_shelves
from models.queries.signals import load_quantities
from models.records.audit import AuditEntry, AuditFilter, AuditOperation
from models.records.device import DeviceStatus
from models.records.handover import HandoverDraft, HandoverSection, SectionKey, ShiftSpan
from models.records.person import Role
from models.records.threshold import Threshold, ThresholdId
from models.site_zone import zone_of
from models.threshold_words import metric_label, threshold_words

_CHANGED = text(
    # Whoever changed one that is new in this shift did not add it.
    "SELECT t.id, t.updated_at, t.created_at >= :since AND t.updated_at = t.created_at AS is_new, "
    "  p.name AS person "
    "FROM app.alert_thresholds AS t LEFT JOIN app.persons AS p ON p.id = coalesce(t.changed_by, t.user_id) "
    "WHERE t.updated_at >= :since AND t.updated_at < :until ORDER BY t.updated_at, t.id"
)
_COMMENTS = text(
    "SELECT e.at, p.name AS person, d.name AS device, e.comment FROM app.alert_events AS e "
    "JOIN app.devices AS d ON d.id = e.device_id JOIN app.persons AS p ON p.id = e.user_id "
    "WHERE e.at >= :since AND e.at < :until AND e.user_id IS NOT NULL AND e.comment <> '' "
    "  AND e.kind IN ('commented', 'acknowledged', 'resolved') ORDER BY e.at, e.id"
)
_MOST_CHANGES = 500
_GONE = "a device that is gone"
_SHOWN_COLUMNS = {
    "min_value": "lower limit",
    "max_value": "upper limit",
    "deadband": "deadband",
    "on_delay_s": "on-delay",
    "off_delay_s": "off-delay",
    "severity": "severity",
    "enabled": "in service",
    "amount": "amount",
    "latching": "latching",
    "realarm_s": "re-alarm",
    "rule": "rule",
}


def draft_handover(conn: Connection, shift: ShiftSpan, now: datetime) -> HandoverDraft:
    """Return what a shift hands over; what is open, shelved or in maintenance is so at `now`.

    Args:
        conn: Of a person; what they may not see is not in it.
        shift: Which.
        now: Timezone-aware; the database's clock at best.
    """
    settings = load_alarm_settings(conn)
    clock = Clock(now, zone_of(settings.time_zone))
    until = min(shift.ends_at, now)
    devices = {device.id: device for device in load_devices(conn)}
    names = {int(id): device.name for id, device in devices.items()}
    thresholds = {threshold.id: threshold for threshold in load_thresholds(conn)}
    quantities = load_quantities(conn)
    persons = dict(people_names(conn))
    outages: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for outage in load_outages(conn, shift.began_at, until):
        outages.setdefault(outage.device_name, []).append((outage.since, outage.until))
    silent = [
        f"{device.name}: {device.status.value} now: {device.status_detail}"
        for device in devices.values()
        if device.status is not DeviceStatus.ONLINE and device.status_detail
    ]
    found = {
        SectionKey.OPEN: words.open_lines(open_alerts(conn), clock),
        SectionKey.SHELVED: words.shelved_lines(open_shelves(conn), thresholds, clock, quantities),
        SectionKey.OUT_OF_SERVICE: words.out_of_service_lines(
            list(thresholds.values()), names, persons, clock, quantities
        ),
        SectionKey.MAINTENANCE: words.maintenance_lines(open_maintenance(conn), clock),
        SectionKey.LIMITS: _limit_lines(conn, shift.began_at, until, thresholds, names, clock, quantities),
        SectionKey.OUTAGES: words.cut(
            [*words.outage_lines(outages, clock, until), *silent], "devices with outages"
        ),
        SectionKey.FIGURES: words.figure_lines(load_alarm_load(conn, shift.began_at, until)),
        SectionKey.COMMENTS: words.cut(
            [
                f"{clock.time(row.at)} {row.person}, on {row.device}: {' '.join(row.comment.split())}"
                for row in conn.execute(_COMMENTS, {"since": shift.began_at, "until": until})
            ],
            "comments",
        ),
    }
    sections = (HandoverSection(key, tuple(found.get(key, ()))) for key in SectionKey)
    return HandoverDraft(shift, now, tuple(sections))


def _limit_lines(
    conn: Connection,
    since: datetime,
    until: datetime,
    thresholds: Mapping[ThresholdId, Threshold],
    names: Mapping[int, str],
    clock: Clock,
    quantities: Quantities,
) -> list[str]:
    """Tell what changed, with before and after for administrators, who alone may read the audit trail."""
    if current_person(conn).role is Role.ADMIN:
        chosen = AuditFilter(since=since, until=until, table="alert_thresholds")
        entries = reversed(audit_page(conn, chosen, _MOST_CHANGES))
        found = (_change(entry, thresholds, names, quantities) for entry in entries)
        return words.limit_lines([change for change in found if change is not None], clock)
    changes: list[LimitChange] = []
    for row in conn.execute(_CHANGED, {"since": since, "until": until}):
        threshold = thresholds.get(ThresholdId(row.id))
        if threshold is not None:
            what = "added" if row.is_new else "changed"
            device = names.get(int(threshold.device), _GONE)
            changes.append(
                LimitChange(
                    row.updated_at,
                    row.person or "somebody",
                    device,
                    threshold_words(threshold, quantities),
                    what,
                )
            )
    return words.limit_lines(changes, clock)


def _change(
    entry: AuditEntry,
    thresholds: Mapping[ThresholdId, Threshold],
    names: Mapping[int, str],
    quantities: Quantities,
) -> LimitChange | None:
    """Read a line of the audit trail; None where nothing changed that a shift must know."""
    threshold = thresholds.get(ThresholdId(int(entry.key))) if entry.key.isdigit() else None
    row = entry.before or entry.after
    number = int(threshold.device) if threshold else int(str(row.get("device_id") or 0))
    label = (
        threshold_words(threshold, quantities)
        if threshold
        else f"{metric_label(str(row.get('metric_type', '')), quantities)} limit"
    )
    if entry.operation is AuditOperation.ADDED:
        what = "added"
    elif entry.operation is AuditOperation.REMOVED:
        what = "removed"
    else:
        what = ", ".join(
            f"{_SHOWN_COLUMNS[change.column]} {change.before or 'none'} → {change.after or 'none'}"
            for change in entry.changes
            if change.column in _SHOWN_COLUMNS
        )
    return LimitChange(entry.at, entry.who, names.get(number, _GONE), label, what) if what else None
