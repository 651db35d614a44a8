"""How much time charts show when they are called up: what is known, not ten minutes of nothing."""

from collections.abc import Iterable, Sequence

from console.bridge.live_store import LiveStore
from console.panels.curves.pen import Pen
from console.widgets.time_chart import TimeChart


class OpeningSpan:
    """Keeps the span of one screen's charts until a person chooses one.

    Attributes:
        is_chosen: A person chose a span; nothing changes by itself from then on.
    """

    def __init__(self, live: LiveStore, spans_s: Sequence[float], usual_s: float) -> None:
        """Store the spans that can be chosen, seconds, ascending, and which of them is the usual one."""
        self._live = live
        self._spans_s = tuple(spans_s)
        self._usual_s = usual_s
        self._given_s = usual_s
        self.is_chosen = False

    def span_s(self, pens: Iterable[Pen], now_unix: float) -> float:
        """Return the shortest span that holds all that is known of the pens, at most the usual one."""
        since_unix = now_unix - self._usual_s
        begins = [
            float(times[0])
            for pen in pens
            if (times := self._live.series(pen.device, pen.quantity, since_unix)[0]).size
        ]
        if not begins:
            return self._usual_s
        known_s = now_unix - min(begins)
        return next((span_s for span_s in self._spans_s if known_s <= span_s <= self._usual_s), self._usual_s)

    def apply(self, chart: TimeChart, pens: Iterable[Pen], now_unix: float) -> None:
        """Give a chart its span, unless a person has chosen one, has zoomed it, or has paused it."""
        since, until = chart.visible_range
        if self.is_chosen or not chart.is_following or abs(until - since - self._given_s) > 1.0:
            self.is_chosen = True
            return
        self._given_s = self.span_s(pens, now_unix)
        chart.set_window(self._given_s)
