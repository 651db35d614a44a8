"""What the station keeps for its next start: private, whole, and believed only where it can be."""

import hashlib
import stat
from pathlib import Path

import msgspec
import pytest

from console.station.memory.memory_file import MemoryFile


class Note(msgspec.Struct, frozen=True):
    text: str


class Other(msgspec.Struct, frozen=True):
    amount: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "note"


def file_of(path: Path, site: str = "here", version: int = 1) -> MemoryFile[Note]:
    return MemoryFile(path, Note, version, site)


def test_what_was_kept_is_remembered(path: Path) -> None:
    file_of(path).keep(Note("one"))
    file_of(path).keep(Note("two"))
    assert file_of(path).load() == Note("two")


def test_nothing_is_remembered_before_anything_was_kept(path: Path) -> None:
    assert file_of(path).load() is None


def test_file_and_folder_are_the_owners_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.with_name("note.part").write_text("left by a killed station")
    path.with_name("note.part").chmod(0o644)
    file_of(path).keep(Note("one"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("site", "version"), [("elsewhere", 1), ("here", 2)])
def test_what_another_database_or_program_left_is_not_used(path: Path, site: str, version: int) -> None:
    file_of(path).keep(Note("one"))
    assert file_of(path, site, version).load() is None


@pytest.mark.parametrize("at", [-1, -20, 30])
def test_damaged_file_is_not_used_and_named(path: Path, at: int, caplog: pytest.LogCaptureFixture) -> None:
    file_of(path).keep(Note("one, of some length"))
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert file_of(path).load() is None
    assert caplog.messages == ["note is damaged and is not used: its checksum is wrong"]


@pytest.mark.parametrize("length", [0, 10, 40])
def test_file_cut_short_is_not_used(path: Path, length: int) -> None:
    file_of(path).keep(Note("one"))
    path.write_bytes(path.read_bytes()[:length])
    assert file_of(path).load() is None


def test_file_of_another_shape_is_not_used(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    MemoryFile(path, Other, 1, "here").keep(Other(1))
    assert file_of(path).load() is None
    assert "is damaged and is not used" in caplog.text


def test_file_nested_deeper_than_anybody_reads_is_not_used(path: Path, caplog) -> None:
    body = b"\x81\xa1x" + b"\x91" * 5000 + b"\xc0"
    file_of(path).keep(Note("one"))
    header = path.read_bytes().split(b"\n")[0] + b"\n"
    path.write_bytes(header + hashlib.sha256(body).digest() + body)
    assert file_of(path).load() is None
    assert "is damaged and is not used" in caplog.text


def test_what_cannot_be_written_leaves_what_was_there(path: Path) -> None:
    file_of(path).keep(Note("one"))
    path.with_name("note.part").mkdir()
    with pytest.raises(OSError, match=r"note\.part"):
        file_of(path).keep(Note("two"))
    assert file_of(path).load() == Note("one")
