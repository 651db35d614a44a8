"""A throw-away embedded database for benches that measure storage."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import text

from models.database import Database
from models.schema_guard import upgrade_schema
from models.server import EmbeddedServer


@contextmanager
def scratch_database(devices: int, settings: Mapping[str, str] | None = None) -> Iterator[Database]:
    """Give out a fresh database with `devices` devices (ids 1 to n); nothing is left afterwards.

    It is durable as the product's own, unless `settings` of the server say otherwise.
    """
    with tempfile.TemporaryDirectory(prefix="console-bench-") as folder:
        server = EmbeddedServer(Path(folder) / "database")
        try:
            database = Database(server.ensure_running(), "console bench")
            if settings:
                with database.autocommit() as connection:
                    for name, value in settings.items():
                        connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = '{value}'")
                database.close()
                server.stop()
                server.ensure_running()
            try:
                upgrade_schema(database)
                with database.transaction() as connection:
                    connection.execute(
                        text(
                            "INSERT INTO app.devices (device_id, name, type, location, user_id) "
                            "SELECT 'BENCH-' || i, 'Device ' || i, 'drive', 'Hall ' || i % 8, 1 "
                            "FROM generate_series(1, :devices) AS i"
                        ),
                        {"devices": devices},
                    )
                yield database
            finally:
                database.close()
        finally:
            server.stop()


def median_s(work: Callable[[], object], times: int) -> float:
    """Return the median duration of `work` in seconds, after one run that warms the caches."""
    work()
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)
