"""What a device reports anew of what stands: other words and a line of the journal, the same state."""

import pytest
from sqlalchemy import text

from models.queries.alerts import acknowledge, alert_history, apply_transitions
from models.queries.catalogue import current_person
from models.records.alert import AlertStatus, Transition, TransitionKind

T0 = 1_800_000_000.0 - 10 * 365 * 86400  # a fixed moment in the past


@pytest.fixture
def tell(connection, stored_threshold):
    """Tell a finding of the stored threshold, so many seconds after T0; returns how many changed."""

    def make(kind: str, seconds: float, message: str = "Hot") -> int:
        facts = (stored_threshold.device, stored_threshold.id, stored_threshold.severity)
        found = Transition(TransitionKind(kind), *facts, T0 + seconds, None, None, message)
        return apply_transitions(connection, [found])

    return make


def only(connection):
    (alert,) = alert_history(connection, 10, None)
    return alert


def lines(connection) -> list[tuple[str, str, bool]]:
    rows = connection.execute(text("SELECT kind, comment, is_annunciated FROM app.alert_events ORDER BY id"))
    return [tuple(row) for row in rows]


def test_it_changes_the_words_and_the_journal_and_asks_nobody(connection, tell) -> None:
    tell("raised", 0)
    acknowledge(connection, [only(connection).id], current_person(connection))
    assert tell("reported", 5, "Hot and 1 more") == 1
    alert = only(connection)
    assert (alert.message, alert.status, alert.cleared_at) == (
        "Hot and 1 more",
        AlertStatus.ACKNOWLEDGED,
        None,
    )
    assert lines(connection)[-1] == ("reported", "Hot and 1 more", False)
    assert alert.comments == 0


def test_told_again_or_late_it_changes_nothing(connection, tell) -> None:
    tell("raised", 0)
    tell("reported", 5, "Hot and 1 more")
    before = lines(connection)
    assert [tell("reported", 5, "again"), tell("reported", 3, "late")] == [0, 0]
    assert (lines(connection), only(connection).message) == (before, "Hot and 1 more")


def test_of_what_does_not_stand_nothing_is_reported(connection, tell) -> None:
    assert tell("reported", 0) == 0
    tell("raised", 1)
    tell("cleared", 2)
    assert tell("reported", 3, "Hot and 1 more") == 0
    assert only(connection).message == "Hot"
