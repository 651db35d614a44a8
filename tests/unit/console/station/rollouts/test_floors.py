"""What a station remembers of the sequences that devices ran."""

from pathlib import Path

import pytest

from console.station.rollouts.floors import Floors
from models.errors import NeedsSetup


def test_the_highest_sequence_of_each_device_and_product_outlives_the_station(tmp_path: Path) -> None:
    floors = Floors(tmp_path)
    assert floors.of("D-7", "drive-a") == 0
    for sequence in (3, 7, 5):
        floors.saw("D-7", "drive-a", sequence)
    floors.saw("D-8", "drive-a", 2)
    again = Floors(tmp_path)
    assert [again.of("D-7", "drive-a"), again.of("D-8", "drive-a"), again.of("D-7", "drive-b")] == [7, 2, 0]


@pytest.mark.parametrize(
    "kept", ["{", "[]", '{"D-7": 3}', '{"D-7": {"drive-a": "7"}}', '{"D-7": {"a": true}}']
)
def test_a_memory_that_is_damaged_is_told_and_never_taken_for_an_empty_one(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "firmware" / "floors.json"
    file.parent.mkdir()
    file.write_text(kept)
    with pytest.raises(NeedsSetup, match=r"floors\.json, which keeps devices from going back"):
        Floors(tmp_path).of("D-7", "drive-a")
    with pytest.raises(NeedsSetup):
        Floors(tmp_path).saw("D-7", "drive-a", 1)
    assert file.read_text() == kept
