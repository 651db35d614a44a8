from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from console.station.state_book import StateBook
from models.records.device import Device, DeviceId, DeviceStatus

AT = 1_700_000_000.0
ONE, TWO = DeviceId(1), DeviceId(2)


@pytest.fixture
def book(make_device: Callable[..., Device]) -> StateBook:
    book = StateBook()
    book.set_devices([make_device(1), make_device(2)])
    return book


def test_change_of_status_is_told_once(book: StateBook) -> None:
    assert book.found(ONE, DeviceStatus.ERROR, "Broken.")
    assert not book.found(ONE, DeviceStatus.ERROR, "Broken.")
    assert [(state.device, state.detail) for state in book.take_changed()] == [(ONE, "Broken.")]
    assert book.take_changed() == []


def test_sign_of_life_alone_is_no_change_but_is_written_later(book: StateBook) -> None:
    book.seen(TWO, AT)
    assert book.take_changed() == []
    (state,) = book.take_seen()
    assert (state.device, state.last_seen_at) == (TWO, datetime.fromtimestamp(AT, UTC))
    assert book.take_seen() == []


def test_device_keeps_its_state_when_the_catalogue_changes(
    book: StateBook, make_device: Callable[..., Device]
) -> None:
    book.found(ONE, DeviceStatus.ONLINE, "")
    book.set_devices([make_device(1), make_device(3)])
    assert {state.device: state.status for state in book.all()} == {
        1: DeviceStatus.ONLINE,
        3: DeviceStatus.OFFLINE,
    }


def test_change_of_a_removed_device_is_not_told(book: StateBook, make_device: Callable[..., Device]) -> None:
    book.found(TWO, DeviceStatus.ONLINE, "")
    book.set_devices([make_device(1)])
    assert book.take_changed() == []
    assert not book.found(TWO, DeviceStatus.ERROR, "x")


def test_device_begins_as_last_written(make_device: Callable[..., Device]) -> None:
    book = StateBook()
    seen_at = datetime(2024, 1, 1, tzinfo=UTC)
    book.set_devices([make_device(1, status=DeviceStatus.ERROR, status_detail="x", last_seen_at=seen_at)])
    (state,) = book.all()
    assert (state.status, state.detail, state.last_seen_at) == (DeviceStatus.ERROR, "x", seen_at)


def test_only_devices_heard_of_lately_count_as_collecting(book: StateBook) -> None:
    book.seen(ONE, AT)
    assert book.count_seen_since({ONE: AT - 2, TWO: AT - 2}) == 1
    assert book.count_seen_since({ONE: AT + 1, TWO: AT}) == 0
