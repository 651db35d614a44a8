"""Only questions that say so go to a replica."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from console.bridge.history_place import about_the_past, answer
from console.panels.curves.history_question import HistoryQuestion
from console.panels.limits.back_test_runner import ReplayQuestion
from console.panels.reports.report_questions import AskAlarmReport, AskAvailability


@about_the_past
@dataclass(frozen=True, slots=True)
class AskPast:
    def __call__(self, connection: object) -> object:
        return connection


class FakeReplica:
    def answer(self, question, otherwise):
        del otherwise
        return question("replica")


class FakePlace:
    def __init__(self, replica: FakeReplica | None) -> None:
        self.replica = replica

    @contextmanager
    def transaction(self) -> Iterator[str]:
        yield "database"


def test_question_about_the_past_goes_to_the_replica():
    assert answer(AskPast(), FakePlace(FakeReplica())) == "replica"


def test_question_about_the_past_goes_to_the_database_where_there_is_no_replica():
    assert answer(AskPast(), FakePlace(None)) == "database"


def test_any_other_question_goes_to_the_database():
    assert answer(lambda connection: connection, FakePlace(FakeReplica())) == "database"


@pytest.mark.parametrize("kind", [HistoryQuestion, AskAlarmReport, AskAvailability, ReplayQuestion])
def test_curves_reports_and_replays_are_about_the_past(kind):
    assert kind.is_about_the_past
