"""The station says in time that its own certificate runs out."""

from datetime import UTC, datetime, timedelta

import pytest

from console.station.papers_watch import LOOK_S, PapersWatch
from drivers.opcua.own_certificate import VALID_FOR, existing, renew
from models.records.station import ConditionKind


class HandClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def unix(self) -> float:
        return self.now_s

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def sentences(watch: PapersWatch) -> list[str]:
    watch.look()
    return [condition.sentence for condition in watch.conditions()]


def test_a_certificate_that_runs_out_soon_is_told_until_there_is_another(tmp_path, clock) -> None:
    renew(tmp_path, datetime.now(UTC) - VALID_FOR + timedelta(days=20))
    watch = PapersWatch(tmp_path, clock)
    (told,) = sentences(watch)
    assert told.startswith("This station's certificate for OPC UA runs out on ")
    assert watch.conditions()[0].kind is ConditionKind.OWN_CERTIFICATE
    renew(tmp_path)
    clock.now_s += LOOK_S - 1
    assert sentences(watch) == [told]
    clock.now_s += 2
    assert sentences(watch) == []


def test_a_certificate_that_cannot_be_read_is_told(tmp_path, clock) -> None:
    (tmp_path / "opcua-station.pem").write_text("nonsense")
    (tmp_path / "opcua-station.key").write_text("nonsense")
    (told,) = sentences(PapersWatch(tmp_path, clock))
    assert "cannot be read" in told


def test_without_a_certificate_there_is_nothing_to_tell(tmp_path, clock) -> None:
    assert sentences(PapersWatch(tmp_path, clock)) == []
    assert sentences(PapersWatch(tmp_path / "absent", clock)) == []
    assert existing(tmp_path) is None
