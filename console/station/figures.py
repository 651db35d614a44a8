"""What a station tells of itself once a second, as far as its counters say it."""

from console.station.clocks.clock import Clock
from console.station.health import Health
from console.station.judgement import Judgement
from console.station.outbox import Outbox
from console.station.spool.spool import Spool
from console.station.state_book import StateBook
from models.records.station import StationReport


def figures_of(
    outbox: Outbox, spool: Spool, health: Health, states: StateBook, judgement: Judgement, clock: Clock
) -> StationReport:
    """Return the counts as of now; what is wrong, and with which part, is for the whole station to say."""
    counts, gauge = outbox.counts(), spool.gauge()
    now_unix = clock.unix()
    oldest = {id: now_unix - 2.0 * line.device.period_s for id, line in judgement.lines.items()}
    return StationReport(
        collecting=states.count_seen_since(oldest),
        configured=len(states),
        readings_taken=counts.taken,
        readings_stored=counts.stored,
        waiting=counts.waiting,
        dropped=counts.dropped,
        spooled=counts.spooled,
        spool_bytes=gauge.used_bytes,
        spool_limit_bytes=gauge.limit_bytes,
        room_s=gauge.room_s,
        quarantined=counts.quarantined,
        missed_periods=health.missed_periods,
        due_periods=health.due_periods,
        database="live",
        sent_unix=now_unix,
    )


def farewell_of(report: StationReport) -> str:
    """Return what a station that stops says of its life, for the log."""
    return (
        f"{report.readings_taken} readings taken, {report.readings_stored} stored, "
        f"{report.waiting} waiting in the spool, {report.dropped} dropped; "
        f"{report.missed_periods} of {report.due_periods} periods missed"
    )
