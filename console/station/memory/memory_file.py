"""A file in which the station keeps something for its next start: private, checksummed, replaced whole."""

import contextlib
import hashlib
import logging
import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from console.whole_file import whole_file

Kept = TypeVar("Kept")

_log = logging.getLogger(__name__)

_DIGEST_BYTES = 32


class MemoryFile(Generic[Kept]):
    """One value under one name. Blocks; one thread at a time.

    What it holds counts only for the database it was learned from, and only for programs that keep the same:
    anything else is as good as nothing, because the database is asked again anyway.
    """

    def __init__(self, path: Path, kind: type[Kept], version: int, site: str) -> None:
        """Keep what it needs; touches nothing.

        Args:
            path: Of the file; its folder is made when something is kept.
            kind: What msgspec can write and read again.
            version: Raised whenever that changes its meaning.
            site: Which database all this is about.
        """
        self._path = path
        self._header = f"console memory {version} {site}\n".encode()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def load(self) -> Kept | None:
        """Return what was kept; None where there is nothing, or nothing that can be trusted."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("What the station remembers cannot be read: %s", error)
            return None
        if not data.startswith(self._header):
            _log.info("%s is of another database or program and is not used", self._path.name)
            return None
        digest, body = data[len(self._header) :][:_DIGEST_BYTES], data[len(self._header) + _DIGEST_BYTES :]
        try:
            if hashlib.sha256(body).digest() != digest:
                raise ValueError("its checksum is wrong")
            return self._decoder.decode(body)
        except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors, too
            _log.warning("%s is damaged and is not used: %s", self._path.name, error)
            return None

    def keep(self, value: Kept) -> None:
        """Replace what was kept; once this returns, a power cut leaves the new value or the old one.

        Raises:
            OSError: It could not be written; what was kept before still is.
        """
        body = msgspec.msgpack.encode(value)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_file(self._path) as part:
            # A part that a killed station left behind may be anybody's to read.
            part.unlink(missing_ok=True)
            descriptor = os.open(
                part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
            with os.fdopen(descriptor, "wb") as file:
                file.write(self._header + hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
        _sync_folder(self._path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where folders can be opened at all."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
