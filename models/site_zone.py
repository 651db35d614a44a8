"""The site's time zone on this computer."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> tzinfo:
    """Return the zone of an IANA name; UTC where this computer does not know it.

    So say which one it became beside the times: `str` of either is its name.
    """
    try:
        return ZoneInfo(name)
    # A name with an odd character is a ValueError; one that is a folder, an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
