"""Two pseudo-terminals with a cable between them: a serial line that needs no hardware."""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable


class SerialBridge:
    """What is written into one port comes out of the other. Made and closed inside a running loop.

    Attributes:
        near, far: Paths of the two ports: near for the driver, far for the device.
        carried: Everything that went from near to far.
    """

    def __init__(self) -> None:
        self.carried = b""
        self._loop = asyncio.get_running_loop()
        self._near_master, self._near_slave = os.openpty()
        self._far_master, self._far_slave = os.openpty()
        for end in (self._near_slave, self._far_slave):
            tty.setraw(end)
        self.near, self.far = os.ttyname(self._near_slave), os.ttyname(self._far_slave)
        self._is_open = True
        self._loop.add_reader(self._near_master, self._carry, self._near_master, self._far_master)
        self._loop.add_reader(self._far_master, self._carry, self._far_master, self._near_master)

    @property
    def near_settings(self) -> list[object]:
        """What the driver has set its port to (termios attributes)."""
        import termios

        return termios.tcgetattr(self._near_master)

    def unplug(self) -> None:
        """Pull the adapter out: the near port is gone. Safe twice."""
        if not self._is_open:
            return
        self._is_open = False
        for master in (self._near_master, self._far_master):
            self._loop.remove_reader(master)
        for end in (self._near_slave, self._near_master, self._far_slave, self._far_master):
            os.close(end)

    def _carry(self, source: int, target: int) -> None:
        with contextlib.suppress(OSError):
            data = os.read(source, 4096)
            if source == self._near_master:
                self.carried += data
            os.write(target, data)


class SerialDevice:
    """The far end of a line, in the hands of a test: called with whatever the driver sends."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer
        self.got: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._is_open = True
        self._loop.add_reader(self.master, self._on_data)

    def send(self, data: bytes) -> None:
        """Send something unasked."""
        os.write(self.master, data)

    def unplug(self) -> None:
        """Pull the adapter out. Safe twice."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self.master)
            os.close(self._slave)
            os.close(self.master)

    def _on_data(self) -> None:
        with contextlib.suppress(OSError):
            data = os.read(self.master, 4096)
            self.got.append(data)
            self.send(self.answer(data))
