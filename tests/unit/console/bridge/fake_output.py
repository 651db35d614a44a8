"""A sound device that writes down what it is given."""

import threading

import numpy as np

from console.bridge.sound_output import NoSound


class FakeOutput:
    """Takes a second of sound whenever it is asked how much, unless it is stuck."""

    name = "fake"

    def __init__(self) -> None:
        self.played: list[np.ndarray] = []
        self.is_resting = False
        self.is_closed = False
        self.is_stuck = False
        self.fault = ""
        self._taken = 0
        self.used_by: set[str] = set()

    @property
    def taken(self) -> int:
        self._taken += 0 if self.is_stuck else 16_000
        return self._taken

    def play(self, loop: np.ndarray) -> None:
        self._refuse()
        self.is_resting = False
        self.played.append(loop)

    def rest(self) -> None:
        self._refuse()
        self.is_resting = True

    def look(self) -> None:
        self._refuse()

    def close(self) -> None:
        self.is_closed = True

    def _refuse(self) -> None:
        self.used_by.add(threading.current_thread().name)
        if self.fault:
            raise NoSound(self.fault)


class Outputs:
    """Opens fake devices, or fails to."""

    def __init__(self) -> None:
        self.opened: list[FakeOutput] = []
        self.fault = ""

    def open(self) -> FakeOutput:
        if self.fault:
            raise NoSound(self.fault)
        self.opened.append(FakeOutput())
        return self.opened[-1]

    @property
    def newest(self) -> FakeOutput:
        return self.opened[-1]
