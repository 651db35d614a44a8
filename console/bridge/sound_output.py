"""The computer's sound device through miniaudio: WASAPI, Core Audio, PulseAudio (or PipeWire), ALSA.

Everything here may wait for a sound server that hangs, so only the player's thread calls it.
"""

import ctypes
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from console.bridge.sound_files import RATE_HZ

if TYPE_CHECKING:
    import miniaudio

_BUFFER_MS = 200
"""Long enough that a busy interpreter does not tear a pulse, short enough that "silence" is at once."""

_hushed: list[object] = []
"""Keeps the function alive that ALSA calls instead of writing to stderr."""


class NoSound(Exception):
    """There is no device that would take sound; the message is a sentence for the person."""


class Output(Protocol):
    """A device that plays a loop."""

    @property
    def name(self) -> str:
        """What carries the sound, e.g. "PulseAudio"."""
        ...

    @property
    def taken(self) -> int:
        """How many samples the device has taken since it was opened: it grows while a loop plays."""
        ...

    def play(self, loop: np.ndarray) -> None:
        """Play a loop from its beginning, over and over, instead of the one before. Raises NoSound."""
        ...

    def rest(self) -> None:
        """Stop at once, and keep the device. Raises NoSound."""
        ...

    def look(self) -> None:
        """Raise NoSound where there is no device any more."""
        ...

    def close(self) -> None:
        """Give the device back. Safe twice."""
        ...


class DeviceOutput:
    """The default device. It stays open from one sound to the next: opening one takes a second at worst."""

    def __init__(self) -> None:
        """Open the device. Raises NoSound."""
        import miniaudio

        _hush_alsa()
        self._errors = miniaudio.MiniaudioError
        self._loop = np.zeros(1, dtype=np.int16)
        self._position = 0
        self._taken = 0
        look_for_device()
        try:
            self._device = miniaudio.PlaybackDevice(
                nchannels=1,
                sample_rate=RATE_HZ,
                buffersize_msec=_BUFFER_MS,
                backends=_backends(),
                app_name="Operator console",
            )
        except miniaudio.MiniaudioError as error:
            raise NoSound(f"The sound device cannot be opened ({error.args[0]}).") from error

    @property
    def name(self) -> str:
        """What carries the sound."""
        return self._device.backend

    @property
    def taken(self) -> int:
        """How many samples the device has taken."""
        return self._taken

    def play(self, loop: np.ndarray) -> None:
        """Play a loop over and over."""
        self._loop, self._position = loop, 0
        if self._device.running:
            return
        frames = self._frames()
        next(frames)
        try:
            # Its type names every generator a device can have; one that plays is sent how much to give.
            self._device.start(frames)  # pyright: ignore[reportArgumentType]
        except self._errors as error:
            raise NoSound("The sound device does not start.") from error

    def rest(self) -> None:
        """Stop at once."""
        try:
            self._device.stop()
        except self._errors as error:
            raise NoSound("The sound device has gone away.") from error

    def look(self) -> None:
        """Look whether there still is a device."""
        look_for_device()

    def close(self) -> None:
        """Give the device back."""
        self._device.close()

    def _frames(self) -> Generator[bytes, int, None]:
        """Give out what the device asks for, on the device's own thread."""
        asked = yield b""
        while True:
            self._taken += asked
            loop, position = self._loop, self._position
            where = (position + np.arange(asked)) % len(loop)
            self._position = position + asked
            asked = yield loop[where].tobytes()


def look_for_device() -> str:
    """Return the name of the device that would play. Raises NoSound where there is none."""
    import miniaudio

    _hush_alsa()
    try:
        names = [str(device["name"]) for device in miniaudio.Devices(_backends()).get_playbacks()]
    except miniaudio.MiniaudioError:
        names = []
    if not names:
        raise NoSound("This computer has no sound device, or none that answers.")
    return names[0]


def _backends() -> "list[miniaudio.Backend]":
    """Never the null device, which takes every sound and plays none; nor JACK, which talks to stderr."""
    from miniaudio import Backend

    if sys.platform == "win32":
        return [Backend.WASAPI, Backend.DSOUND, Backend.WINMM]
    if sys.platform == "darwin":
        return [Backend.COREAUDIO]
    return [Backend.PULSEAUDIO, Backend.ALSA]


def _hush_alsa() -> None:
    """Keep ALSA from writing a page to stderr each time that it finds no device."""
    if sys.platform != "linux" or _hushed:
        return
    signature: Callable[..., object] = ctypes.CFUNCTYPE(
        None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
    )
    handler = signature(lambda *_: None)
    _hushed.append(handler)
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    except (OSError, AttributeError):
        return
