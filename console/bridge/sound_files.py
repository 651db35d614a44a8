"""The horn's sounds, as they lie in `resources/sounds`; `resources.sounds.make_sounds` made them."""

import wave
from enum import StrEnum
from importlib.resources import files

import numpy as np

RATE_HZ = 16_000


class Sound(StrEnum):
    """What the horn can say."""

    CRITICAL = "critical"
    WARNING = "warning"
    FLOOD = "flood"
    """Alerts come faster than anybody can take note of: one sound for all that are not critical."""

    @property
    def repeats_after_s(self) -> float:
        """From one burst's beginning to the next's, while the sound goes on (IEC 60601-1-8: 2.5 to 15 s)."""
        return _REPEATS_AFTER_S[self]

    @property
    def lasts_s(self) -> float:
        """How long one burst lasts."""
        return len(burst_of(self)) / RATE_HZ


_REPEATS_AFTER_S = {Sound.CRITICAL: 6.0, Sound.WARNING: 9.0, Sound.FLOOD: 12.0}


def burst_of(sound: Sound) -> np.ndarray:
    """Return one burst: int16, shape (n,), mono at RATE_HZ. Reads a file of at most 130 KB."""
    with (
        (files("resources") / "sounds" / f"{sound.value}.wav").open("rb") as stream,
        wave.open(stream) as file,
    ):
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE_HZ):
            raise ValueError(f"The sound {sound.value} is not mono, 16 bit, {RATE_HZ} Hz")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def loop_of(sound: Sound, volume: float) -> np.ndarray:
    """Return a burst and the pause after it, at a volume from 0 to 1: int16, shape (n,)."""
    burst = burst_of(sound)
    loop = np.zeros(round(sound.repeats_after_s * RATE_HZ), dtype=np.int16)
    loop[: len(burst)] = np.round(burst * np.clip(volume, 0.0, 1.0))
    return loop
