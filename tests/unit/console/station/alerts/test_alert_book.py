from collections.abc import Callable

import pytest

from console.station.alerts.alert_book import AlertBook
from models.records.alert import OpenEpisode, Transition, TransitionKind
from models.records.device import Device, DeviceId
from models.records.threshold import Severity, Threshold, ThresholdId

AT = 1_700_000_000.0
MakeDevice = Callable[..., Device]
MakeThreshold = Callable[..., Threshold]


def transition(kind: TransitionKind, threshold: int = 1) -> Transition:
    return Transition(kind, DeviceId(1), ThresholdId(threshold), Severity.WARNING, AT, 80.0, 70.0, "text")


RAISED, CLEARED = transition(TransitionKind.RAISED), transition(TransitionKind.CLEARED)


def book_with_open_episode(*, is_cleared: bool = False) -> AlertBook:
    book = AlertBook()
    book.load([OpenEpisode(ThresholdId(1), DeviceId(1), AT, is_cleared)])
    return book


def test_episode_begins_once_and_ends_once() -> None:
    book = AlertBook()
    assert book.admit([RAISED, RAISED, CLEARED, CLEARED, RAISED]) == [RAISED, CLEARED, RAISED]


def test_end_of_an_episode_nobody_knows_is_dropped() -> None:
    assert AlertBook().admit([CLEARED]) == []


def test_episode_open_in_the_database_is_not_raised_again() -> None:
    assert book_with_open_episode().admit([RAISED, CLEARED]) == [CLEARED]


def test_episode_that_is_cleared_but_not_acknowledged_may_begin_again() -> None:
    assert book_with_open_episode(is_cleared=True).admit([RAISED]) == [RAISED]


def test_standing_episodes_are_given_by_device() -> None:
    book = book_with_open_episode()
    book.admit([transition(TransitionKind.RAISED, threshold=2)])
    assert book.standing() == {1: {1, 2}}


def test_episode_of_a_watched_threshold_goes_on(
    make_device: MakeDevice, make_threshold: MakeThreshold
) -> None:
    book = book_with_open_episode()
    assert book.reconcile([make_device()], [make_threshold()], AT) == []
    assert book.standing() == {1: {1}}


@pytest.mark.parametrize(
    ("has_device", "threshold", "message"),
    [
        (True, {"enabled": False}, "Ended because the limit of Drive 1 was switched off"),
        (True, {"id": 99}, "Ended because the limit of Drive 1 was removed"),
        (False, {}, "Ended because the device was removed"),
    ],
)
def test_episode_nobody_judges_any_more_is_ended_once(
    make_device: MakeDevice,
    make_threshold: MakeThreshold,
    has_device: bool,
    threshold: dict[str, object],
    message: str,
) -> None:
    book = book_with_open_episode()
    devices = [make_device()] * has_device
    (ended,) = book.reconcile(devices, [make_threshold(**threshold)], AT + 5)
    assert (ended.kind, ended.at_unix, ended.message) == (TransitionKind.CLEARED, AT + 5, message)
    assert book.reconcile(devices, [make_threshold(**threshold)], AT + 6) == []
