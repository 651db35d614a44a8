"""The station's copy of devices and thresholds, kept current by a thread that listens to the database.

The same connection hears of persons and tickets, of alerts and of rollouts, and passes that on: see
`ticket_book.py`, `alert_news.py` and `rollouts/stirring.py`. Where the database is away at the start, it
hands out what is remembered (`plan_memory.py`).
"""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.memory.plan_memory import RememberedPlan
from console.station.store import Change, Plan, Store
from console.station.tuning import Tuning
from models.clock_words import moment_in_words
from models.errors import DatabaseAway, StorageError
from models.records.device import Device, DeviceStatus

_log = logging.getLogger(__name__)

_PREPARE_LIMIT_S = 1800.0
"""Creating a database takes seconds, but one statement of an upgrade may move a year of readings."""


class CatalogueCache:
    """Loads the plan, hands it out, and does so again after every announced change and every reconnection."""

    def __init__(
        self,
        store: Store,
        tuning: Tuning,
        health: LoopHealth,
        on_plan: Callable[[Plan], None],
        prepare: Callable[[], None],
        on_people: Callable[[], None] = lambda: None,
        on_alerts: Callable[[], None] = lambda: None,
        on_rollouts: Callable[[], None] = lambda: None,
        recall: Callable[[], RememberedPlan | None] = lambda: None,
        on_recall: Callable[[RememberedPlan], None] = lambda _: None,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            store: Where the plan comes from.
            tuning: Waits between attempts.
            health: Counts loads and failures.
            on_plan: Called with each plan that differs from the one before, on this cache's thread.
            prepare: Called before each first load on a new connection: makes the database ready, or raises
                StorageError where it is not.
            on_people: Called on this cache's thread after every announced change of persons or tickets, and
                after every reconnection.
            on_alerts: The same for alerts.
            on_rollouts: The same for rollouts.
            recall: Returns what the station remembers of its last run; called at most once, on this cache's
                thread, where the database is away before it gave any plan.
            on_recall: Called with that; the plan that the database gives later comes through `on_plan`.
        """
        self._store = store
        self._tuning = tuning
        self._health = health
        self._on_plan = on_plan
        self._prepare = prepare
        self._on_people = on_people
        self._on_alerts = on_alerts
        self._on_rollouts = on_rollouts
        self._recall = recall
        self._on_recall = on_recall
        self._has_recalled = False
        self._remembered = ""
        self._thread = DatabaseThread("station-catalogue", self._run, tuning.thread_limit_s, health=health)
        self._plan: Plan | None = None
        self._trouble = "Connecting to the database…"
        self._failures = 0

    @property
    def trouble(self) -> str:
        """One sentence why the catalogue cannot be read right now; empty while it can."""
        return self._trouble

    @property
    def remembered(self) -> str:
        """One sentence while the station works by what it remembers; empty otherwise."""
        return self._remembered

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, as `DatabaseThread.stop` does. Blocks; safe twice."""
        self._thread.stop()

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            try:
                turn.step("making the database ready", _PREPARE_LIMIT_S)
                self._prepare()
                turn.step()
                # The first item comes as soon as we listen, so nothing announced later is lost.
                for change in self._store.watch(turn):
                    if change is Change.PEOPLE:
                        self._on_people()
                    elif change is Change.ALERTS:
                        self._on_alerts()
                    elif change is Change.FIRMWARE:
                        self._on_rollouts()
                    else:
                        self._load(turn)
            except StorageError as error:
                self._note(error, turn)
            except Exception as error:  # noqa: BLE001 - the catalogue's net: the next attempt may succeed
                _log.exception("Reading the catalogue failed in a way nobody foresaw")
                self._note(error, turn)
            if not turn.is_set():
                turn.wait(self._tuning.retry.wait_s(max(1, self._failures), random.random()))

    def _load(self, turn: Turn) -> None:
        plan = self._store.load_plan()
        if turn.is_set():
            # Given up meanwhile, perhaps: another thread knows a newer plan by now.
            return
        self._health.passes += 1
        self._failures = 0
        self._has_recalled, self._remembered = True, ""
        if self._trouble:
            self._trouble = ""
            _log.info(
                "The database is live: %d devices, %d thresholds", len(plan.devices), len(plan.thresholds)
            )
        if self._plan is None or _is_changed(self._plan, plan):
            self._plan = plan
            self._on_plan(plan)

    def _note(self, error: Exception, turn: Turn) -> None:
        if turn.is_set():
            return
        self._health.note_failure(error)
        self._failures += 1
        if self._trouble != str(error):
            _log.warning("The catalogue cannot be read: %s", error)
        self._trouble = str(error)
        if isinstance(error, DatabaseAway) and not self._has_recalled:
            self._has_recalled = True
            self._begin_from_memory()

    def _begin_from_memory(self) -> None:
        kept = self._recall()
        if kept is None:
            return
        when = moment_in_words(datetime.fromtimestamp(kept.kept_unix, UTC))
        _log.warning(
            "The station begins by what it remembers of %s: %d devices", when, len(kept.plan.devices)
        )
        self._remembered = f"The station works by what it knew at {when}."
        self._on_recall(kept)


def _is_changed(old: Plan, new: Plan) -> bool:
    """Whether a plan asks for anything else; statuses that stations write themselves are no change."""
    is_same = (new.thresholds, new.secrets, new.quantities) == (old.thresholds, old.secrets, old.quantities)
    return not is_same or [_asked(device) for device in old.devices] != [
        _asked(device) for device in new.devices
    ]


def _asked(device: Device) -> Device:
    return replace(device, status=DeviceStatus.OFFLINE, status_detail="", last_seen_at=None)
