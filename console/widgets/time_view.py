"""Which stretch of time a chart shows: following the clock, or standing still where somebody looks."""

from dataclasses import dataclass, replace

LEAST_SPAN_S = 5.0
GREATEST_SPAN_S = 400 * 86_400.0


@dataclass(frozen=True, slots=True)
class TimeView:
    """A stretch of time; every change makes another one.

    Attributes:
        span_s: Its length.
        until_unix: Its end while paused; None = the clock's now, the chart follows.
    """

    span_s: float = 600.0
    until_unix: float | None = None

    @property
    def is_following(self) -> bool:
        """Whether the right edge is now."""
        return self.until_unix is None

    def range_at(self, now_unix: float) -> tuple[float, float]:
        """Return since and until, Unix seconds."""
        until = now_unix if self.until_unix is None else self.until_unix
        return until - self.span_s, until

    def with_span(self, span_s: float) -> "TimeView":
        """Show another length of time, the right edge kept."""
        return replace(self, span_s=_bounded(span_s))

    def paused(self, now_unix: float) -> "TimeView":
        """Stand still where the picture is now."""
        return replace(self, until_unix=self.range_at(now_unix)[1])

    def following(self) -> "TimeView":
        """Go on with the clock, at the same length of time."""
        return replace(self, until_unix=None)

    def zoomed(self, factor: float, at: float, now_unix: float) -> "TimeView":
        """Show `factor` times as much time; what lies at `at` stays where it is.

        Args:
            factor: Below 1 looks closer.
            at: 0 = left edge, 1 = right edge. While following, the right edge stays now whatever `at` is.
            now_unix: The clock.
        """
        span = _bounded(self.span_s * factor)
        if self.until_unix is None:
            return replace(self, span_s=span)
        fixed = self.until_unix - self.span_s * (1.0 - at)
        return _settled(TimeView(span, fixed + span * (1.0 - at)), now_unix)

    def panned(self, part: float, now_unix: float) -> "TimeView":
        """Move by a part of the length shown; negative = into the past. The future is not reachable."""
        until = self.range_at(now_unix)[1] + part * self.span_s
        if self.is_following and part > 0:
            return self
        return _settled(replace(self, until_unix=until), now_unix)


def view_of(since_unix: float, until_unix: float) -> TimeView:
    """Return the paused view of a range; ends in the wrong order are swapped."""
    first, last = sorted((since_unix, until_unix))
    return TimeView(_bounded(last - first), last)


def _bounded(span_s: float) -> float:
    return min(max(span_s, LEAST_SPAN_S), GREATEST_SPAN_S)


def _settled(view: TimeView, now_unix: float) -> TimeView:
    """Keep a paused view's end at or before now: there is nothing to see beyond."""
    until = view.until_unix
    return view if until is None or until <= now_unix else replace(view, until_unix=now_unix)
