"""Visits every screen of the real window with live data; takes pictures of them, of dialogs, of the entrance.

Prints one line a screen, `overview  132 ms  DIR/1-overview.png`; the time is from the call to the end of the
screen's first painting.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QSize, QTimer
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.bridge.session_state import Phase, SessionState
from console.demo_people import PERSONS
from console.frame.demo_page import DemoPage
from console.frame.entrance import in_the_middle
from console.frame.first_admin_page import FirstAdminPage
from console.frame.paint_watch import PaintWatch
from console.frame.sign_in_page import SignInPage
from console.frame.urgency import urgency_of
from console.main_window import MainWindow
from models.records.device import DeviceId

STILL_FOR_S = 90.0
"""Nothing at all moved on the way to live data for so long: the tour gives up."""
NO_FARTHER_FOR_S = 900.0
"""Readings come, but never of more devices than before: it gives up as well."""
PAST_WITHIN_S = 120.0
POPULATED_WITHIN_S = 10.0
_SETTLE_MS = 400
_POLL_MS = 25
_ANSWERED_S = 1.5
_OF_WATCHING = 0.25
_DIALOG = ": "


@dataclass(frozen=True, slots=True)
class TourPlan:
    """What to take pictures of.

    Attributes:
        folder: Where the pictures go; made where missing.
        size: Of the window, in pixels.
        watch_s: Seconds of live data before the first picture, so that charts have something to show.
    """

    folder: Path
    size: QSize
    watch_s: float

    @property
    def answered_ms(self) -> int:
        """Milliseconds that dialogs have for what they ask: little where charts have little time."""
        return round(1000 * min(_ANSWERED_S, _OF_WATCHING * self.watch_s))


class Tour(QObject):
    """Runs by itself once started; calls `finish` with the exit code."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        plan: TourPlan,
        finish: Callable[[int], None],
        tell: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201 - its lines are the answer
        has_past: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._plan = plan
        self._finish = finish
        self._tell = tell
        self._has_past = has_past
        self._keys: list[str] = []
        self._taken = 0
        self._called_at = 0.0
        self._call_up_ms: float | None = None
        self._deadline = self._past_deadline = 0.0
        self._moved_at = self._farther_at = 0.0
        self._seen: tuple[object, ...] = ()
        self._farthest: tuple[int, ...] = ()
        self._poll = QTimer(self, interval=_POLL_MS)

    def start(self) -> None:
        """Wait for live data, then go round."""
        self._plan.folder.mkdir(parents=True, exist_ok=True)
        self._moved_at = self._farther_at = time.monotonic()
        self._past_deadline = time.monotonic() + PAST_WITHIN_S
        self._poll.timeout.connect(self._wait_for_live)
        self._poll.start()

    def _wait_for_live(self) -> None:
        is_live = self._live_share() >= 0.5
        if is_live and (self._has_past() or time.monotonic() > self._past_deadline):
            self._poll.stop()
            self._poll.timeout.disconnect(self._wait_for_live)
            self._poll.timeout.connect(self._wait_for_content)
            self._keys = self._window.panel_keys
            # The first screen is up already; another in between makes its call-up a real one.
            self._window.show_panel(self._keys[-1])
            QTimer.singleShot(round(self._plan.watch_s * 1000), self._visit_next)
        elif not is_live and self._is_stuck():
            link, devices = self._bridge.link, len(self._bridge.catalogue.devices)
            if self._window.workplace is None:
                self._fail(f"Nobody could be signed in: {self._bridge.session.state.sentence}")
                return
            self._fail(
                f"No live data: {devices} devices are configured, "
                f"{self._heard()} of them sent something, and that has not changed for a while; "
                f"station: {link.station_text} database: {link.database_text}"
            )

    def _is_stuck(self) -> bool:
        """Tell whether waiting is in vain: a busy computer is slow and goes on, a stuck one stands still."""
        bridge, link = self._bridge, self._bridge.link
        devices = [device.id for device in bridge.catalogue.devices]
        heard = [latest for id in devices if (latest := bridge.live.latest(id)) is not None]
        readings = tuple(latest.recorded_unix for latest in heard)
        phase, is_in = bridge.session.state.phase, self._window.workplace is not None
        seen = (phase, is_in, link.is_station_connected, link.is_database_live, len(devices), readings)
        fresh = round(self._live_share() * len(devices))
        farthest = (len(devices), len(readings), fresh)
        now = time.monotonic()
        if seen != self._seen:
            self._seen, self._moved_at = seen, now
        best = tuple(map(max, farthest, self._farthest)) if self._farthest else farthest
        if best != self._farthest:
            self._farthest, self._farther_at = best, now
        return now - self._moved_at > STILL_FOR_S or now - self._farther_at > NO_FARTHER_FOR_S

    def _heard(self) -> int:
        return sum(
            self._bridge.live.latest(device.id) is not None for device in self._bridge.catalogue.devices
        )

    def _live_share(self) -> float:
        devices = self._bridge.catalogue.devices
        if not devices or not self._bridge.link.is_station_connected:
            return 0.0
        now = time.time()
        return sum(not self._bridge.live.is_stale(device.id, now) for device in devices) / len(devices)

    def _visit_next(self) -> None:
        if not self._keys:
            self._picture_entrance()
            return
        if _DIALOG in self._keys[0]:
            self._visit_dialog()
            return
        key, _, part = self._keys[0].partition("/")
        self._call_up_ms = None
        self._deadline = time.monotonic() + POPULATED_WITHIN_S
        self._called_at = time.monotonic()
        self._window.show_panel(key, self._subject(key))
        self._show_part(key, part)
        watch = PaintWatch(self._window.current_panel)
        watch.painted.connect(self._note_painted)
        watch.painted.connect(watch.deleteLater)
        watch.ask()
        self._poll.start()

    def _show_part(self, key: str, part: str) -> None:
        """Show a part of a screen; one that has parts is visited once for each, and then its dialogs are."""
        panel = self._window.current_panel
        if not part:
            parts = [f"{key}/{name}" for name in panel.parts()] or [key]
            self._keys[:1] = [*parts, *(f"{key}{_DIALOG}{name}" for name in panel.dialogs())]
            part = parts[0].partition("/")[2]
        if part:
            panel.show_part(part)

    def _visit_dialog(self) -> None:
        key, _, name = self._keys.pop(0).partition(_DIALOG)
        began = time.monotonic()
        dialog = self._window.current_panel.show_dialog(name)
        took_ms = (time.monotonic() - began) * 1000
        if dialog is None:
            self._visit_next()
            return

        def take() -> None:
            is_kept = self._keep(f"{key}-{name}", dialog, took_ms)
            dialog.close()
            if is_kept:
                self._visit_next()

        # What it asks for is answered by devices and the database, each in its own time.
        QTimer.singleShot(self._plan.answered_ms, self, take)

    def _subject(self, key: str) -> DeviceId | None:
        """Choose a device with an alert for the screens that are about one."""
        if key not in ("device", "trends"):
            return None
        devices = self._bridge.catalogue.devices
        now = time.time()
        for alert in urgency_of(self._bridge.alerts, len(self._bridge.alerts)).first:
            if self._bridge.catalogue.device(alert.device) and not self._bridge.live.is_stale(
                alert.device, now
            ):
                return alert.device
        return devices[0].id if devices else None

    def _note_painted(self) -> None:
        if self._call_up_ms is None:
            self._call_up_ms = (time.monotonic() - self._called_at) * 1000

    def _wait_for_content(self) -> None:
        if self._call_up_ms is not None and self._window.current_panel.is_populated():
            self._poll.stop()
            QTimer.singleShot(_SETTLE_MS, self._take_picture)
        elif time.monotonic() > self._deadline:
            self._fail(f"The screen {self._keys[0]} was still empty after {POPULATED_WITHIN_S:.0f} s.")

    def _take_picture(self) -> None:
        flash = self._window.flash
        if flash.is_running and not flash.is_on:
            # What flashes is photographed while it is lit: a picture of the dark half would miss it.
            QTimer.singleShot(_POLL_MS, self._take_picture)
            return
        name = self._keys.pop(0).replace("/", "-")
        if self._keep(name, self._window, self._call_up_ms or 0.0):
            self._visit_next()

    def _picture_entrance(self) -> None:
        """Take the pages that stand before the plant, which whoever is signed in does not see."""
        themes = self._window.theme_source
        state = SessionState(Phase.SIGNED_OUT, place=self._bridge.session.state.place)
        for page in (SignInPage(themes, QSettings()), FirstAdminPage(themes), DemoPage(themes, PERSONS)):
            began = time.monotonic()
            page.show_state(state)
            room = in_the_middle(page)
            room.resize(self._plan.size)
            is_kept = self._keep(page.objectName(), room, (time.monotonic() - began) * 1000)
            room.deleteLater()
            if not is_kept:
                return
        self._finish(0)

    def _keep(self, name: str, widget: QWidget, took_ms: float) -> bool:
        """Write a picture and its line; where it cannot be written, end the tour."""
        self._taken += 1
        path = self._plan.folder / f"{self._taken}-{name}.png"
        if not widget.grab().save(str(path)):
            self._fail(f"{path} cannot be written; choose another folder for the pictures.")
            return False
        self._tell(f"{name:<11} {took_ms:.0f} ms  {path}")
        return True

    def _fail(self, sentence: str) -> None:
        self._poll.stop()
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the sentence that goes with exit code 1
        self._finish(1)
