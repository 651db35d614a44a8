"""The station's figures in one place: periods, limits and sizes. Tests make their own."""

from dataclasses import dataclass

from console.station.backoff import Backoff
from console.station.rollouts.pace import Pace

_PROBE = Backoff(first_s=0.5, longest_s=5.0)
_RETRY = Backoff(first_s=0.2, longest_s=2.0)
_PACE = Pace()


@dataclass(frozen=True, slots=True)
class Tuning:
    """How the station divides its time and memory.

    Attributes:
        tick_s: Devices are polled on a grid of this width. All requests of a tick leave together, and most of
            their replies wake the loop together: 1,000 polls/s cost 34 µs each this way, 216 µs with a timer
            each.
        look_round_s: How often the poller looks for polls that have run for too long.
        poll_limit_s: A driver that has not ended `read()` or `open()` by then is cancelled. Drivers end by
            themselves much earlier; this is for those that break their promise.
        poll_limit_timeouts: The same limit as a multiple of the connection's own `timeout_s` and attempts,
            where that is longer: a slow radio link with generous time-outs is not stuck.
        cancel_grace_s: How long a cancelled driver may take to notice; after that it is left behind.
        stuck_drivers: So many left-behind polls of one device may exist; while they do, it is not tried.
        probe: Waits between attempts to reach a lost device. The longest is what lets a restarted plant heal
            within 10 s.
        close_limit_s: How long a driver may take to close.
        clock_step_s: A computer's clock set back by less than this is bridged (readings keep their order);
            by more, it is followed.
        flush_s: A reading waits at most this long for others before it is written.
        batch: Readings written in one transaction at most.
        waiting_limit: Readings and findings kept in memory while neither database nor disk takes them; then
            the oldest readings are dropped.
        spill_s: What has waited in memory for so long goes to the disk.
        spill_look_s: How often that is looked for at most.
        spool_limit_bytes: What the spool may take on the disk; less where the disk has less to give.
        ballast_bytes: Kept free for the spool, for when the disk is full.
        replay_per_s: Readings a second that are brought from the disk to a database that is back, beside the
            live ones.
        replay_batch: Readings brought back in one transaction at most.
        repeat_s: So much of what was committed before a loss is written again after it: a standby that was
            promoted may lack it.
        dropped_shown_s: For how long people are told after the last reading was dropped.
        retry: Waits between attempts to write.
        last_seen_s: How often `last_seen` of devices is written; changes of status are written at once.
        flush_limit_s: How long a stopping station waits for a database that takes nothing. Below the 4 s that
            a window grants the station it started.
        thread_limit_s: How long a stopping station waits for a thread that the database keeps waiting.
        report_s: How often windows are told how the station is doing.
        partitions_s: How often partitions are made ahead.
        rollups_s: How often rollups are brought up to date.
        clear_way_s: How often sessions are looked for that keep a station from writing.
        record_health_s: How often the database is told how connections do.
        judge_s: How often rules hear what time it is, and the database, too.
        renew_s: How often leases are renewed.
        renew_again_s: How long a station waits after a renewal that failed.
        enter_again_s: How long it waits after a newer start of itself took its place; then twice as long,
        enter_again_most_s: but no longer than this.
        ask_s: How often other stations are asked while no renewal succeeds.
        refused_s: How long a station waits after the database refused to be told the time.
        tickets_pause_s: Least time between two questions about tickets; each is about all that wait.
        tickets_look_s: How often tickets that have run out are looked for.
        watch_s: How often the watchdog looks round.
        loop_limit_s: An event loop that has not turned for so long ends the process.
        stuck_s: A loop that makes no progress for so long is started again, where it names no limit itself.
        left_behind: So many threads that hang may be left behind; one more ends the process.
        restart_shown_s: For how long people are told that a loop was started again.
        rollouts: Of firmware updates.
    """

    tick_s: float = 0.02
    look_round_s: float = 0.5
    poll_limit_s: float = 10.0
    poll_limit_timeouts: float = 4.0
    cancel_grace_s: float = 0.5
    stuck_drivers: int = 3
    probe: Backoff = _PROBE
    close_limit_s: float = 1.0
    clock_step_s: float = 60.0
    flush_s: float = 0.1
    batch: int = 1000
    waiting_limit: int = 200_000
    spill_s: float = 1.0
    spill_look_s: float = 0.1
    spool_limit_bytes: int = 2 * 1024**3
    ballast_bytes: int = 8 * 1024**2
    replay_per_s: float = 20_000.0
    replay_batch: int = 4000
    repeat_s: float = 10.0
    dropped_shown_s: float = 600.0
    retry: Backoff = _RETRY
    last_seen_s: float = 10.0
    flush_limit_s: float = 3.0
    thread_limit_s: float = 1.0
    report_s: float = 1.0
    partitions_s: float = 3600.0
    rollups_s: float = 60.0
    clear_way_s: float = 2.0
    record_health_s: float = 15.0
    judge_s: float = 1.0
    renew_s: float = 1.0
    renew_again_s: float = 0.5
    enter_again_s: float = 5.0
    enter_again_most_s: float = 60.0
    ask_s: float = 0.5
    refused_s: float = 300.0
    tickets_pause_s: float = 0.1
    tickets_look_s: float = 0.5
    watch_s: float = 0.5
    loop_limit_s: float = 10.0
    stuck_s: float = 10.0
    left_behind: int = 12
    restart_shown_s: float = 600.0
    rollouts: Pace = _PACE
