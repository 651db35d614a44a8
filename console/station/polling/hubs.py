"""The hubs of all protocols in use: one each, made when the first device needs it. Makes poll targets."""

import asyncio
import logging
from pathlib import Path

from console.catalogue.binding import Binding
from console.station.polling.channel import PollTarget
from console.station.tuning import Tuning
from drivers.driver import Driver, DriverHub, DriverSpec
from models.records.device import Device

_log = logging.getLogger(__name__)


class Hubs:
    """Shared connections of one station, by protocol. Used on the event loop only."""

    def __init__(self, tuning: Tuning, papers: Path | None = None) -> None:
        """Begin without hubs.

        Args:
            tuning: Limits.
            papers: Folder for the station's own certificates; None: no protocol gets one.
        """
        self._tuning = tuning
        self._papers = papers
        self._hubs: dict[str, DriverHub] = {}

    def target(self, device: Device, binding: Binding) -> PollTarget:
        """Return what the poller needs to poll a device."""
        # The two settings that decide how long an attempt may rightly take, where a protocol has them.
        timeout_s = float(getattr(binding.settings, "timeout_s", 0.0))
        attempts = 1 + int(getattr(binding.settings, "retries", 0))
        limit_s = max(self._tuning.poll_limit_s, self._tuning.poll_limit_timeouts * timeout_s * attempts)

        def make_driver() -> Driver:
            return self._hub(binding.spec).driver(binding.settings, binding.addresses)

        return PollTarget(
            device=device.id,
            name=device.name,
            period_s=device.period_s,
            limit_s=limit_s,
            made_from=(device.driver, binding.settings, binding.addresses),
            make_driver=make_driver,
        )

    async def hub(self, spec: DriverSpec) -> DriverHub:
        """Return the hub of a protocol, for whoever asks its devices beside the polling.

        Where there is none yet, its library is loaded on a thread: that may take a second.
        """
        hub = self._hubs.get(spec.kind)
        if hub is None:
            made = await asyncio.to_thread(self._kept(spec).make_hub)
            # The first device of the kind may have come meanwhile.
            hub = self._hubs.setdefault(spec.kind, made)
        return hub

    async def close(self) -> None:
        """Close every hub, each within its limit. Safe twice."""
        hubs, self._hubs = self._hubs, {}
        for kind, hub in hubs.items():
            closing = asyncio.create_task(hub.close(), name=f"close {kind}")
            await asyncio.wait({closing}, timeout=self._tuning.close_limit_s)
            if not closing.done():
                closing.cancel()
                _log.warning("Connections of %s did not close within %g s", kind, self._tuning.close_limit_s)
            elif not closing.cancelled() and (error := closing.exception()) is not None:
                _log.warning("Connections of %s failed to close: %s", kind, error, exc_info=error)

    def _hub(self, spec: DriverSpec) -> DriverHub:
        hub = self._hubs.get(spec.kind)
        if hub is None:
            hub = self._hubs[spec.kind] = self._kept(spec).make_hub()
        return hub

    def _kept(self, spec: DriverSpec) -> DriverSpec:
        return spec if self._papers is None else spec.kept_in(self._papers)
