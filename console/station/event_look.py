"""Takes from drivers what their devices reported, and hands it to judgement; beside the polls."""

import logging
from collections.abc import Callable, Sequence

from console.station.clocks.clock import Clock
from console.station.judgement import Judgement
from console.station.line import Line
from console.station.polling.channel import Channel
from drivers.driver import Driver
from drivers.events import EventfulDriver, EventNews

_log = logging.getLogger(__name__)


class EventLook:
    """Belongs to the event loop."""

    def __init__(self, channels: Callable[[], Sequence[Channel]], judgement: Judgement, clock: Clock) -> None:
        """Keep what it needs.

        Args:
            channels: What is polled now.
            judgement: Hears what devices reported.
            clock: The site's.
        """
        self._channels = channels
        self._judgement = judgement
        self._clock = clock
        self._kinds: dict[type[Driver], bool] = {}

    def look(self) -> None:
        """Take what came since the last look; about once a second."""
        for channel in self._channels():
            driver = channel.driver
            kind = type(driver)
            # Asking a protocol of a thousand drivers would cost more than asking all of them for news.
            if kind not in self._kinds:
                self._kinds[kind] = isinstance(driver, EventfulDriver)
            if not self._kinds[kind]:
                continue
            line = self._judgement.lines.get(channel.target.device)
            # While nobody judges, the driver keeps what comes.
            if line is not None and (news := driver.take_events()) is not None:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType] # seen to have it
                self._tell(line, news)  # pyright: ignore[reportUnknownArgumentType]

    def _tell(self, line: Line, news: EventNews) -> None:
        if news.trouble != line.event_trouble:
            line.event_trouble = news.trouble
            line.is_clean = False  # its status says so with the next answer
            if news.trouble:
                _log.warning("%s: %s", line.device.name, news.trouble)
            else:
                _log.info("%s reports events again", line.device.name)
        if news.dropped and not line.has_lost_events:
            line.has_lost_events = True
            _log.warning(
                "%s: %d events came too fast, or could not be read; what stands is asked for anew",
                line.device.name,
                news.dropped,
            )
        self._judgement.hear_events(line, news, self._clock.unix())
