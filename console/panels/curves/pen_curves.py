"""Keeps the curves of a handful of pens: asks for history when the view leaves what is known, joins live."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.bridge import Bridge
from console.panels.curves.history_question import (
    SAMPLES_S,
    CurveBounds,
    HistoryQuestion,
    StoredCurve,
    bounds_of,
)
from console.panels.curves.join import Curve, Floats, clip, empty_curve, join, merge_samples, with_gaps
from console.panels.curves.pen import Pen
from console.panels.wording import moment_from_unix
from models.records.device import DeviceId

_RETRY_S = 10.0
_OVERLAP_S = 5.0
_RESOLUTION = 1.6
"""Zooming by more than this asks again: buckets would be seen as steps, or be far more than pixels."""


@dataclass(frozen=True, slots=True)
class _Known:
    bounds: CurveBounds
    visible_s: float
    stored: StoredCurve
    asked_unix: float


class PenCurves(QObject):
    """Curves of the pens in use. One per chart, or per group of charts that share their time axis.

    Attributes:
        changed: A pen's curve is another one (Pen).
        state_changed: `is_loading` or `error` is another one.
    """

    changed = Signal(object)
    state_changed = Signal()

    def __init__(self, bridge: Bridge, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._now = now
        self._pens: tuple[Pen, ...] = ()
        self._known: dict[Pen, _Known] = {}
        self._waiting: dict[DeviceId, CurveBounds] = {}
        self._failed_unix = float("-inf")
        self._failure = ""
        self._was_live = bridge.link.is_database_live
        self._view: tuple[float, float, int] | None = None
        # A view that stands still would keep the sentence of a failure long after the database is back.
        self._again = QTimer(self, singleShot=True, interval=round(_RETRY_S * 1000))
        self._again.timeout.connect(self._ask_again)
        bridge.values_arrived.connect(self._values_arrived)
        bridge.link_changed.connect(self._on_link_changed)

    @property
    def error(self) -> str:
        """Why there is no history, and what is shown instead; empty where all is well."""
        link = self._bridge.link
        is_away = not link.is_database_live and (link.is_offline or not link.is_opening)
        if self._failure and is_away and self._pens:
            return f"History needs the database; showing what this window has seen{self._seen_since()}."
        return self._failure

    @property
    def is_loading(self) -> bool:
        """Whether an answer is still awaited."""
        return bool(self._waiting)

    @property
    def pens(self) -> tuple[Pen, ...]:
        """The pens in use."""
        return self._pens

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Use these pens; what is known of those that stay is kept."""
        self._pens = tuple(pens)
        self._known = {pen: known for pen, known in self._known.items() if pen in self._pens}
        self._ask_where_needed()

    def set_view(self, since_unix: float, until_unix: float, points: int) -> None:
        """Tell what stretch is visible, in Unix seconds, on how many pixels. Call it whenever that changes,
        and once a second while it follows the clock."""
        self._view = (since_unix, until_unix, points)
        self._ask_where_needed()

    def forget(self) -> None:
        """Ask again for everything at the next occasion: what is stored may have changed."""
        self._known.clear()
        self._ask_where_needed()

    def buckets(self, pen: Pen) -> Curve:
        """Return a pen's history before its samples."""
        known = self._known.get(pen)
        if known is None:
            return empty_curve()
        return clip(known.stored.buckets, known.bounds.since, known.bounds.joint)

    def samples(self, pen: Pen) -> tuple[Floats, Floats]:
        """Return times and values of a pen's single samples, stored and live ones united."""
        known = self._known.get(pen)
        since = known.bounds.joint if known is not None else self._now() - SAMPLES_S
        live_times, live_values = self._bridge.live.series(pen.device, pen.quantity, since)
        if known is None:
            return live_times, live_values
        if known.bounds.joint >= known.bounds.until and known.bounds.until < self._now() - SAMPLES_S:
            # A stretch that ended before the ring begins: what is live now does not belong to it.
            return known.stored.times, known.stored.values
        return merge_samples(known.stored.times, known.stored.values, live_times, live_values)

    def curve(self, pen: Pen, since_unix: float, until_unix: float) -> Curve:
        """Return everything of a pen within [since, until], gaps marked: for figures and for files."""
        device = self._bridge.catalogue.device(pen.device)
        times, values = self.samples(pen)
        known = self._known.get(pen)
        joint = known.bounds.joint if known is not None else float("-inf")
        whole = join(self.buckets(pen), joint, times, values)
        return clip(with_gaps(whole, joint, device.period_s if device else 1.0), since_unix, until_unix)

    def _values_arrived(self, devices: Iterable[int]) -> None:
        arrived = set(devices)
        for pen in self._pens:
            if pen.device in arrived:
                self.changed.emit(pen)

    def _ask_where_needed(self) -> None:
        if self._view is None:
            return
        since, until, points = self._view
        now = self._now()
        if self._failure and 0 <= now - self._failed_unix < _RETRY_S:
            return
        needed: dict[DeviceId, list[Pen]] = {}
        for pen in self._pens:
            if pen.device not in self._waiting and self._is_needed(pen, since, until, now):
                needed.setdefault(pen.device, []).append(pen)
        bounds = bounds_of(since, until, now, points)
        for device, pens in needed.items():
            self._waiting[device] = bounds
            question = HistoryQuestion(device, tuple(pen.quantity.key for pen in pens), bounds)
            self._bridge.ask(
                question,
                partial(self._take, question, until - since, now),
                partial(self._fail, device),
                self,
            )
        if needed:
            self.state_changed.emit()

    def _seen_since(self) -> str:
        """Return since when values are known of every pen in use: " since 14:03"; empty where none is."""
        rings = [self._bridge.live.series(pen.device, pen.quantity, float("-inf"))[0] for pen in self._pens]
        firsts = [float(times[0]) for times in rings if times.size]
        return f" since {moment_from_unix(max(firsts)).astimezone():%H:%M}" if firsts else ""

    def _on_link_changed(self) -> None:
        if self._failure and self._bridge.link.is_database_live and not self._was_live:
            self._ask_again()
        self._was_live = self._bridge.link.is_database_live

    def _ask_again(self) -> None:
        self._failed_unix = float("-inf")
        self._ask_where_needed()

    def _is_needed(self, pen: Pen, since: float, until: float, now: float) -> bool:
        known = self._known.get(pen)
        if known is None:
            return True
        ratio = (until - since) / known.visible_s
        if ratio > _RESOLUTION or ratio < 1 / _RESOLUTION:
            return True
        if since < known.bounds.since or min(until, known.asked_unix) > known.bounds.until:
            return True
        # While the view follows the clock, the ring has to reach back to what was stored when asked.
        follows = until > known.asked_unix
        ring, _ = self._bridge.live.series(pen.device, pen.quantity, float("-inf"))
        is_torn = ring.size > 0 and ring[0] > known.asked_unix - _OVERLAP_S
        return follows and is_torn and now - known.asked_unix > _RETRY_S

    def _take(
        self,
        question: HistoryQuestion,
        visible_s: float,
        asked_unix: float,
        answer: Mapping[str, StoredCurve],
    ) -> None:
        self._waiting.pop(question.device, None)
        self._failure = ""
        asked = [pen for pen in self._pens if pen.device == question.device]
        for pen in asked:
            if pen.quantity.key in question.keys:
                # Known also where nothing is stored: "nothing" is an answer, and must not be asked for again.
                stored = answer.get(pen.quantity.key)
                stored = stored or StoredCurve(empty_curve(), np.empty(0), np.empty(0))
                self._known[pen] = _Known(question.bounds, visible_s, stored, asked_unix)
                self.changed.emit(pen)
        self.state_changed.emit()
        self._ask_where_needed()

    def _fail(self, device: DeviceId, sentence: str) -> None:
        self._waiting.pop(device, None)
        self._failure = sentence
        self._failed_unix = self._now()
        self._again.start()
        self.state_changed.emit()
