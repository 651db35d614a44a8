import pytest

from console.station.leasing.evidence import Evidence
from console.station.leasing.witness import EVIDENCE_S, Heard, Outcome
from models.records.lease import Peer

NORTH, SOUTH = Peer(2, "North", "n:1"), Peer(3, "South", "s:1")


@pytest.fixture
def evidence() -> Evidence:
    evidence = Evidence()
    evidence.set_peers([NORTH, SOUTH])
    return evidence


def heard(**outcomes: Outcome) -> dict[int, Heard]:
    return {{"north": 2, "south": 3}[name]: Heard(outcome) for name, outcome in outcomes.items()}


def test_alone_a_station_needs_no_proof():
    assert Evidence().allows(0.0)


def test_every_station_must_prove_that_the_database_is_away_for_it(evidence: Evidence) -> None:
    evidence.take(heard(north=Outcome.AWAY, south=Outcome.NOTHING), 10.0)
    assert not evidence.allows(10.0)
    evidence.take(heard(north=Outcome.AWAY, south=Outcome.AWAY), 10.5)
    assert evidence.allows(10.5)


@pytest.mark.parametrize("outcome", [Outcome.LIVE, Outcome.NOTHING, Outcome.REFUSED])
def test_anything_else_is_no_proof(evidence: Evidence, outcome: Outcome) -> None:
    evidence.take(heard(north=Outcome.AWAY, south=outcome), 10.0)
    assert not evidence.allows(10.0)


def test_proof_grows_old(evidence: Evidence) -> None:
    evidence.take(heard(north=Outcome.AWAY, south=Outcome.AWAY), 10.0)
    assert evidence.allows(10.0 + EVIDENCE_S - 0.01)
    assert not evidence.allows(10.0 + EVIDENCE_S)


def test_refusal_counts_where_the_station_was_heard_before(evidence: Evidence) -> None:
    evidence.take(heard(north=Outcome.LIVE, south=Outcome.LIVE), 1.0)
    evidence.take(heard(north=Outcome.REFUSED, south=Outcome.AWAY), 10.0)
    assert evidence.allows(10.0)
    assert not evidence.unheard


def test_proof_from_before_a_renewal_counts_no_more(evidence: Evidence) -> None:
    evidence.take(heard(north=Outcome.AWAY, south=Outcome.AWAY), 10.0)
    evidence.set_peers([NORTH, SOUTH])
    assert not evidence.allows(10.0)


def test_station_that_was_dead_at_the_renewal_can_still_say_that_it_lives(evidence: Evidence) -> None:
    evidence.set_peers([NORTH])
    evidence.take(heard(north=Outcome.AWAY, south=Outcome.NOTHING), 10.0)
    assert evidence.allows(10.0)
    assert evidence.take(heard(north=Outcome.AWAY, south=Outcome.LIVE), 12.0)
    assert not evidence.allows(12.0)


def test_who_took_devices_over_since_is_known(evidence: Evidence) -> None:
    evidence.take({2: Heard(Outcome.AWAY, 50.0), 3: Heard(Outcome.AWAY, 70.0)}, 10.0)
    assert evidence.has_gained_since(60.0)
    assert not evidence.has_gained_since(80.0)


def test_who_did_not_say_may_have_taken_devices_over(evidence: Evidence) -> None:
    evidence.take({2: Heard(Outcome.AWAY, 50.0), 3: Heard(Outcome.REFUSED)}, 10.0)
    assert evidence.has_gained_since(60.0)
