"""What can be done to alerts by their numbers: acknowledge, resolve, comment."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from console.settings import Settings
from console.storage import open_storage
from models.queries.alerts import acknowledge, comment, resolve
from models.queries.catalogue import current_person
from models.records.alert import AlertId, AlertOutcome


@dataclass(frozen=True, slots=True)
class Act:
    """One sub-command.

    Attributes:
        do: Returns one outcome an alert, in the order given.
    """

    summary: str
    example: str
    do: Callable[[Connection, Sequence[AlertId], str], list[AlertOutcome]]
    needs_comment: bool = False


def act(options: argparse.Namespace, settings: Settings) -> int:
    """Do it to each; 1 where something stayed as it was, whose reason is then told on stderr."""
    alerts = [AlertId(number) for number in dict.fromkeys(options.id)]
    with (
        open_storage(settings, f"console alerts {options.action}") as database,
        database.transaction() as connection,
    ):
        outcomes = ACTS[options.action].do(connection, alerts, options.comment)
    return told([(outcome.is_changed, f"{outcome.alert}: {outcome.text}") for outcome in outcomes])


def told(outcomes: Sequence[tuple[bool, str]]) -> int:
    """Print what came of each; return the exit code: 1 where something stayed as it was, told on stderr."""
    for is_changed, text in outcomes:
        print(text, file=sys.stdout if is_changed else sys.stderr)
    return 0 if all(is_changed for is_changed, _text in outcomes) else 1


def _acknowledge(connection: Connection, alerts: Sequence[AlertId], words: str) -> list[AlertOutcome]:
    return acknowledge(connection, alerts, current_person(connection), words)


def _resolve(connection: Connection, alerts: Sequence[AlertId], words: str) -> list[AlertOutcome]:
    return resolve(connection, alerts, current_person(connection), words)


def _comment(connection: Connection, alerts: Sequence[AlertId], words: str) -> list[AlertOutcome]:
    known = set(comment(connection, alerts, words))
    return [
        AlertOutcome(
            alert, alert in known, "Commented." if alert in known else f"Alert {alert} does not exist."
        )
        for alert in alerts
    ]


ACTS = {
    "acknowledge": Act(
        "take note of alerts, for everybody",
        'acknowledge 4711 4712 --comment "fan is being changed"',
        _acknowledge,
    ),
    "resolve": Act("close alerts whose value has returned; of latched ones: reset", "resolve 4711", _resolve),
    "comment": Act(
        "write words into the journal of alerts",
        'comment 4711 --comment "smells hot"',
        _comment,
        needs_comment=True,
    ),
}
