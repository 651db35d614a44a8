"""Lines of an alert's journal in plain words. Pure."""

from console.panels.wording import value_text
from console.widgets.number_text import NO_VALUE
from models.quantities import THE_SIX, Quantities
from models.records.alert import AlertEvent, EventKind

KIND_WORDS = {
    EventKind.RAISED: "Raised",
    EventKind.CLEARED: "Returned to normal",
    EventKind.REOCCURRED: "Raised again",
    EventKind.REALARMED: "Asked again",
    EventKind.ACKNOWLEDGED: "Acknowledged",
    EventKind.RESOLVED: "Resolved",
    EventKind.COMMENTED: "Commented",
    EventKind.SHELVED: "Shelved",
    EventKind.UNSHELVED: "Taken from the shelf",
    EventKind.SUPPRESSED: "Suppressed",
    EventKind.UNSUPPRESSED: "No longer suppressed",
    EventKind.REPORTED: "Reported anew",
}


def who_text(event: AlertEvent) -> str:
    """Return who did it, or which station found it; a dash where time brought it."""
    if event.person:
        return event.person
    return event.station or NO_VALUE


def done_text(event: AlertEvent) -> str:
    """Return what happened, and that it asked nobody where it might have."""
    may_ask = event.kind in (EventKind.RAISED, EventKind.REOCCURRED, EventKind.REALARMED)
    return (
        f"{KIND_WORDS[event.kind]}, hidden"
        if may_ask and not event.is_annunciated
        else KIND_WORDS[event.kind]
    )


def event_value_text(event: AlertEvent, metric: str | None, quantities: Quantities = THE_SIX) -> str:
    """Return the value an event is about with its unit; empty where it is about none."""
    if event.value is None:
        return ""
    quantity = quantities.find(metric or "")
    return f"{event.value:g}" if quantity is None else value_text(quantity, event.value)


def story_line(event: AlertEvent, metric: str | None, quantities: Quantities = THE_SIX) -> str:
    """Return an event as one line of an alert's own journal: what, the value, who, from where, the words."""
    value = event_value_text(event, metric, quantities)
    first = f"{done_text(event)} at {value}" if value else done_text(event)
    if event.person:
        at = f" at {event.workstation}" if event.workstation else ""
        first = f"{first} by {event.person}{at}"
    elif event.station:
        first = f"{first} (station {event.station})"
    return f"{first}: “{event.comment}”" if event.comment else first
