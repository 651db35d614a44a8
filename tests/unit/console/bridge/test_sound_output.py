"""The real device: a sound server without a loudspeaker, whose monitor is recorded and measured."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from console.bridge.sound_files import RATE_HZ, Sound
from console.bridge.sound_output import DeviceOutput, NoSound, look_for_device
from console.bridge.sound_player import SoundPlayer, Wish

needs_server = pytest.mark.skipif(
    shutil.which("pulseaudio") is None or shutil.which("parec") is None,
    reason="no sound server to record from (apt install pulseaudio pulseaudio-utils)",
)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Give the test a place of its own, so that no sound server of this computer is found."""
    for name in ("HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'socket'}")
    monkeypatch.setenv("PULSE_COOKIE", str(tmp_path / "cookie"))
    return tmp_path


class SoundServer:
    """A sound server with one loudspeaker, which is not there."""

    def __init__(self, socket: Path) -> None:
        modules = (f"module-native-protocol-unix socket={socket}", "module-null-sink sink_name=horn")
        loads = [argument for module in modules for argument in ("-L", module)]
        quiet = ("--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1")
        self._command = ["pulseaudio", "-n", *quiet, *loads]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=os.environ, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        process, self._process = self._process, None
        for running in (process,) if process else ():
            running.kill()
            running.wait()


@pytest.fixture
def server(home, qtbot) -> Iterator[SoundServer]:
    made = SoundServer(home / "socket")
    made.start()
    try:
        qtbot.waitUntil(has_device, timeout=10_000)
        yield made
    finally:
        made.kill()


def has_device() -> bool:
    try:
        return bool(look_for_device())
    except NoSound:
        return False


class Recording:
    """What comes out of the loudspeaker, from now on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        command = [
            "parec",
            "--raw",
            f"--rate={RATE_HZ}",
            "--channels=1",
            "--format=s16le",
            "-d",
            "horn.monitor",
        ]
        self._process = subprocess.Popen([*command, "--latency-msec=20"], stdout=self._file)
        self._path = path

    @property
    def samples(self) -> np.ndarray:
        """Everything so far, from -1 to 1."""
        data = self._path.read_bytes()
        return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2") / 32768

    @property
    def heard_s(self) -> float:
        """How many seconds were not silence."""
        return float(np.count_nonzero(np.abs(self.samples) > 0.002)) / RATE_HZ

    @property
    def pitch_hz(self) -> float:
        """The strongest frequency."""
        samples = self.samples
        return float(np.argmax(np.abs(np.fft.rfft(samples))) * RATE_HZ / len(samples))

    @property
    def loudness(self) -> float:
        """The root of the mean square where there was sound."""
        samples = self.samples
        return float(np.sqrt(np.mean(samples[np.abs(samples) > 0.002] ** 2)))

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._file.close()


@pytest.fixture
def record(server, home, qtbot) -> Iterator[Recording]:
    made = Recording(home / "heard.raw")
    qtbot.waitUntil(lambda: len(made.samples) > 0, timeout=5_000)
    yield made
    made.end()


@pytest.fixture
def player(home) -> Iterator[SoundPlayer]:
    made = SoundPlayer()
    made.start()
    yield made
    made.stop()


@needs_server
@pytest.mark.parametrize(
    ("sound", "pitch_hz", "long_s"), [(Sound.CRITICAL, 659.3, 1.0), (Sound.WARNING, 392.0, 0.5)]
)
def test_the_horn_is_really_heard(record, player, qtbot, sound, pitch_hz, long_s):
    player.wish(Wish(sound, 1.0))
    qtbot.waitUntil(lambda: record.heard_s > long_s, timeout=8_000)
    assert record.pitch_hz == pytest.approx(pitch_hz, abs=4)
    assert record.loudness > 0.08
    assert player.fault == ""


@needs_server
def test_silence_is_silence(record, player, qtbot):
    player.wish(Wish(Sound.CRITICAL, 1.0))
    qtbot.waitUntil(lambda: record.heard_s > 0.2, timeout=8_000)
    player.wish(None)

    def last_half_second() -> np.ndarray:
        return np.abs(record.samples[-RATE_HZ // 2 :])

    qtbot.waitUntil(lambda: float(np.max(last_half_second())) < 0.002, timeout=5_000)


@needs_server
def test_a_sound_server_that_dies_is_said_and_one_that_comes_back_sounds_again(
    home, server, record, player, qtbot
):
    player.wish(Wish(Sound.CRITICAL, 1.0))
    qtbot.waitUntil(lambda: record.heard_s > 0.2, timeout=8_000)
    server.kill()
    qtbot.waitUntil(lambda: bool(player.fault), timeout=10_000)
    server.start()
    qtbot.waitUntil(lambda: player.fault == "", timeout=10_000)
    again = Recording(home / "heard-again.raw")
    try:
        qtbot.waitUntil(lambda: again.heard_s > 0.2, timeout=10_000)
    finally:
        again.end()


def test_a_computer_without_a_device_says_so(home):
    with pytest.raises(NoSound, match="no sound device"):
        DeviceOutput()
