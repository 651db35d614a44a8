"""Opens the spool's file, makes it where missing, and sets it aside where it is damaged."""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from console.station.errors import SpoolRefused
from console.station.spool.schema import PAGE_BYTES, SCHEMA, TABLES

FILE = "spool.sqlite"
_CHECKED_BYTES = 64 * 1024 * 1024
"""Larger files are not read through at the start, which must be quick: every block has its own checksum."""
_BUSY_S = 5.0
_COMPANIONS = ("", "-wal", "-shm")


class FileDamaged(Exception):
    """SQLite cannot read the file."""


def opened(folder: Path, *, is_first: bool = True) -> sqlite3.Connection:
    """Open the file in `folder`, made with the folder where missing: 0600 in 0700.

    Every commit is on the disk when it returns (WAL, synchronous=FULL).

    Args:
        folder: Where.
        is_first: Look the file through, as far as that is quick. Commands beside a station leave that to it.

    Raises:
        FileDamaged: It is no file of SQLite's, or damaged inside.
        SpoolRefused: It was made by a newer version.
        OSError, sqlite3.Error: It cannot be made or opened: rights, or no room.
    """
    path = folder / FILE
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        folder.chmod(0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own files take over its mode
        path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, is_first=is_first)
    except (FileDamaged, SpoolRefused):
        connection.close()
        raise
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise FileDamaged(str(error)) from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, is_first: bool) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise SpoolRefused(
            f"The spool {path} was made by a newer version of this program (form {version}; this one knows "
            f"{SCHEMA}): update this program, then start it again."
        )
    if version == 0:
        # Both only count before the first table; pages given back at the end shrink the file.
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = OFF")
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
    elif is_first and path.stat().st_size <= _CHECKED_BYTES:
        with closing(connection.execute("PRAGMA quick_check(1)")) as found:
            word = str(found.fetchone()[0])
        if word != "ok":
            raise FileDamaged(word)


def set_file_aside(folder: Path, now_unix: float) -> Path:
    """Give a damaged file and its companions another name; return that of the file itself."""
    stamp = datetime.fromtimestamp(now_unix, UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = folder / f"damaged-{stamp}.sqlite"
    for companion in _COMPANIONS:
        path = folder / (FILE + companion)
        if path.exists():
            path.rename(folder / (aside.name + companion))
    return aside
