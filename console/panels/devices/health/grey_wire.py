"""The links between device and station: is it polled, what was asked and answered, what came of it. Pure."""

from console.panels.devices.health.decode_advice import decode_advice
from console.panels.devices.health.grey_link import Link, Mark, Place, ShownExchange
from console.panels.devices.health.grey_sources import GreySources
from console.panels.devices.health.health_words import bytes_text, ms_text
from console.panels.wording import count_text, moment_from_unix, moment_text, value_text
from console.widgets.stale_hatching import age_text
from models.records.device import DeviceStatus
from models.records.device_health import DeviceHealth, Exchange, TagRead
from models.records.station import ConditionKind

SILENT_S = 45.0
"""Stations tell every fifteen seconds at the latest; after three times that they are taken for silent."""

_PERIODS = 3.0
_NO_STATION = "Start a station; the Stations screen shows which are alive and what each of them polls."
_POLLS_NOTHING = "The station polls nothing; the Stations screen says why."


def device_link(sources: GreySources) -> Link:
    """Return whether somebody polls the device, and whether it is there."""
    health = sources.health
    if health is None:
        return _untold_device(sources)
    seen_s = max(0.0, sources.now_unix - health.good_read_unix) if health.good_read_unix else None
    good = "nothing good was read yet" if seen_s is None else f"last good value {age_text(seen_s)} ago"
    lines = (
        f"Polled every {sources.device.period_s:g} s by {sources.station_name}.",
        f"{_counts(health)}; {good}.",
    )
    advice = _standstill(sources, health)
    if advice is None:
        why = "Another station polls it; while the database is away nothing is heard of it."
        return Link(Place.DEVICE, Mark.UNKNOWN, seen_s, (*lines, why))
    if not advice and health.failure and not _is_answer_wrong(health):
        advice = health.failure
    return Link(Place.DEVICE, Mark.BROKEN if advice else Mark.HOLDS, seen_s, lines, advice)


def exchange_link(sources: GreySources) -> Link:
    """Return what was asked of the device last, and what it answered."""
    health = sources.health
    shown = () if health is None else _shown(health, sources.now_unix)
    if health is None or not shown:
        why = "Not known." if health is None else "The driver of this device keeps no requests and responses."
        return Link(Place.EXCHANGE, Mark.UNKNOWN, None, (why,))
    newest = shown[0].exchange
    age_s = max(0.0, sources.now_unix - newest.sent_unix)
    lines = [_exchange_words(newest)]
    if health.round_trip_p50_ms is not None:
        half, most = ms_text(health.round_trip_p50_ms), ms_text(health.round_trip_p99_ms)
        lines.append(f"Half of the round trips take up to {half}, 99 of 100 up to {most}.")
    advice = health.failure if _is_answer_wrong(health) else ""
    mark = Mark.BROKEN if advice else Mark.HOLDS
    return Link(Place.EXCHANGE, mark, age_s, tuple(lines), advice, shown)


def decode_link(sources: GreySources) -> Link:
    """Return what became of the answer for this tag."""
    read, tag, health = sources.read, sources.tag, sources.health
    where = f"{tag.address}, {sources.scaling}"
    if read is None or health is None:
        return Link(Place.DECODE, Mark.UNKNOWN, None, (f"{where}: nothing was decoded yet.",))
    age_s = max(0.0, sources.now_unix - read.received_unix) if read.received_unix else None
    lines = [f"{where}: {_decoded_words(sources, read)}"]
    if read.source_unix is not None:
        at = moment_text(moment_from_unix(read.source_unix), moment_from_unix(sources.now_unix))
        lines.append(f"By the device's own clock it is of {at}.")
    advice = _value_advice(sources, read)
    if advice:
        return Link(Place.DECODE, Mark.BROKEN, age_s, tuple(lines), advice)
    # By when it was told, not by now: what another station tells is some seconds old, and no worse for it.
    if health.as_of_unix - read.received_unix > _PERIODS * max(1.0, sources.device.period_s):
        late = "The device sends nothing new for this tag: test the connection, and check the tag's address."
        return Link(Place.DECODE, Mark.BROKEN, age_s, tuple(lines), late, is_late=True)
    return Link(Place.DECODE, Mark.HOLDS, age_s, tuple(lines))


