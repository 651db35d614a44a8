"""Images in a folder of this computer: read below it only, whatever the URL says, and never through a link.

Every part of the way is opened from the one before without following links, so that nothing can be exchanged
between looking and opening.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from models.errors import FirmwareRefused, NeedsSetup, Rejected

_BLOCK = 256 * 1024
_NO_FOLDER = (
    "Images of this computer's own disk are not read: say below which folder they may lie, with "
    "firmware_folder in settings.toml."
)


@contextmanager
def opened_below(folder: Path | None, path: str) -> Generator[Callable[[int], bytes]]:
    """Lend a function that reads a file below `folder`.

    Args:
        folder: Of this computer's configuration; None = none is allowed.
        path: Absolute, as a URL names it.

    Raises:
        NeedsSetup: No folder is allowed.
        FirmwareRefused: It lies elsewhere, or leads there, or is no plain file.
        Rejected: It is not there, or cannot be read.
    """
    parts = _parts_below(folder, path)
    assert folder is not None
    try:
        handle = _opened(folder, parts)
    except FileNotFoundError as error:
        raise Rejected(f"{_shown(path)} is not there; upload it again.") from error
    except OSError as error:
        # What O_NOFOLLOW says of a link: this of a file, that of a folder.
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise FirmwareRefused(f"{_shown(path)} leads over a link, and links are not followed.") from error
        raise Rejected(f"{_shown(path)} cannot be read ({error.strerror}).") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FirmwareRefused(f"{_shown(path)} is no plain file.")
    with os.fdopen(handle, "rb", buffering=0) as file:
        yield lambda most: file.read(most) or b""


def written_below(
    folder: Path | None, name: str, data: bytes, tell: Callable[[int], None] = lambda _stored: None
) -> Path:
    """Store a file below `folder` under a name of ours; one of the same name must hold the same.

    It is there as a whole or not at all, also where `tell`, told how many bytes are stored, raises.

    Raises:
        NeedsSetup: No folder is allowed, or it cannot be written.
        Rejected: Another file of this name is there.
    """
    if folder is None:
        raise NeedsSetup(_NO_FOLDER)
    target = folder.resolve() / name
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            if target.read_bytes() != data:
                raise Rejected(f"{target} exists already and holds something else; remove it, or sign anew.")
            tell(len(data))
            return target
        with part.open("wb") as opened:
            for start in range(0, len(data), _BLOCK):
                opened.write(data[start : start + _BLOCK])
                tell(min(start + _BLOCK, len(data)))
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(target)
    except OSError as error:
        raise NeedsSetup(
            f"{target} cannot be written ({error.strerror}); correct firmware_folder."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def _parts_below(folder: Path | None, path: str) -> tuple[str, ...]:
    if folder is None:
        raise NeedsSetup(_NO_FOLDER)
    pure = PurePosixPath(path)
    for root in (folder, folder.resolve()):
        with suppress(ValueError):
            parts = pure.relative_to(PurePosixPath(root.as_posix())).parts
            if parts and ".." not in parts:
                return parts
    raise FirmwareRefused(
        f"{_shown(path)} lies outside of {folder}, the only folder of this computer that images are read "
        "from."
    )


def _opened(folder: Path, parts: tuple[str, ...]) -> int:
    if sys.platform == "win32" or os.open not in os.supports_dir_fd:
        return _opened_by_name(folder, parts)
    place = os.open(folder.resolve(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        # NONBLOCK: a pipe of that name would keep us waiting for who writes into it.
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    finally:
        os.close(place)


def _opened_by_name(folder: Path, parts: tuple[str, ...]) -> int:
    """Where folders cannot be opened one from the other: whatever is a link shows by what it resolves to."""
    wanted = folder.resolve().joinpath(*parts)
    if wanted.resolve() != wanted:
        raise OSError(errno.ELOOP, "leads over a link")
    return os.open(wanted, os.O_RDONLY | getattr(os, "O_BINARY", 0))


def _shown(path: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in path[:200])
