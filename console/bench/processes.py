"""Processes that a bench starts beside itself, each of which ends with its input, and what they take."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_ENDS_WITHIN_S = 15.0


class Child:
    """A running process that takes lines and answers with lines of JSON."""

    def __init__(self, process: "subprocess.Popen[str]", name: str) -> None:
        self._process = process
        self._name = name

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def tell(self, line: str) -> None:
        """Send one line."""
        assert self._process.stdin is not None  # opened with a pipe
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for one line and decode it. Raises RuntimeError where the process ended instead."""
        assert self._process.stdout is not None  # opened with a pipe
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} ended before it answered; what it said is on stderr.")
        return json.loads(line)

    def terminate(self) -> None:
        """Ask it to end by a signal, as a session manager does with a window. Safe once it has ended."""
        self._process.terminate()

    def end(self) -> None:
        """Close its input, which ends it; kill it where that does not help. Safe twice."""
        assert self._process.stdin is not None  # opened with a pipe
        self._process.stdin.close()
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def child(name: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run Python with these arguments for the length of the block.

    A window among them paints into memory where there is no display.

    Args:
        name: For errors, e.g. "The station".
        arguments: Without the interpreter.
        variables: Of the environment, beside those of this process.
    """
    environment = {**os.environ, **(variables or {})}
    if sys.platform == "linux" and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, *arguments], stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment
    ) as process:
        running = Child(process, name)
        try:
            yield running
        finally:
            running.end()
