"""Where live values come from right now, and what to say when they do not come."""

from dataclasses import dataclass

from models.records.station import StationReport


@dataclass(frozen=True, slots=True)
class LinkState:
    """The state of both ways a value can take to the window.

    Attributes:
        is_station_connected: Whether the station of this computer is talking to this window.
        station: Its latest report; None before the first one and after the connection was lost.
        station_id: Of the row in `stations` of this computer's station, as it last told; 0 = not known.
        station_name, station_version: Of the station of this computer, as it last introduced itself; empty
            before it did.
        station_text: "live", or one sentence why no station talks to this window.
        is_database_live: Whether this window reaches the database and the station can write to it.
        is_window_live: Whether this window itself reaches the database, whatever its station says.
        database_text: "live", or "away: …" with what is being buffered or why.
        is_opening: Whether the database has not been reached yet since the window opened: nothing is lost,
            it is being created or started.
        is_offline: Whether this computer alone let the person in, while the database was away.
        has_devices_elsewhere: Whether, while the database is away, other stations poll devices of which this
            window knows: their values and alerts are as last heard.
        feed_age_s: Seconds since the last message from the station; None where there was never one.
    """

    is_station_connected: bool = False
    station: StationReport | None = None
    station_id: int = 0
    station_name: str = ""
    station_version: str = ""
    station_text: str = "Connecting to the station…"
    is_database_live: bool = False
    is_window_live: bool = False
    database_text: str = "Connecting to the database…"
    is_opening: bool = True
    is_offline: bool = False
    has_devices_elsewhere: bool = False
    feed_age_s: float | None = None


def database_text(watch_text: str, station: StationReport | None, *, is_hung: bool = False) -> str:
    """Say in one phrase how the database is doing, as the station and this window see it.

    Args:
        watch_text: "live", or this window's own sentence.
        station: The station's latest report, which knows what waits to be written.
        is_hung: Whether readings wait and none is stored, although nobody says why.
    """
    if station is not None and (is_hung or station.database != "live"):
        return f"away: buffering {station.waiting:,} readings"
    return watch_text
