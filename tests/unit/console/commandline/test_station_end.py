"""How `main.py station` ends: its exit code says whether something is lost."""

import pytest

from console.commandline import station
from console.commandline.command import CommandError
from models.records.station import StationReport


def report(database: str = "live", *, waiting: int = 0, spooled: int = 0) -> StationReport:
    return StationReport(2, 2, 9, 9, waiting, 0, 0, 9, database, 0.0, spooled=spooled)


def test_readings_on_the_disk_are_told_and_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    station._check_end(report("It does not answer.", waiting=1200, spooled=1200), is_told=False)
    assert capsys.readouterr().err == (
        "1,200 readings wait in the spool; the next start writes them: It does not answer.\n"
    )


def test_readings_that_are_nowhere_are_a_failure() -> None:
    with pytest.raises(CommandError, match="3 readings could not be written before the end"):
        station._check_end(report("It does not answer.", waiting=5, spooled=2), is_told=True)


def test_database_that_was_never_there_is_a_failure_unless_somebody_ended_the_run() -> None:
    station._check_end(report("It does not answer."), is_told=True)
    with pytest.raises(CommandError, match="could not be used"):
        station._check_end(report("It does not answer."), is_told=False)
