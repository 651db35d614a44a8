import pytest

from console.station.leasing.leases import Lost, NeedsNoLease, NotRenewed, Renewed
from console.station.leasing.share import EVERYTHING
from console.station.leasing.tenancy import Tenancy
from console.station.leasing.witness import EVIDENCE_S, Heard, Outcome
from models.records.alert import OpenEpisode
from models.records.device import DeviceId
from models.records.lease import LEASE_MARGIN_S, LEASE_S, Lease, Peer, Tenure
from models.records.station import StationIdentity
from models.records.threshold import ThresholdId

ONE, TWO = DeviceId(1), DeviceId(2)
OTHER = Peer(2, "Other", "o:1")
AWAY = {2: Heard(Outcome.AWAY)}
EPISODE = OpenEpisode(ThresholdId(7), ONE, 1.0, is_cleared=False)


@pytest.fixture
def tenancy(clock) -> Tenancy:
    return Tenancy(clock)


@pytest.fixture
def renew(tenancy: Tenancy, clock):
    """Let a renewal bring some devices by epoch; returns whether the share changed."""

    def renew(epochs, peers=(), known=(), episodes=(), may_take_over=True) -> bool:
        leases = tuple(Lease(device, epoch) for device, epoch in epochs.items())
        tenure = Tenure(leases, tuple(episodes), tuple(peers), b"key", clock.unix())
        news = Renewed(
            StationIdentity(1, "Me", 1),
            tenure,
            clock.monotonic(),
            dict(epochs),
            frozenset(),
            frozenset(known),
            frozenset(),
        )
        return tenancy.hear(news, may_take_over=may_take_over)

    return renew


def prove(tenancy: Tenancy, clock, seconds: float) -> None:
    """Let so many seconds pass in which the other station says that the database is away."""
    for _ in range(round(seconds / 0.5)):
        clock.turn(0.5)
        tenancy.evidence.take(AWAY, clock.monotonic())
        assert tenancy.may_poll()


def test_nothing_is_polled_before_the_first_renewal(tenancy: Tenancy) -> None:
    assert not tenancy.may_poll()
    assert not tenancy.why_silent


