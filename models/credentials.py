"""Where this computer keeps secrets between runs: the system's keyring, else an encrypted file.

A store holds texts by name. Names are of ours, such as "station host:5432/console"; they may be seen.

    open_credentials() → KeyringStore         the system's: GNOME Keyring, KWallet, macOS, Windows
                       → EncryptedFileStore   where there is none; its `caution` says what that is worth
    MemoryStore                               for tests and demonstrations
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar, cast

from models.errors import NeedsSetup

SERVICE = "operator-console"
PATIENCE_S = 5.0
"""How long a keyring may take: a locked one with a display blocks until somebody answers its dialogue."""

_Answer = TypeVar("_Answer")
# Backends that answer without keeping anything, that chain others, and (`keyrings.`, an add-on) that write
# plain files or ask for a password on standard input.
_NOT_TO_TRUST = ("keyrings.", "keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer")


class CredentialStore(Protocol):
    """Keeps secrets by name. Any thread may call; each call may take seconds (a locked keyring: 5 s)."""

    @property
    def caution(self) -> str:
        """One sentence about what this store does not protect against, "" where the system keeps it."""
        ...

    @property
    def place(self) -> str:
        """Where the secrets are, for people to read."""
        ...

    def get(self, name: str) -> str | None:
        """Return the secret, None where none is kept.

        Raises:
            NeedsSetup: The store cannot be read (locked, damaged, another's); one sentence.
        """
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a secret in place of the one before. Raises NeedsSetup like `get`."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; nothing happens where none is kept. Raises NeedsSetup like `get`."""
        ...


class Backend(Protocol):
    """What we use of a backend of the `keyring` package."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget it; raises where there is nothing."""
        ...


class MemoryStore:
    """Keeps secrets as long as the program runs."""

    caution = ""
    place = "in memory"

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """See `CredentialStore.get`."""
        return self._kept.get(name)

    def set(self, name: str, secret: str) -> None:
        """See `CredentialStore.set`."""
        self._kept[name] = secret

    def delete(self, name: str) -> None:
        """See `CredentialStore.delete`."""
        self._kept.pop(name, None)


class KeyringStore:
    """The system's keyring, asked in a thread of its own: it may never answer."""

    caution = ""

    def __init__(self, backend: Backend, patience_s: float = PATIENCE_S) -> None:
        """Keep the backend; asks nothing yet."""
        self._backend = backend
        self._patience_s = patience_s
        self._waiting: threading.Thread | None = None

    @property
    def place(self) -> str:
        """See `CredentialStore.place`."""
        return f"the keyring of this computer ({getattr(self._backend, 'name', 'unnamed')})"

    def get(self, name: str) -> str | None:
        """See `CredentialStore.get`."""
        return self._asked(lambda: self._backend.get_password(SERVICE, name))

    def set(self, name: str, secret: str) -> None:
        """See `CredentialStore.set`."""
        self._asked(lambda: self._backend.set_password(SERVICE, name, secret))

    def delete(self, name: str) -> None:
        """See `CredentialStore.delete`."""

        def forget() -> None:
            if self._backend.get_password(SERVICE, name) is not None:
                self._backend.delete_password(SERVICE, name)

        self._asked(forget)

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        if self._waiting is not None and self._waiting.is_alive():
            # One dialogue on the screen is enough, and threads must not pile up behind it.
            raise self._no_answer()
        answers, failures, worker = in_worker(question, self._patience_s)
        if failures:
            raise NeedsSetup(
                f"The keyring of this computer failed ({failures[0]}); start it, or keep credentials in an "
                "encrypted file with CONSOLE_CREDENTIALS=file."
            )
        if not answers:
            self._waiting = worker
            raise self._no_answer()
        return answers[0]

    def _no_answer(self) -> NeedsSetup:
        return NeedsSetup(
            f"The keyring of this computer gives no answer within {self._patience_s:g} s; unlock it, or keep "
            "credentials in an encrypted file with CONSOLE_CREDENTIALS=file."
        )


def open_credentials(data_dir: Path, choice: str | None = None) -> CredentialStore:
    """Return the keyring where there is one, else the encrypted file in `data_dir`. May take 5 s.

    A keyring that is merely locked is still the one to use: a file beside it would divide the secrets.

    Args:
        data_dir: Of this run; holds the encrypted file. Its key lies apart, in the configuration folder.
        choice: "keyring" or "file" forces one (CONSOLE_CREDENTIALS); None lets this computer decide.

    Raises:
        NeedsSetup: The keyring was forced and does not work, or the choice is neither.
    """
    if choice not in (None, "", "keyring", "file"):
        raise NeedsSetup(f"CONSOLE_CREDENTIALS={choice} is unknown; choose keyring or file.")
    if choice != "file":
        answers, failures, _ = in_worker(_system_keyring, PATIENCE_S)
        if answers and answers[0] is not None:
            return KeyringStore(answers[0])
        if choice == "keyring":
            reason = failures[0] if failures else "this computer offers none"
            raise NeedsSetup(
                f"The keyring cannot be used ({reason}); start a secret service such as GNOME Keyring or "
                "KWallet, or choose CONSOLE_CREDENTIALS=file."
            )
    # Here, not above: `cryptography` loads only where it is needed.
    from models.credential_file import EncryptedFileStore, key_file

    return EncryptedFileStore(data_dir / "credentials.sealed", key_file())


def in_worker(
    question: Callable[[], _Answer], patience_s: float
) -> tuple[list[_Answer], list[str], threading.Thread]:
    """Ask a keyring, but wait no longer than `patience_s`.

    Returns:
        What it answered (nothing if it is still thinking), what it raised, and the thread that asks.
    """
    answers: list[_Answer] = []
    failures: list[str] = []

    def ask() -> None:
        try:
            answers.append(question())
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            failures.append(str(error).partition("\n")[0].rstrip(".") or type(error).__name__)

    # A daemon: whoever waits behind a locked keyring must not keep the program from ending.
    worker = threading.Thread(target=ask, name="keyring", daemon=True)
    worker.start()
    worker.join(patience_s)
    return list(answers), list(failures), worker


def is_trustworthy(module: str) -> bool:
    """Whether a backend of this module keeps secrets in the system's own store."""
    return not module.startswith(_NOT_TO_TRUST)


def _system_keyring() -> Backend | None:
    """Return the best backend of the system's own; None where there is none. Not `keyring.get_keyring`.

    That one obeys a configuration file, which may name a plain-text file, and takes any add-on there is.
    """
    from keyring.backend import get_all_keyring

    able = [found for found in get_all_keyring() if is_trustworthy(type(found).__module__)]
    best = max(able, key=lambda found: float(found.priority), default=None)
    return cast("Backend | None", best)
