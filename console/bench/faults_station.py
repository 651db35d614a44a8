"""A station of the fault suite: `main.py station` in a folder of its own, killed, frozen, started again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from console.bench.processes import ROOT
from console.settings import Settings

_ENDS_WITHIN_S = 30.0


@dataclass(slots=True)
class Life:
    """One run of a station's program.

    Attributes:
        ended_unix: None while it runs.
        froze_unix: When it was frozen, each time.
    """

    pid: int
    began_unix: float
    froze_unix: list[float]
    ended_unix: float | None = None


class StationProcess:
    """One station. Use from one thread at a time.

    Attributes:
        lives: Every run so far, the present one last.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        url: str,
        on_start: Callable[[int], None],
        on_kill: Callable[[int], None],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            name: For people; the database knows it by its login.
            folder: Its data folder; made at the first start.
            url: Of the database, with the station's login.
            on_start: Hears the process id before the station can have connected to anything.
            on_kill: Hears the process id while it stands still for the last time.
            variables: Of the environment, beside those of this process.
        """
        self.name = name
        self.settings = Settings(folder.resolve(), station_name=name)
        self.lives: list[Life] = []
        self._url = url
        self._on_start = on_start
        self._on_kill = on_kill
        self._variables = dict(variables or {})
        self._process: subprocess.Popen[str] | None = None

    @property
    def login(self) -> str:
        """The database login that it uses."""
        return self._url.removeprefix("postgresql://").partition(":")[0]

    @property
    def pid(self) -> int:
        """Of the present run, or of the last one."""
        return self.lives[-1].pid

    @property
    def log(self) -> str:
        """What it logged so far."""
        return "".join(file.read_text(encoding="utf-8") for file in self.settings.log_dir.glob("station*"))

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        folder = self.settings.data_dir
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "CONSOLE_DATABASE_URL": self._url,
            "CONSOLE_STATION": self.name,
            "CONSOLE_CREDENTIALS": "file",
            "XDG_CONFIG_HOME": str(folder / "config"),
            **self._variables,
        }
        command = [sys.executable, "main.py", "--data", str(folder), "station", "--exit-with-parent"]
        with (folder / "stderr.txt").open("a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env=environment,
            )
        self.lives.append(Life(self._process.pid, time.time(), []))
        self._on_start(self._process.pid)
        assert self._process.stdout is not None  # opened with a pipe
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Station {self.name} did not start: {(folder / 'stderr.txt').read_text()}")
        json.loads(line)

    def kill(self) -> float:
        """Kill it (SIGKILL); return when that was, Unix seconds."""
        process = self._running()
        at_unix = time.time()
        # It does nothing from here on, and whoever asks what it was connected to still finds it.
        process.send_signal(signal.SIGSTOP)
        self._on_kill(process.pid)
        process.kill()
        self._bury(process, at_unix)
        return at_unix

    def stop(self) -> None:
        """Ask it to end, and wait until everything is written. Safe twice."""
        if self._process is None:
            return
        process, at_unix = self._process, time.time()
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
        self._bury(process, at_unix)

    def freeze(self) -> None:
        """Let it stand still (SIGSTOP), as a computer that sleeps."""
        self.lives[-1].froze_unix.append(time.time())
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on. Safe where it was not frozen."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise RuntimeError(f"Station {self.name} does not run")
        return self._process

    def _bury(self, process: "subprocess.Popen[str]", at_unix: float) -> None:
        with process:  # closes its pipes
            pass
        self.lives[-1].ended_unix = at_unix
        self._process = None
