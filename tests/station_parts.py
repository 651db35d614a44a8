"""A whole station beside the windows of a test, on a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.link.server import LinkServer
from console.settings import Settings
from console.station.pipeline import Station
from models.database import Database


@contextmanager
def working_station(folder: Path, database: Database, name: str) -> Iterator[Path]:
    """Have a station at work until the end; yields the address of its socket, and closes the database."""
    address = folder / "s.sock"
    loop, end = asyncio.new_event_loop(), asyncio.Event()

    async def work() -> None:
        made = Station(Settings(folder), database, LinkServer(str(address), name, "1"))
        await made.start()
        await end.wait()
        await made.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()), name="station-of-the-test")
    thread.start()
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
        database.close()
