"""A station at work leaves, on its own computer, where the audit trail ended."""

import pytest

from console.settings import Settings
from console.station.pipeline import Station
from console.station.store import DatabaseStore
from models.audit_anchors import AnchorFile
from models.queries.audit import audit_head


@pytest.mark.parametrize("is_store_given", [True, False])
async def test_the_end_of_the_trail_is_kept_as_soon_as_a_station_works(
    database, tmp_path, until, is_store_given: bool
) -> None:
    with database.transaction() as connection:
        end = audit_head(connection)
    store = DatabaseStore(database) if is_store_given else None
    station = Station(Settings(tmp_path, station_name="North"), database, store=store)
    await station.start()
    try:
        await until(lambda: AnchorFile(tmp_path).anchors(database.place) == [end])
    finally:
        await station.stop()
