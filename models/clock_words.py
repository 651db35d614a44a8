"""Moments inside sentences that a person reads, on a screen or in a terminal. Pure."""

from datetime import datetime, tzinfo


def moment_in_words(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment on the wall clock with its distance from UTC: "2026-03-01 09:14:02 UTC+01:00".

    Args:
        moment: Timezone-aware.
        zone: Whose wall clock; None = this computer's, which is what the screens show.
    """
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    distance = "" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{distance}"
