"""Whether devices may be installed now, by the site's own clock: pure."""

from datetime import datetime, time, timedelta

from models.records.rollout import InstallWindow
from models.site_zone import zone_of


def is_open(window: InstallWindow | None, at: datetime) -> bool:
    """Return whether a window is open.

    Args:
        window: None = always.
        at: A moment in the site's time zone. Hours that a change of the clock leaves out or repeats count by
            what the clock on the wall shows.
    """
    if window is None:
        return True
    opens, closes = time.fromisoformat(window.opens), time.fromisoformat(window.closes)
    now, today = at.time(), at.weekday()
    if opens < closes:
        return today in window.weekdays and opens <= now < closes
    yesterday = (at - timedelta(days=1)).weekday()
    return (today in window.weekdays and now >= opens) or (yesterday in window.weekdays and now < closes)


def closed_until(window: InstallWindow | None, zone: str, unix: float) -> str:
    """Return what a device waits for at a moment; empty = nothing.

    Args:
        window: None = always open.
        zone: The site's, an IANA name.
        unix: The database's clock.
    """
    if window is None or is_open(window, datetime.fromtimestamp(unix, zone_of(zone))):
        return ""
    return in_words(window)


def in_words(window: InstallWindow) -> str:
    """Return what a device waits for: "its window, 22:00 to 05:00"."""
    return f"its window, {window.opens} to {window.closes}"