def test_lease_is_polled_until_a_margin_before_its_end(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    clock.turn(LEASE_S - LEASE_MARGIN_S - 0.01)
    assert tenancy.may_poll()
    clock.turn(0.01)
    assert not tenancy.may_poll()
    assert "another one may have taken its devices over" in tenancy.why_silent


def test_station_that_slept_is_silent_when_it_wakes(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    clock.turn(3600.0)
    assert not tenancy.may_poll()


def test_alone_it_polls_on(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1})
    tenancy.hear(NotRenewed("away"), may_take_over=True)
    clock.turn(3600.0)
    assert tenancy.may_poll()


def test_it_polls_on_while_the_others_prove_that_the_database_is_away(tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    prove(tenancy, clock, 60.0)
    clock.turn(EVIDENCE_S)
    assert not tenancy.may_poll()


def test_once_silent_no_proof_helps_but_a_renewal(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    clock.turn(LEASE_S)
    assert not tenancy.may_poll()
    tenancy.evidence.take(AWAY, clock.monotonic())
    assert not tenancy.may_poll()
    assert renew({ONE: 1}, [OTHER])
    assert tenancy.may_poll()
    assert tenancy.share.fresh == {}


def test_renewal_that_changes_nothing_is_no_change(tenancy: Tenancy, renew, clock) -> None:
    assert renew({ONE: 1})
    clock.turn(1.0)
    assert not renew({ONE: 1}, known=[ONE])


def test_gained_device_comes_with_its_episodes(tenancy: Tenancy, renew) -> None:
    renew({ONE: 4}, episodes=[EPISODE])
    assert tenancy.share.epochs == {ONE: 4}
    assert tenancy.share.fresh == {ONE: (EPISODE,)}
    renew({ONE: 4, TWO: 9}, known=[ONE])
    assert tenancy.share.fresh == {TWO: ()}


def test_lost_device_is_gone(tenancy: Tenancy, renew) -> None:
    renew({ONE: 1, TWO: 1})
    assert renew({TWO: 1}, known=[ONE, TWO])
    assert tenancy.share.epochs == {TWO: 1}


def test_new_epoch_of_a_device_that_stayed_disturbs_nothing(tenancy: Tenancy, renew) -> None:
    renew({ONE: 1})
    assert renew({ONE: 2}, known=[ONE])
    assert (tenancy.share.epochs, tenancy.share.fresh) == ({ONE: 2}, {})


def test_device_that_another_had_meanwhile_begins_anew(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    clock.turn(LEASE_S)
    assert not tenancy.may_poll()
    renew({ONE: 3}, [OTHER], episodes=[EPISODE])
    assert tenancy.share.fresh == {ONE: (EPISODE,)}


def test_device_whose_episodes_were_not_told_waits_for_them(tenancy: Tenancy, renew, clock) -> None:
    renew({ONE: 1}, [OTHER])
    clock.turn(LEASE_S)
    assert not tenancy.may_poll()
    renew({ONE: 3}, [OTHER], known=[ONE])
    assert tenancy.share.epochs == {}
    renew({ONE: 3}, [OTHER], episodes=[EPISODE])
    assert tenancy.share.epochs == {ONE: 3}


def test_what_is_gained_waits_while_another_counts_on_our_silence(tenancy: Tenancy, renew) -> None:
    renew({ONE: 1})
    renew({ONE: 1, TWO: 5}, known=[ONE], may_take_over=False)
    assert tenancy.share.epochs == {ONE: 1}
    assert renew({ONE: 1, TWO: 5}, known=[ONE])
    assert tenancy.share.epochs == {ONE: 1, TWO: 5}


def test_newer_start_of_the_same_station_ends_polling_at_once(tenancy: Tenancy, renew) -> None:
    renew({ONE: 1})
    assert tenancy.hear(Lost("A newer start of this station has taken its place."), may_take_over=True)
    assert not tenancy.may_poll()
    assert tenancy.tenure is not None
    assert tenancy.tenure.leases == ()
    assert tenancy.why_silent.startswith("A newer start of this station has taken its place.")


def test_whoever_set_the_server_up_polls_everything(tenancy: Tenancy, clock) -> None:
    assert tenancy.hear(NeedsNoLease(), may_take_over=True)
    clock.turn(3600.0)
    assert tenancy.may_poll()
    assert tenancy.share is EVERYTHING
    assert not tenancy.hear(NeedsNoLease(), may_take_over=True)


def test_station_is_live_from_a_renewal_until_one_fails(tenancy: Tenancy, renew, clock) -> None:
    assert not tenancy.is_live
    renew({})
    assert tenancy.is_live
    tenancy.hear(NotRenewed("away"), may_take_over=True)
    assert not tenancy.is_live
    assert tenancy.is_failing


def test_station_whose_renewals_hang_is_not_live(tenancy: Tenancy, renew, clock) -> None:
    renew({})
    clock.turn(LEASE_S)
    assert not tenancy.is_live
    assert tenancy.is_failing


@pytest.fixture
def remembered(tenancy: Tenancy, clock) -> Tenancy:
    """Started while the database is away; at its last renewal there was another station."""
    memory = Tenure((Lease(ONE, 5),), (EPISODE,), (OTHER,), b"key", clock.unix() - 100.0)
    tenancy.remember(1, memory, 0.0)
    tenancy.hear(NotRenewed("away"), may_take_over=True)
    return tenancy


def say(tenancy: Tenancy, clock, outcome: Outcome, gained_unix: float) -> bool:
    tenancy.evidence.take({2: Heard(outcome, gained_unix)}, clock.monotonic())
    return tenancy.begin_remembered()


def test_what_is_remembered_is_taken_up_where_nobody_took_it_over(remembered: Tenancy, clock) -> None:
    assert say(remembered, clock, Outcome.AWAY, clock.unix() - 100.0)
    assert remembered.share.epochs == {ONE: 5}
    assert remembered.share.fresh == {ONE: [EPISODE]}
    assert remembered.may_poll()


@pytest.mark.parametrize(
    ("outcome", "ago_s"), [(Outcome.AWAY, 90.0), (Outcome.LIVE, 200.0), (Outcome.REFUSED, 200.0)]
)
def test_what_another_may_have_taken_over_is_not_taken_up(remembered, clock, outcome, ago_s) -> None:
    assert not say(remembered, clock, outcome, clock.unix() - ago_s)
    assert not remembered.may_poll()
    assert "started without the database" in remembered.why_silent


def test_station_that_was_alone_takes_up_what_it_remembers(tenancy: Tenancy, clock) -> None:
    tenancy.remember(1, Tenure((Lease(ONE, 5),), (), (), b"key", clock.unix()), 0.0)
    tenancy.hear(NotRenewed("away"), may_take_over=True)
    assert tenancy.begin_remembered()
    assert tenancy.may_poll()


def test_nothing_is_taken_up_while_the_database_may_be_there(tenancy: Tenancy, clock) -> None:
    tenancy.remember(1, Tenure((Lease(ONE, 5),), (), (), b"key", clock.unix()), 0.0)
    assert not tenancy.begin_remembered()


def test_remembered_device_stays_when_the_database_returns(remembered: Tenancy, renew, clock) -> None:
    say(remembered, clock, Outcome.AWAY, 0.0)
    renew({ONE: 6}, [OTHER], known=[ONE])
    assert (remembered.share.epochs, remembered.share.fresh) == ({ONE: 6}, {})


def test_device_that_another_station_had_meanwhile_is_taken_over_anew(tenancy: Tenancy, renew) -> None:
    renew({ONE: 1})
    renew({ONE: 3}, episodes=[EPISODE], may_take_over=False)
    assert tenancy.share.epochs == {}
    renew({ONE: 3}, episodes=[EPISODE])
    assert tenancy.share.fresh == {ONE: (EPISODE,)}


def test_started_anew_it_polls_what_it_held_at_once_and_waits_with_the_rest(
    tenancy: Tenancy, renew, clock
) -> None:
    tenancy.remember(1, Tenure((Lease(ONE, 4),), (), (OTHER,), b"key", clock.unix()), 0.0)
    renew({ONE: 5, TWO: 9}, [OTHER], may_take_over=False)
    assert tenancy.share.epochs == {ONE: 5}
    renew({ONE: 5, TWO: 9}, [OTHER], known=[ONE])
    assert tenancy.share.epochs == {ONE: 5, TWO: 9}
