"""Moments inside sentences that a person reads, on a screen or in a terminal. Pure."""

from datetime import datetime, tzinfo


def moment_in_words(moment: datetime, zone: tzinfo | None = None, now: datetime | None = None) -> str:
    """Return a moment on the wall clock: "09:14:02" of today, else with its day and distance from UTC.

    Args:
        moment: Timezone-aware.
        zone: Whose wall clock; None = this computer's, which is what the screens show.
        now: Timezone-aware, to tell today from other days; None = by this computer's clock.
    """
    local = moment.astimezone(zone)
    if local.date() == (now or datetime.now(local.tzinfo)).astimezone(zone).date():
        return f"{local:%H:%M:%S}"
    offset = local.strftime("%z")
    distance = "" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{distance}"
