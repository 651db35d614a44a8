"""Noting a write in the audit trail before it is sent: what nobody noted is not written.

The window is not asked to do it, because a program that only pretends to be one would not.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from console.station.workbench.errors import NotDone
from models.errors import DatabaseAway, Rejected, StorageError
from models.records.device import DeviceId

NOTE_LIMIT_S = 5.0
"""Longer than a database that works ever takes; whoever writes sits before a machine and waits."""
_THREADS = 2
"""Of its own, so that a database that hangs keeps nothing but writes."""

AWAY = (
    "Nothing was written: the write could not be noted in the audit trail, because the database is away; "
    "try again once it is back."
)
FAILED = "Nothing was written, because the write could not be noted in the audit trail: {}"
STOPPED = "Nothing was written, because the station is stopping."

NoteWrite = Callable[[bytes, DeviceId, str, float], None]
"""See `console.station.store.Store.note_write`."""


class WriteNotes:
    """Notes writes for a desk. Belongs to the event loop; the database is asked on threads of its own."""

    def __init__(self, note: NoteWrite, limit_s: float = NOTE_LIMIT_S) -> None:
        """Keep how to note, and how long that may take. Starts no thread before the first write."""
        self._note = note
        self._limit_s = limit_s
        self._threads = ThreadPoolExecutor(_THREADS, "station-write-notes")
        self._is_stopped = False

    async def note(self, digest: bytes, device: DeviceId, address: str, value: float) -> None:
        """Return once it is noted that the holder of a ticket is about to write.

        One that was given up may be noted all the same: then the trail holds a write that was never sent.

        Args:
            digest: SHA-256 of the ticket of whoever writes.
            device: The device.
            address: Of its tag, as stored.
            value: The device's own raw number.

        Raises:
            NotDone: It is not noted, and must not be sent.
        """
        if self._is_stopped:
            raise NotDone(STOPPED)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limit_s):
                await loop.run_in_executor(self._threads, self._note, digest, device, address, value)
        except (TimeoutError, DatabaseAway) as error:
            raise NotDone(AWAY) from error
        except Rejected as error:
            raise NotDone(str(error)) from error
        except StorageError as error:
            raise NotDone(FAILED.format(error)) from error

    def stop(self) -> None:
        """Note nothing more. Waits for nothing; safe twice."""
        self._is_stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)
