"""How long, until when, and by when: moments of alerts as people say them. Pure."""

from datetime import datetime, timedelta, tzinfo

from console.widgets.stale_hatching import age_text


def until_text(moment: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment that is still to come: "14:30", "tomorrow 06:00", "28 Nov 06:00".

    Args:
        moment: Timezone-aware.
        now: Timezone-aware.
        zone: Zone to show; None = this computer's.
    """
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return f"tomorrow {local:%H:%M}"
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def left_text(until: datetime, now: datetime) -> str:
    """Return how much time is left, e.g. "1 h 05 min"; "over" once there is none."""
    left_s = (until - now).total_seconds()
    return age_text(left_s) if left_s > 0 else "over"


def countdown_text(left_s: float) -> str:
    """Return a count-down by the second: "7:05 left", "1:02:00 left", "3:10 too late"."""
    seconds = int(abs(left_s))
    hours, rest = divmod(seconds, 3600)
    clock = f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
    return f"{clock} left" if left_s >= 0 else f"{clock} too late"
