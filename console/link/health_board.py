"""How connections do, as windows are told of it: all that a person may see, then what is told of some."""

from collections.abc import Callable, Collection, Iterable, Sequence

from console.link.audience import Audience
from console.link.frames import frame_from_message
from console.link.messages import DeviceFigures
from console.link.window import WindowConnection
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth

_BLOCK = 250  # devices a frame: a quarter of a megabyte, as a rule


class HealthBoard:
    """Belongs to the event loop's thread."""

    def __init__(self, audiences: Callable[[], Iterable[Audience]]) -> None:
        """Begin empty; `audiences` are told of what is published."""
        self._audiences = audiences
        self._health: dict[DeviceId, DeviceHealth] = {}

    def publish(self, records: Sequence[DeviceHealth]) -> None:
        """Keep the newest of some devices for windows that come later, and tell those that are here."""
        self._health.update((record.device, record) for record in records)
        for audience in self._audiences():
            seen = _seen_by(audience, records)
            if seen:
                audience.send(DeviceFigures(seen))

    def release(self, devices: Collection[DeviceId]) -> None:
        """Forget devices that this station polls no more."""
        for device in devices:
            self._health.pop(device, None)

    def show(self, window: WindowConnection, audience: Audience, before: Audience | None = None) -> None:
        """Tell one window all that its audience may see and `before`, where it sat until now, might not."""
        if before is not None and before.sight == audience.sight:
            return
        seen = _seen_by(audience, list(self._health.values()))
        frames = [
            frame_from_message(DeviceFigures(seen[start : start + _BLOCK]))
            for start in range(0, len(seen), _BLOCK)
        ]
        # All at once: a window that has just come in is not behind, however much there is to tell.
        if frames:
            window.send(b"".join(frames))


def _seen_by(audience: Audience, records: Sequence[DeviceHealth]) -> list[DeviceHealth]:
    sight = audience.sight
    return [record for record in records if sight is None or record.device in sight]
