"""Drills and other orders in words: what will happen, how far it is, what came of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.panels.stations.station_rows import StationRow
from console.panels.wording import count_text, length_text, moment_text
from console.widgets.stale_hatching import age_text
from models.records.station import OrderKind, StationOrder, StationReport

USUAL_DRILL_S, LEAST_DRILL_S, MOST_DRILL_S = 60, 5, 600
"""As the database takes them (`app.order_station`)."""

_NAMES = {OrderKind.DRILL: "Drill", OrderKind.RETRY_QUARANTINE: "Offered again what was declined"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is; `total` 0 = nobody can tell."""

    words: str
    done: int = 0
    total: int = 0


def drill_consequence(row: StationRow, others: Sequence[StationRow], seconds: float) -> str:
    """Return what a drill does, before it is ordered."""
    length = length_text(seconds)
    moved = (
        f"{_names(others)} {'takes' if len(others) == 1 else 'take'} its devices over after some seconds"
        if others
        else "no other station works now, so it goes on polling by itself"
    )
    return (
        f"{row.name} will be cut off the database for {length}. What it reads is kept on its disk and "
        f"delivered after; {moved}."
    )


def drain_consequence(row: StationRow, others: Sequence[StationRow]) -> str:
    """Return what giving everything away does."""
    if not others:
        return (
            f"No other station works now: {row.name} keeps {count_text(row.held, 'device')} until one does, "
            "and then gives them away."
        )
    return (
        f"{count_text(row.held, 'device')} of {row.name} will be polled by {_names(others)}; each pauses for "
        f"at most one second. {row.name} then takes none until it is told to take devices again."
    )


def undrain_consequence(row: StationRow) -> str:
    """Return what taking devices again does."""
    return (
        f"{row.name} will take its share of the devices again; each that moves pauses for at most one second."
    )


def withdraw_consequence(row: StationRow, order: StationOrder) -> str:
    """Return what taking back an order does."""
    what = "be cut off for a drill" if order.kind is OrderKind.DRILL else "offer anything again"
    return f"{row.name} has not begun yet, and will not {what}."


def hand_over_consequence(count: int, there_already: int, name: str) -> str:
    """Return what handing devices over does; `count` of them move."""
    if not count:
        return f"{name} polls {_them(there_already)} already, and will keep {_it(there_already)}."
    each = "it" if count == 1 else "each"
    moved = f"{count_text(count, 'device')} will be polled by {name}; {each} pauses for at most one second."
    if there_already:
        moved = f"{moved} {there_already:,} more {'is' if there_already == 1 else 'are'} there already."
    return f"{moved} While {name} is down, others poll {_it(count + there_already)}."


def balance_consequence(count: int) -> str:
    """Return what giving devices back to the balance does."""
    return (
        f"{count_text(count, 'device')} will be polled by whichever station has fewest; each that moves "
        "pauses for at most one second."
    )


def progress_of(order: StationOrder, report: StationReport | None, now: datetime) -> Progress:
    """Return how far an open order is, and what is being waited for.

    Args:
        order: Not ended.
        report: The station's, where it can be heard.
        now: Timezone-aware.
    """
    if order.begun_at is None:
        asked_s = (now - order.asked_at).total_seconds()
        return Progress(f"Waiting for the station to begin; asked {age_text(asked_s)} ago.")
    if order.kind is not OrderKind.DRILL:
        return Progress("Offering the database once more what it declined…")
    waiting = 0 if report is None else report.waiting
    done_s = max(0.0, (now - order.begun_at).total_seconds())
    if done_s < order.amount_s:
        kept = f"; {count_text(waiting, 'reading')} kept so far" if waiting else ""
        left = f"Cut off the database, {order.amount_s - done_s:.0f} s left{kept}."
        return Progress(left, round(done_s), round(order.amount_s))
    kept = f"{count_text(waiting, 'reading')} left" if waiting else "its report is on its way"
    return Progress(f"Connected again; waiting until everything kept is delivered: {kept}.")


def order_line(order: StationOrder, now: datetime) -> str:
    """Return one order as it is listed: what, how long, by whom, when."""
    length = f" of {length_text(order.amount_s)}" if order.kind is OrderKind.DRILL else ""
    by = f" by {order.asked_by}" if order.asked_by else ""
    return f"{_NAMES[order.kind]}{length}, asked{by}, {moment_text(order.asked_at, now)}"


def order_outcome(order: StationOrder) -> str:
    """Return what came of an order."""
    return order.outcome or (
        "Under way." if order.ended_at is None else "Done; the station said nothing about it."
    )


def _names(stations: Sequence[StationRow]) -> str:
    names = [row.name for row in stations]
    if len(names) > 3:
        return f"{len(names)} other stations"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _them(count: int) -> str:
    return "this device" if count == 1 else f"these {count_text(count, 'device')}"


def _it(count: int) -> str:
    return "it" if count == 1 else "them"
