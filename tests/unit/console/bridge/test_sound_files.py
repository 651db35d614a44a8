"""The sound files: as the generator makes them, soft, and never to be confused."""

from itertools import combinations

import numpy as np
import pytest

from console.bridge.sound_files import RATE_HZ, Sound, burst_of, loop_of
from resources.sounds import make_sounds


def pulses_of(samples: np.ndarray) -> int:
    """Count the stretches of sound with at least 50 ms of silence before them."""
    is_loud = np.abs(samples.astype(np.float64)) > 300
    starts = np.flatnonzero(is_loud)
    return 1 + int(np.count_nonzero(np.diff(starts) > 0.05 * RATE_HZ))


@pytest.mark.parametrize("sound", Sound)
def test_a_file_is_what_the_generator_makes(sound, tmp_path):
    make_sounds.write_sounds(tmp_path)
    shipped = burst_of(sound)
    assert np.array_equal(make_sounds.samples_of(make_sounds.BURSTS[sound.value]), shipped)


def test_urgency_is_told_by_the_number_of_pulses():
    assert [pulses_of(burst_of(sound)) for sound in Sound] == [10, 3, 2]


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_is_never_at_full_scale_and_begins_softly(sound):
    burst = burst_of(sound).astype(np.float64) / 32768
    assert 0.3 < np.max(np.abs(burst)) <= 0.5
    assert np.max(np.abs(burst[: RATE_HZ // 500])) < 0.05


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_has_harmonics_where_hearing_is_best(sound):
    burst = burst_of(sound).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(burst))
    frequencies = np.fft.rfftfreq(len(burst), 1 / RATE_HZ)
    inside = spectrum[(frequencies >= 150) & (frequencies <= 4000)]
    assert np.sum(inside**2) / np.sum(spectrum**2) > 0.98
    assert 150 < frequencies[np.argmax(spectrum)] < 1000


def test_no_two_sounds_are_alike():
    bursts = [burst_of(sound) for sound in Sound]
    assert all(len(one) != len(other) for one, other in combinations(bursts, 2))


@pytest.mark.parametrize("sound", Sound)
def test_a_loop_pauses_between_two_bursts_for_as_long_as_the_standard_allows(sound):
    pause_s = sound.repeats_after_s - sound.lasts_s
    assert 2.5 <= pause_s <= 15.0
    assert len(loop_of(sound, 1.0)) == round(sound.repeats_after_s * RATE_HZ)


def test_volume_is_in_the_loop():
    loud, low = (np.max(np.abs(loop_of(Sound.CRITICAL, volume).astype(int))) for volume in (1.0, 0.5))
    assert low == pytest.approx(loud / 2, abs=1)
