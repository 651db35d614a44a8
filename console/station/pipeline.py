"""The station as a whole: makes its parts, connects them, starts and stops them in order.

`conveyor.py` is the way of a value; `leasing/rota.py` says who is polled, `leasing/duty.py` whether.
"""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from console.settings import Settings
from console.station.alarm_time import AlarmTime
from console.station.alerts.alert_office import AlertOffice
from console.station.alerts.unsettled import Unsettled
from console.station.assignment import Assignment, assignment_from_plan
from console.station.catalogue_cache import CatalogueCache
from console.station.clocks.clock_watch import ClockWatch
from console.station.clocks.receive_times import ReceiveWatch
from console.station.clocks.site_clock import SiteClock
from console.station.conditions import worst_first
from console.station.connections.office import ConnectionOffice
from console.station.conveyor import Conveyor
from console.station.drill import Drill, DrillBook
from console.station.errors import AlreadyRunning
from console.station.event_look import EventLook
from console.station.feed import Feed, NoFeed
from console.station.figures import farewell_of, figures_of
from console.station.health import Health
from console.station.judgement import Judgement
from console.station.leasing.duty import Duty, witness_place
from console.station.leasing.rota import Rota
from console.station.memory.plan_memory import RememberedPlan
from console.station.memory.recollection import Recollection
from console.station.notifications.dispatcher import Dispatcher
from console.station.notifications.limits import SendLimits
from console.station.notifications.store import NotificationStore
from console.station.orders import Orders, retry_quarantine
from console.station.outbox import Outbox
from console.station.papers_watch import PapersWatch
from console.station.polling.hubs import Hubs
from console.station.polling.poller import Poller
from console.station.rollouts.office import RolloutOffice
from console.station.rollouts.store import RolloutStore
from console.station.rounds import call_soon, repeat
from console.station.spool.spool import Spool
from console.station.state_book import StateBook
from console.station.store import DatabaseStore, Plan, Store
from console.station.ticket_book import TicketBook
from console.station.tuning import Tuning
from console.station.upkeep import Upkeep
from console.station.watchdog import Watchdog
from console.station.workbench.desk import DeviceDesk
from console.station.writer import Writer
from models.audit_anchors import AnchorFile
from models.database import Database
from models.file_lock import FileLock
from models.records.device import DeviceId
from models.records.station import OrderKind, StationReport

_log = logging.getLogger(__name__)


