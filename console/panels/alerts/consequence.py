"""What a bulk order would do, told before it is given; and what it did, told after. Pure."""

from collections.abc import Sequence
from datetime import datetime

from console.bridge.station_orders import KEPT
from console.panels.alerts.alert_rows import can_acknowledge
from console.panels.alerts.time_words import until_text
from console.panels.wording import SEVERITY_WORDS, count_text
from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import Alert, AlertOutcome, AlertStatus
from models.records.device import DeviceId
from models.records.shelf import ShelfOutcome
from models.records.threshold import Severity, ThresholdId


def acknowledgeable(alerts: Sequence[Alert]) -> list[Alert]:
    """Return those that nobody has taken note of yet."""
    return [alert for alert in alerts if can_acknowledge(alert)]


def shelvable(alerts: Sequence[Alert]) -> list[Alert]:
    """Return one alert a threshold that can be set aside: open, not on the shelf yet, its threshold known."""
    found: dict[ThresholdId, Alert] = {}
    for alert in alerts:
        is_open = alert.status is not AlertStatus.RESOLVED
        if alert.threshold is not None and is_open and state_of(alert) is not BadgeState.SHELVED:
            found.setdefault(alert.threshold, alert)
    return list(found.values())


def acknowledge_consequence(alerts: Sequence[Alert]) -> str:
    """Return one sentence on what acknowledging several alerts will change, and for whom."""
    returned = sum(state_of(alert) is BadgeState.RETURNED for alert in alerts)
    devices = len({alert.device for alert in alerts})
    kinds = ", ".join(
        f"{count} {SEVERITY_WORDS[severity].casefold()}"
        for severity in Severity
        if (count := sum(alert.severity is severity for alert in alerts))
    )
    sentence = (
        f"{count_text(len(alerts), 'alert')} ({kinds}) on {count_text(devices, 'device')} "
        "will stop flashing on every window."
    )
    if returned:
        verb = "has" if returned == 1 else "have"
        sentence += f" {returned} of them {verb} returned to normal and will be closed."
    return sentence


def line_of(alert: Alert) -> str:
    """Return an alert as a line of the list that a confirmation shows."""
    return f"{alert.severity.rank} {SEVERITY_WORDS[alert.severity]} · {alert.device_name} · {alert.message}"


def outcome_sentence(outcomes: Sequence[AlertOutcome], done: str) -> str:
    """Return what came of an order, in a sentence or two.

    Args:
        outcomes: One an alert, as the database answered, or the station of this computer.
        done: What was done where it worked, e.g. "acknowledged".
    """
    kept = f" {KEPT}" if any(outcome.text == KEPT for outcome in outcomes) else ""
    changed = sum(outcome.is_changed for outcome in outcomes)
    reasons = list(dict.fromkeys(outcome.text for outcome in outcomes if not outcome.is_changed))
    if not reasons:
        return f"{count_text(changed, 'alert')} {done}.{kept}"
    if len(outcomes) == 1:
        return reasons[0]
    rest = len(outcomes) - changed
    first = f"{changed} {done}, " if changed else ""
    return f"{first}{rest} unchanged: {' '.join(reasons[:3])}{kept}"


def shelve_consequence(alerts: Sequence[Alert]) -> str:
    """Return one sentence on what shelving changes, and for whom."""
    if len(alerts) == 1:
        return (
            f"This alert of {alerts[0].device_name} will ask nobody on any window: no horn, no flashing. "
            "It goes on being judged and recorded."
        )
    devices = len({alert.device for alert in alerts})
    return (
        f"{count_text(len(alerts), 'alert')} on {count_text(devices, 'device')} will ask nobody on any "
        "window: no horn, no flashing. They go on being judged and recorded."
    )


def shelved_sentence(outcomes: Sequence[ShelfOutcome], until: datetime, now: datetime, *, once: bool) -> str:
    """Return what came of shelving, in a sentence or two."""
    changed = sum(outcome.is_changed for outcome in outcomes)
    reasons = list(dict.fromkeys(outcome.text for outcome in outcomes if not outcome.is_changed))
    if not changed:
        return " ".join(reasons[:3])
    at_most = "until normal, at the latest" if once else "until"
    done = f"{count_text(changed, 'alert')} shelved {at_most} {until_text(until, now)}."
    return " ".join((done, *reasons[:2]))


def unshelved_sentence(asked: int, done: int) -> str:
    """Return what came of taking alerts from the shelf."""
    if not done:
        return "Nothing was on the shelf any more: somebody else, or the clock, was first."
    rest = asked - done
    sentence = f"{count_text(done, 'alert')} taken from the shelf; what still stands asks again."
    return f"{sentence} {rest} had come back already." if rest else sentence


def maintenance_consequence(names: Sequence[str], open_alerts: int) -> str:
    """Return one sentence on what putting devices into maintenance changes, and for whom."""
    subject = names[0] if len(names) == 1 else count_text(len(names), "device")
    standing = f" The {count_text(open_alerts, 'alert')} now open will be hidden." if open_alerts else ""
    return (
        f"Alerts of {subject} will ask nobody on any window while the work lasts.{standing} "
        "They go on being recorded."
    )


def maintenance_sentence(names: Sequence[str], until: datetime, now: datetime) -> str:
    """Return what came of putting devices into maintenance."""
    if not names:
        return "None of these devices exists any more."
    subject, verb = (names[0], "is") if len(names) == 1 else (count_text(len(names), "device"), "are")
    return f"{subject} {verb} in maintenance until {until_text(until, now)}."


def ended_sentence(names: Sequence[str], done: Sequence[DeviceId]) -> str:
    """Return what came of ending maintenance."""
    if not done:
        return "The maintenance had ended already: somebody else, or the clock, was first."
    subject = names[0] if len(names) == 1 else count_text(len(done), "device")
    return f"Maintenance of {subject} has ended; what still stands asks again."