def _untold_device(sources: GreySources) -> Link:
    state = sources.state
    seen_s = None if state.last_seen_at is None else sources.now_unix - state.last_seen_at.timestamp()
    if state.status is not DeviceStatus.ONLINE and state.detail:
        return Link(Place.DEVICE, Mark.BROKEN, seen_s, (), state.detail)
    if not sources.is_station_alive:
        return Link(Place.DEVICE, Mark.BROKEN, seen_s, ("No station polls this device.",), _NO_STATION)
    return Link(Place.DEVICE, Mark.UNKNOWN, seen_s, ("No station has told how this connection does yet.",))


def _counts(health: DeviceHealth) -> str:
    words = f"{health.polls_answered:,} of {count_text(health.polls_due, 'poll')} answered"
    words += f", {health.polls_failed:,} failed" if health.polls_failed else ""
    return words + (f", {health.polls_missed:,} missed" if health.polls_missed else "")


def _standstill(sources: GreySources, health: DeviceHealth) -> str | None:
    """Return why nobody polls the device, "" where somebody does; None where nobody here can know."""
    report, state = sources.report, sources.state
    if report is not None and report.is_silent:
        silent = (one.sentence for one in report.conditions if one.kind is ConditionKind.SILENT)
        return next(silent, _POLLS_NOTHING)
    untold_s = sources.now_unix - health.as_of_unix
    if untold_s <= SILENT_S:
        return ""
    if state.status is DeviceStatus.ERROR and state.detail:
        return state.detail
    if sources.database_trouble and not sources.is_told_here:
        return None
    return (
        f"{sources.station_name} has told nothing of this device for {age_text(untold_s)}; "
        "look on the Stations screen whether it works."
    )


def _is_answer_wrong(health: DeviceHealth) -> bool:
    """Whether the latest poll failed at a request that was sent, rather than before one could be."""
    failed = health.last_failed
    # Without a byte on the wire it was the connection that failed, not the answer.
    if not health.failure or failed is None or not failed.request_bytes:
        return False
    return health.last is None or failed.sent_unix >= health.last.sent_unix


def _shown(health: DeviceHealth, now_unix: float) -> tuple[ShownExchange, ...]:
    """The newest exchange, and the newest that failed where that is another one."""
    last, failed = health.last, health.last_failed
    if failed is None or last is None or failed.sent_unix >= last.sent_unix:
        newest = failed or last
        return () if newest is None else (ShownExchange(newest),)
    age = age_text(max(0.0, now_unix - failed.sent_unix))
    return ShownExchange(last), ShownExchange(failed, f"The last that failed, {age} ago: {_outcome(failed)}")


def _exchange_words(exchange: Exchange) -> str:
    words = _outcome(exchange)
    return words[:1].upper() + words[1:]


def _outcome(exchange: Exchange) -> str:
    asked, took = exchange.asked or "a request", ms_text(exchange.took_ms)
    if exchange.outcome:
        return f"{asked}: {exchange.outcome}, after {took}."
    size = f" with {bytes_text(exchange.response_bytes)}" if exchange.response_bytes else ""
    return f"{asked}: answered{size} in {took}."


def _decoded_words(sources: GreySources, read: TagRead) -> str:
    if read.value is None:
        return f"no value, quality {read.quality}: {read.detail or 'none came'}."
    raw = f"{read.value:,.10g}" if isinstance(read.value, float) else str(read.value)
    quantity, scaled = sources.quantity, sources.scaled(read.value)
    words = f"{scaled:,.6g}" if quantity is None else value_text(quantity, scaled)
    why = f": {read.detail}" if read.detail else ""
    return f"{raw} read, {words} after scaling, quality {read.quality}{why}."


def _value_advice(sources: GreySources, read: TagRead) -> str:
    """Return what to do about a value that is not shown; empty where it is."""
    if read.quality != "good" or read.value is None:
        return decode_advice(read.detail or ("uncertain" if read.quality == "uncertain" else "no value"))
    scaled, quantity = sources.scaled(read.value), sources.quantity
    if quantity is None or quantity.plausible[0] <= scaled <= quantity.plausible[1]:
        return ""
    low, high = quantity.plausible
    return (
        f"{scaled:,.6g} {quantity.unit} is outside the plausible {low:,.10g} to {high:,.10g} "
        f"{quantity.unit}: check data type, byte and word order and scale, then wiring and sensor."
    )