class Station:
    """Polls, judges and records. Made anywhere; `start`, `stop` and `figures` belong to one event loop."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        feed: Feed | None = None,
        prepare: Callable[[], None] = lambda: None,
        *,
        store: Store | None = None,
        clock: SiteClock | None = None,
        tuning: Tuning | None = None,
        notifications: NotificationStore | None = None,
        rollouts: RolloutStore | None = None,
        on_well: Callable[[], None] = lambda: None,
    ) -> None:
        """Build every part and connect them; starts nothing.

        Args:
            settings: Names the data folder that only one station may work on.
            database: Used by the station's threads; closing it is the caller's affair.
            feed: Who watches live; nobody by default.
            prepare: Makes the database ready before each attempt to read the catalogue; called on the
                catalogue's thread; raises StorageError where it cannot.
            store, clock, tuning: Taken instead of the real ones, for tests.
            notifications: The queue of messages to send; None = this station sends none.
            rollouts: Whom to ask for devices to update; None = this station updates none.
            on_well: Called twice a second while nothing in the station hangs, on the watchdog's thread.
        """
        self._settings = settings
        self._clock = clock or SiteClock()
        self._clock_watch = ClockWatch(self._clock)
        self._papers = PapersWatch(settings.pki_dir, self._clock)
        self._tuning = tuning or Tuning()
        self._feed: Feed = feed or NoFeed()
        self.health = Health()
        chosen = store or DatabaseStore(database)
        self._outbox = Outbox(self._tuning.waiting_limit, self._tuning.batch, self._clock)
        self._spool = Spool(settings.spool_dir, self._outbox, self._clock, self._tuning, self.health.spool)
        self._states = StateBook()
        unsettled = Unsettled(lambda: self._outbox.counts().findings)
        self._judgement = Judgement(
            self._outbox,
            self.health.judging,
            self._tuning.clock_step_s,
            lambda id: self._rota.epochs.get(id, 0),
            unsettled.note,
        )
        self._memory = Recollection(
            settings.data_dir,
            "embedded" if settings.database_url is None else database.address.site,
            chosen.recall_box,
            self._clock,
            self._tuning,
            self.health.memory,
        )
        self._alerts = AlertOffice(
            self._judgement.alerts,
            unsettled,
            chosen.load_alerts,
            self._spool.keep,
            self._feed,
            self._clock,
            self._tuning,
            self.health.alerts,
            self._memory.keep_alerts,
            self._judgement.believe,
        )
        self._hubs = Hubs(self._tuning, settings.pki_dir)
        self._workbench = DeviceDesk(
            self._hubs.hub, chosen.note_write, self.health.workbench, self._tuning.close_limit_s
        )
        self._drill_book = DrillBook()
        drill = Drill(
            chosen,
            self._clock,
            self._drill_book,
            self._outbox.counts,
            lambda: self._duty.own,
            lambda: self._duty.is_silent,
            lambda: self._writer.fenced,
        )
        self._orders = Orders(
            chosen,
            self._tuning,
            self.health.orders,
            {OrderKind.DRILL: drill.run, OrderKind.RETRY_QUARANTINE: retry_quarantine(self._spool)},
        )
        self._duty = Duty(
            chosen,
            self._clock,
            self._tuning,
            self.health.leases,
            witness_place(database and database.address, settings.witness_port, settings.data_dir),
            self._share_out,
            self._orders.call,
        )
        conveyor = Conveyor(
            ReceiveWatch(self._clock),
            self._judgement,
            self._states,
            self._outbox,
            self._feed,
            self.health.judging,
            lambda id: self._rota.epochs.get(id, 0),
            self._drill_book.note,
            self._on_carried,
        )
        self._poller = Poller(self._clock, self._tuning, self.health, conveyor.carry, self._duty.may_poll)
        self._rota = Rota(
            self._poller,
            self._hubs,
            self._judgement,
            self._states,
            self._outbox,
            self._feed,
            self._clock,
            self._on_devices,
        )
        self._connections = ConnectionOffice(
            self._poller,
            self._judgement,
            lambda id: self._rota.epochs.get(id, 0),
            lambda: self._duty.own,
            chosen,
            self._feed,
            self._clock,
            self._tuning,
            self.health,
        )
        self._rollouts = RolloutOffice(
            rollouts, self._duty, self._rota, self._poller, self._hubs, self._clock, self.health, self._tuning
        )
        self._events = EventLook(self._poller.channels, self._judgement, self._clock)
        self._writer = Writer(
            chosen, self._outbox, self._clock, self._tuning, self.health.writer, self._spool
        )
        anchors = AnchorFile(settings.data_dir)
        self._upkeep = Upkeep(
            chosen,
            self._clock,
            self._tuning,
            self.health.upkeep,
            (lambda: anchors.keep_head(database)) if isinstance(chosen, DatabaseStore) else (lambda: None),
        )
        self._alarm_time = AlarmTime(chosen, self._tuning, self.health.alarm_time)
        self._tickets = TicketBook(
            chosen, self._clock, self._tuning, self.health.tickets, self._memory.tickets
        )
        told = self._tickets.recheck, self._alerts.ask, self._rollouts.stir
        self._catalogue = CatalogueCache(
            chosen,
            self._tuning,
            self.health.catalogue,
            self._on_plan,
            lambda: self._prepared(prepare),
            *told,
            self._memory.recall,
            self._on_recall,
        )
        terms = self.health.notifications, settings.station_name, self._tuning.thread_limit_s
        self._notifications = (
            None if notifications is None else Dispatcher(notifications, self._clock, SendLimits(), *terms)
        )
        self._watchdog = Watchdog(
            self.health, self._clock, self._tuning, settings.log_dir / "station.faults.txt", on_well
        )
        self._lock = FileLock(settings.data_dir / "station.lock")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._is_started = False
        self._seen_at_s = self._clock.monotonic()

    async def start(self) -> None:
        """Begin to work, whether or not the database is there yet.

        Raises:
            AlreadyRunning: Another station works on the same data folder.
        """
        self._settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._lock.try_acquire():
            raise AlreadyRunning(
                f"A station already polls for {self._settings.data_dir}; end it first, or choose another "
                "folder with --data."
            )
        self._loop = asyncio.get_running_loop()
        self._is_started = True
        self._watchdog.start()
        held = self._memory.start()
        if held is not None:
            self._duty.remember(held.own, held.tenure, held.gained_unix)
        self._tickets.start()
        self._alerts.start()
        await self._feed.start(self._tickets, self._alerts.desk, self._workbench)
        self._poller.start()
        await self._duty.start()
        self._orders.start()
        await asyncio.to_thread(self._spool.start)
        self._judgement.recall(await asyncio.to_thread(self._spool.backlog.findings_left))
        self._writer.start()
        self._upkeep.start()
        self._connections.start()
        self._catalogue.start()
        if self._notifications is not None:
            self._notifications.start()
        self._rollouts.start()
        self._alarm_time.start()
        limits = self._tuning
        self._tasks = (
            repeat("station-report", limits.report_s, self._report, self.health.reporting, limits.stuck_s),
            repeat("station-tick", limits.judge_s, self._tick, self.health.judging, limits.stuck_s),
        )
        self._look_after_poller(self._loop)

    async def stop(self) -> None:
        """Stop polling, write everything that waits, tell the windows, end every thread. Safe twice."""
        if not self._is_started:
            return
        self._is_started = False
        await asyncio.to_thread(self._catalogue.stop)
        self.health.poller.pulse.rest()
        await self._poller.stop()
        await asyncio.to_thread(self._orders.stop)
        await self._workbench.stop()
        await self._rollouts.stop()
        await self._hubs.close()
        # States stay as last found: with `last_seen` beside them they are facts, while "offline" would blame
        # devices for our leaving.
        self._outbox.put_states(self._states.take_seen(), is_urgent=False, epochs=self._rota.epochs)
        await asyncio.to_thread(self._writer.stop)
        await asyncio.to_thread(self._spool.stop)
        # Only now: what was written last was found under its leases.
        await self._duty.stop()
        await asyncio.to_thread(self._upkeep.stop)
        await self._connections.stop()
        await asyncio.to_thread(self._alarm_time.stop)
        if self._notifications is not None:
            await asyncio.to_thread(self._notifications.stop)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._feed.publish_figures(self.figures())
        await self._feed.stop()
        await self._tickets.stop()
        await self._alerts.stop()
        await asyncio.to_thread(self._memory.stop)
        await asyncio.to_thread(self._watchdog.stop)
        self._lock.release()
        _log.info("The station stopped: %s", farewell_of(self.figures()))

    def figures(self) -> StationReport:
        """Return how the station is doing."""
        trouble = f"{self._writer.trouble or self._catalogue.trouble} {self._catalogue.remembered}".strip()
        return msgspec.structs.replace(
            figures_of(self._outbox, self._spool, self.health, self._states, self._judgement, self._clock),
            database=trouble or "live",
            clock_offset_s=self._clock_watch.ahead_s,
            is_silent=self._duty.is_silent,
            station=self._duty.own,
            conditions=worst_first(
                self._watchdog.conditions(),
                self._duty.conditions(),
                self._clock_watch.conditions(),
                self._papers.conditions(),
                self._writer.conditions(),
                self._spool.conditions(),
            ),
        )

    def _on_carried(self) -> None:
        self._alerts.publish()
        self._rota.announce_states()

    def _on_plan(self, plan: Plan) -> None:
        """Check a plan on the catalogue's thread, and hand it to the event loop."""
        self._memory.keep_plan(plan)
        self._hand_on(plan)

    def _on_recall(self, remembered: RememberedPlan) -> None:
        """Begin by what is remembered, on the catalogue's thread: the database is away."""
        assert self._loop is not None  # the loop is known before the catalogue starts
        self._loop.call_soon_threadsafe(self._alerts.recall, remembered.alerts)
        self._hand_on(remembered.plan)

    def _hand_on(self, plan: Plan) -> None:
        assignment = assignment_from_plan(plan)
        assert self._loop is not None  # the catalogue starts after the loop is known
        self._loop.call_soon_threadsafe(self._assign, assignment)

    def _assign(self, assignment: Assignment) -> None:
        """Work by a new plan from now on."""
        if self._is_started:
            self._workbench.set_plan(assignment.plan)
            self._rota.assign(assignment, self._duty.share, is_silent=self._duty.is_silent)

    def _share_out(self) -> None:
        """Work by a new share of the plan from now on."""
        if self._is_started:
            self._rota.share_out(self._duty.share, is_silent=self._duty.is_silent)

    def _on_devices(self, devices: set[DeviceId]) -> None:
        self._alerts.set_devices(devices)
        self._keep_tenure()

    def _keep_tenure(self) -> None:
        self._memory.keep_tenure(self._duty.own, self._duty.tenure, self._duty.gained_unix)

    def _prepared(self, prepare: Callable[[], None]) -> None:
        """Make the database ready, on the catalogue's thread; whoever waits for it need not wait longer."""
        prepare()
        self._duty.database_is_there()

    def _report(self) -> None:
        """Tell windows how the station is doing; now and then, when devices were last seen."""
        self._clock_watch.look()
        self._papers.look()
        figures = self.figures()
        self._duty.report(figures)
        self._keep_tenure()
        self._feed.publish_figures(figures)
        now_s = self._clock.monotonic()
        if now_s - self._seen_at_s >= self._tuning.last_seen_s:
            self._seen_at_s = now_s
            self._rota.announce_seen()

    def _tick(self) -> None:
        """Tell the rules what time it is, so that silence is heard as well."""
        self._events.look()
        self._judgement.pass_time(self._clock.unix())
        self._alerts.pass_time()

    def _look_after_poller(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have its timer set again should it ever be lost: every tick sets the next one."""
        self.health.poller.revive = lambda: call_soon(loop, self._poller.start)
        self.health.poller.pulse.beat(self._tuning.stuck_s)
