"""What a bulk order would do, told before it is given; and what it did, told after. Pure."""

from collections.abc import Sequence

from console.panels.alerts.alert_rows import can_acknowledge
from console.panels.wording import SEVERITY_WORDS, count_text
from console.widgets.severity_badge import BadgeState, state_of
from models.records.alert import Alert, AlertOutcome
from models.records.threshold import Severity


def acknowledgeable(alerts: Sequence[Alert]) -> list[Alert]:
    """Return those that nobody has taken note of yet."""
    return [alert for alert in alerts if can_acknowledge(alert)]


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
        outcomes: One an alert, as the database answered.
        done: What was done where it worked, e.g. "acknowledged".
    """
    changed = sum(outcome.is_changed for outcome in outcomes)
    reasons = list(dict.fromkeys(outcome.text for outcome in outcomes if not outcome.is_changed))
    if not reasons:
        return f"{count_text(changed, 'alert')} {done}."
    if len(outcomes) == 1:
        return reasons[0]
    rest = len(outcomes) - changed
    first = f"{changed} {done}, " if changed else ""
    return f"{first}{rest} unchanged: {' '.join(reasons[:3])}"
