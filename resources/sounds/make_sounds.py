"""Makes the horn's sound files, bit by bit the same each time: `python -m resources.sounds.make_sounds`.

Bursts are shaped as IEC 60601-1-8 (6.3.3.1, characteristics of auditory signals) describes for people who
work beside alarms all day: fundamentals between 150 and 1,000 Hz with four harmonics below 4 kHz, so that a
sound is found in a room and survives a hearing loss; pulses that rise and fall softly, so that nobody is
startled; urgency by the number and speed of pulses, not by loudness. Ten quick pulses are critical, three
slow ones a warning. EEMUA 191 asks for few sounds that nobody confuses: the third, two long tones that sink,
says that alerts come faster than anybody can take note of.
"""

import sys
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE_HZ = 16_000
_PEAK = 0.5
_HARMONICS = (1.0, 0.55, 0.40, 0.28, 0.20)
_RISE_SHARE, _FALL_SHARE = 0.2, 0.3


@dataclass(frozen=True, slots=True)
class _Pulse:
    pitch_hz: float
    length_s: float
    pause_s: float


def _five(pause_s: float) -> list[_Pulse]:
    """Three and two quick pulses: half a critical burst."""
    pauses_s = (0.1, 0.1, 0.35, 0.1, pause_s)
    pitches_hz = (659.26, 659.26, 659.26, 783.99, 659.26)
    return [_Pulse(pitch_hz, 0.15, pause) for pitch_hz, pause in zip(pitches_hz, pauses_s, strict=True)]


BURSTS = {
    "critical": _five(0.6) + _five(0.0),
    "warning": [_Pulse(392.0, 0.2, 0.2), _Pulse(392.0, 0.2, 0.2), _Pulse(440.0, 0.2, 0.0)],
    "flood": [_Pulse(329.63, 0.45, 0.1), _Pulse(246.94, 0.6, 0.0)],
}


def samples_of(burst: list[_Pulse]) -> np.ndarray:
    """Return a burst as int16, shape (n,), at RATE_HZ."""
    parts: list[np.ndarray] = []
    for pulse in burst:
        parts += [_tone(pulse), np.zeros(round(pulse.pause_s * RATE_HZ))]
    return np.round(np.concatenate(parts) * _PEAK * 32767).astype("<i2")


def write_sounds(folder: Path) -> None:
    """Write every burst as a WAV file into a folder."""
    for name, burst in BURSTS.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples_of(burst).tobytes())


def _tone(pulse: _Pulse) -> np.ndarray:
    count = round(pulse.length_s * RATE_HZ)
    phase = 2 * np.pi * pulse.pitch_hz * np.arange(count) / RATE_HZ
    wave_form = sum(
        strength * np.sin(number * phase)
        for number, strength in enumerate(_HARMONICS, start=1)
        if number * pulse.pitch_hz < 4_000
    )
    shape = np.ones(count)
    rise, fall = round(count * _RISE_SHARE), round(count * _FALL_SHARE)
    shape[:rise] = np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    shape[-fall:] = np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    return wave_form * shape / np.max(np.abs(wave_form))


if __name__ == "__main__":
    write_sounds(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
