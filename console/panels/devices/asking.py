"""A question to the station as a dialog sees it: under way, until it is answered or stopped."""

from typing import Protocol


class StopsAsking(Protocol):
    """A question under way; `console.bridge.device_tools.DeviceQuestion` is one."""

    def stop(self) -> None:
        """Want no answer any more. Safe twice."""
        ...
