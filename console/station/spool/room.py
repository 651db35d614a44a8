"""How much of the disk the spool may take, and a ballast that is thrown off when the disk is full.

Without ballast a full disk would refuse even what makes room: SQLite writes a deletion into its log first.
"""

import shutil
from contextlib import suppress
from pathlib import Path

_SHARE = 0.8
_CHUNK = 1024 * 1024
_BALLAST = "ballast"


class Room:
    """The disk under the spool. Belongs to the spool's thread."""

    def __init__(self, folder: Path, granted_bytes: int, ballast_bytes: int) -> None:
        """Keep what is granted; looks at nothing yet."""
        self._folder = folder
        self._granted = granted_bytes
        self._ballast_bytes = ballast_bytes
        self._ballast = folder / _BALLAST

    def limit_bytes(self, used_bytes: int) -> int:
        """Return what the spool may take: what is granted, or most of what the disk has left.

        Raises:
            OSError: The disk does not answer.
        """
        free = shutil.disk_usage(self._folder).free
        return min(self._granted, int(_SHARE * (free + used_bytes)))

    def lay_ballast(self) -> None:
        """Fill the ballast where it is missing and the disk has at least twice its size left."""
        with suppress(OSError):
            if self._size() >= self._ballast_bytes:
                return
            if shutil.disk_usage(self._folder).free < 2 * self._ballast_bytes:
                return
            # Real zeros: a file with holes would reserve nothing.
            self._ballast.touch(mode=0o600)
            with self._ballast.open("wb") as file:
                for start in range(0, self._ballast_bytes, _CHUNK):
                    file.write(bytes(min(_CHUNK, self._ballast_bytes - start)))

    def throw_ballast(self) -> bool:
        """Give the ballast's room to the spool; return whether there was any."""
        if not self._size():
            return False
        with suppress(OSError):
            self._ballast.unlink()
            return True
        return False

    def _size(self) -> int:
        try:
            return self._ballast.stat().st_size
        except OSError:
            return 0
