import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.credential_file import EncryptedFileStore, key_file
from models.errors import NeedsSetup

WRITE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from models.credential_file import EncryptedFileStore
store = EncryptedFileStore(Path(sys.argv[1]), Path(sys.argv[2]))
for number in itertools.count():
    store.set("a", f"{number} " + "x" * 20_000)
    print(number, flush=True)
"""
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes of files")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "credentials.sealed"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "config" / "credentials.key"


@pytest.fixture
def store(file: Path, key: Path) -> EncryptedFileStore:
    made = EncryptedFileStore(file, key)
    made.set("station", "geheim")
    return made


def test_what_is_kept_is_found_by_another_program(store, file, key):
    store.set("person", "anna")
    other = EncryptedFileStore(file, key)
    assert (other.get("station"), other.get("person"), other.get("nobody")) == ("geheim", "anna", None)


def test_what_is_forgotten_is_gone(store, file, key):
    store.delete("station")
    store.delete("station")
    assert EncryptedFileStore(file, key).get("station") is None


def test_nothing_is_made_before_something_is_kept(file, key):
    store = EncryptedFileStore(file, key)
    assert store.get("a") is None
    store.delete("a")
    assert not file.exists()
    assert not key.exists()


def test_secrets_and_their_names_stand_nowhere_in_clear(store, file):
    content = file.read_bytes()
    assert b"geheim" not in content
    assert b"station" not in content


def test_the_same_secrets_never_look_the_same(store, file):
    before = file.read_bytes()
    store.set("station", "geheim")
    assert file.read_bytes() != before


def test_the_key_lies_apart_from_any_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert key_file() == tmp_path / "config" / "operator-console" / "credentials.key"


@needs_posix
def test_both_files_are_for_one_account_only(store, file, key):
    assert [path.stat().st_mode & 0o777 for path in (file, key)] == [0o600, 0o600]


@needs_posix
@pytest.mark.parametrize("which", ["file", "key"])
def test_what_others_could_read_is_refused(store, which, request):
    path = request.getfixturevalue(which)
    path.chmod(0o644)
    with pytest.raises(NeedsSetup, match="can be read by others"):
        store.get("station")


@needs_posix
@pytest.mark.parametrize("which", ["file", "key"])
def test_a_link_is_not_followed(store, which, request):
    path = request.getfixturevalue(which)
    moved = path.rename(path.with_name("elsewhere"))
    path.symlink_to(moved)
    with pytest.raises(NeedsSetup, match="cannot be read"):
        store.get("station")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="giving a file away needs root")
def test_a_file_of_somebody_else_is_refused(store, file):
    os.chown(file, 65534, -1)
    with pytest.raises(NeedsSetup, match="belongs to somebody else"):
        store.get("station")


@pytest.mark.parametrize("damage", [lambda old: old[:-1], lambda old: b"", lambda old: old[:-1] + b"!"])
def test_a_damaged_file_is_told_and_not_taken_for_an_empty_one(store, file, damage):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(NeedsSetup, match="are damaged or belong to another key"):
        store.get("station")
    with pytest.raises(NeedsSetup, match="are damaged or belong to another key"):
        store.set("person", "anna")


def test_another_key_opens_nothing(store, key):
    key.write_bytes(bytes(32))
    with pytest.raises(NeedsSetup, match="belong to another key"):
        store.get("station")


def test_a_missing_key_is_named(store, key):
    key.unlink()
    with pytest.raises(NeedsSetup, match=r"credentials\.key of the credentials .* is missing"):
        store.get("station")


def test_several_data_folders_share_one_key(store, tmp_path, key, file):
    EncryptedFileStore(tmp_path / "other.sealed", key).set("a", "b")
    assert EncryptedFileStore(file, key).get("station") == "geheim"


def test_a_folder_that_cannot_be_made_is_told(tmp_path, key):
    (tmp_path / "file").write_text("")
    with pytest.raises(NeedsSetup, match="cannot be kept"):
        EncryptedFileStore(tmp_path / "file" / "credentials.sealed", key).set("a", "b")


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("written", [1, 4, 9])
def test_a_writer_killed_in_the_middle_leaves_the_last_whole_state(file, key, written):
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(file), str(key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline() for _ in range(written)]
        process.send_signal(signal.SIGKILL)
    kept = EncryptedFileStore(file, key).get("a")
    assert int(kept.partition(" ")[0]) >= int(told[-1])
    EncryptedFileStore(file, key).set("a", "whole")
    assert EncryptedFileStore(file, key).get("a") == "whole"
