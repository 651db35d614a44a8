import pytest

from console.station.spool.finding import Item, ItemDamaged, bytes_of, item_of, kind_of


def back(item: Item) -> Item:
    return item_of(kind_of(item), bytes_of(item))


def test_transition_comes_back_as_it_was(transition) -> None:
    assert back(transition(1.25)) == transition(1.25)


def test_acknowledgement_comes_back_as_it_was(act) -> None:
    assert back(act(1.25)) == act(1.25)


def test_reading_comes_back_as_it_was(readings) -> None:
    assert back(readings(1)[0]) == readings(1)[0]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("transition", b"\x80"),
        ("transition", b""),
        ("poem", b"\x80"),
        ("transition", b"\x81\xa1x" + b"\x91" * 9000),
    ],
    ids=["no fields", "nothing", "no kind of ours", "nested"],
)
def test_bytes_that_are_no_record_are_damaged(kind: str, payload: bytes) -> None:
    with pytest.raises(ItemDamaged):
        item_of(kind, payload)
