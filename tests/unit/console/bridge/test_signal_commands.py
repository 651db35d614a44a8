"""Signals added, changed and removed by commands of a window, on a real database."""

from dataclasses import replace

import pytest

from console.bridge.signal_commands import AddSignal, AskSignalUses, ChangeSignal, RemoveSignal
from models.errors import AlreadyDone
from models.queries.signals import load_signals
from models.records.person import Person, Role
from models.records.signal import Signal, SignalUses

EVA = Person(1, "Eva Lind", "eva@example.org", Role.ADMIN)
FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0))


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


@pytest.fixture
def stored(connection) -> Signal:
    AddSignal(FLOW).apply(connection, EVA)
    (signal,) = load_signals(connection)
    return signal


def test_a_signal_is_changed_as_the_person_saw_it(connection, stored):
    wanted = replace(stored, unit="l/min", states=((0, "None"),))
    ChangeSignal(stored, wanted).apply(connection, EVA)
    assert load_signals(connection) == [wanted]


def test_somebody_elses_change_is_not_overwritten(connection, stored):
    ChangeSignal(stored, replace(stored, label="Feed")).apply(connection, EVA)
    with pytest.raises(AlreadyDone, match="Feed was changed by somebody else meanwhile"):
        ChangeSignal(stored, replace(stored, unit="l/min")).apply(connection, EVA)


def test_a_signal_that_nothing_uses_is_removed(connection, stored):
    uses = AskSignalUses(stored.key)(connection)
    RemoveSignal(stored.key).apply(connection, EVA)
    assert (uses, load_signals(connection)) == (SignalUses(), [])
