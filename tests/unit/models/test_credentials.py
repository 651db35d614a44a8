import threading
from collections.abc import Iterator

import pytest

from models.credentials import KeyringStore, MemoryStore, is_trustworthy, open_credentials
from models.errors import NeedsSetup


class FakeBackend:
    """A keyring in memory; `gate` closed makes it wait like one that is locked."""

    name = "of the tests"

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.gate.wait()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.gate.wait()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class BrokenBackend(FakeBackend):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("No session bus.\nSecond line")


@pytest.fixture
def locked() -> Iterator[FakeBackend]:
    backend = FakeBackend()
    backend.gate.clear()
    yield backend
    backend.gate.set()


@pytest.mark.parametrize("store", [MemoryStore(), KeyringStore(FakeBackend())])
def test_what_is_kept_is_found_replaced_and_forgotten(store):
    assert store.get("a") is None
    store.set("a", "one")
    store.set("a", "two")
    assert store.get("a") == "two"
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def test_a_locked_keyring_is_given_up_with_a_remedy(locked):
    with pytest.raises(NeedsSetup, match=r"within 0\.01 s; unlock it, or .*CONSOLE_CREDENTIALS=file"):
        KeyringStore(locked, patience_s=0.01).get("a")


def test_a_keyring_that_waits_for_its_dialogue_is_not_asked_again(locked):
    store = KeyringStore(locked, patience_s=0.01)
    for _ in range(3):
        with pytest.raises(NeedsSetup):
            store.get("a")
    assert locked.asked == 1


def test_a_keyring_is_asked_again_once_it_was_unlocked(locked):
    store = KeyringStore(locked, patience_s=0.05)
    with pytest.raises(NeedsSetup):
        store.get("a")
    waiting = next(thread for thread in threading.enumerate() if thread.name == "keyring")
    locked.gate.set()
    waiting.join()
    assert store.get("a") is None


def test_a_keyring_that_fails_is_told_in_one_line():
    with pytest.raises(NeedsSetup, match=r"failed \(No session bus\); start it"):
        KeyringStore(BrokenBackend()).get("a")


@pytest.mark.parametrize(
    "module",
    ["keyrings.alt.file", "keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer"],
)
def test_a_backend_that_keeps_nothing_safe_is_not_used(module):
    assert not is_trustworthy(module)


@pytest.mark.parametrize("module", ["keyring.backends.SecretService", "keyring.backends.macOS"])
def test_a_keyring_of_the_system_is_used(module):
    assert is_trustworthy(module)


def test_a_plain_text_backend_named_in_the_environment_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("models.credentials._system_keyring", lambda: None)
    assert "encrypted file" in open_credentials(tmp_path).place


def test_without_a_keyring_a_file_is_used_and_says_what_that_is_worth(tmp_path, monkeypatch):
    monkeypatch.setattr("models.credentials._system_keyring", lambda: None)
    store = open_credentials(tmp_path)
    assert str(tmp_path) in store.place
    assert "not from whoever can read" in store.caution


def test_a_keyring_is_preferred_and_needs_no_caution(tmp_path, monkeypatch):
    monkeypatch.setattr("models.credentials._system_keyring", FakeBackend)
    store = open_credentials(tmp_path)
    assert (store.place, store.caution) == ("the keyring of this computer (of the tests)", "")


def test_the_file_can_be_forced(tmp_path, monkeypatch):
    monkeypatch.setattr("models.credentials._system_keyring", FakeBackend)
    assert "encrypted file" in open_credentials(tmp_path, "file").place


def test_a_forced_keyring_that_is_missing_is_no_silent_file(tmp_path, monkeypatch):
    monkeypatch.setattr("models.credentials._system_keyring", lambda: None)
    with pytest.raises(NeedsSetup, match="this computer offers none"):
        open_credentials(tmp_path, "keyring")


def test_an_unknown_choice_is_refused(tmp_path):
    with pytest.raises(NeedsSetup, match="choose keyring or file"):
        open_credentials(tmp_path, "paper")
