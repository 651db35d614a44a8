"""Asks the same question again when something changed: one at a time, and not more often than is good.

What is good depends on what it costs: after an answer that took long to get, or long to show, the next pause
is longer, so that a flood of changes leaves the window most of its time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from console.bridge.command_runner import CommandRunner, Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_PAUSE_MS = 2_000
_SHOWING_SHARE = 3
"""A pause is at least three times as long as showing the answer took: a quarter of the window's time."""

_log = logging.getLogger(__name__)


class Reload(QObject):
    """One question that is worth repeating. Requests that come while it is being answered become one more."""

    def __init__(
        self,
        runner: CommandRunner,
        question: Callable[[Connection], Any],
        on_done: Callable[[Any], None],
        least_interval_ms: int,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._question = question
        self._on_done = on_done
        self._is_asking = False
        self._is_wanted = False
        self._asked_at = 0.0
        self._least_interval_ms = least_interval_ms
        self._pause = QTimer(self, singleShot=True, interval=least_interval_ms)
        self._pause.timeout.connect(self._ask_if_wanted)

    def request(self) -> None:
        """Ask soon: now, or when the running question has been answered and the interval is over."""
        self._is_wanted = True
        self._ask_if_wanted()

    def _ask_if_wanted(self) -> None:
        if self._is_wanted and not self._is_asking and not self._pause.isActive():
            self._is_wanted, self._is_asking = False, True
            self._asked_at = time.monotonic()
            self._runner.run(Job(self._question, self._answer, self._fail, self))

    def _answer(self, result: Any) -> None:
        came_at = time.monotonic()
        try:
            self._on_done(result)
        finally:
            shown_s = time.monotonic() - came_at
            self._rest(max(came_at - self._asked_at, _SHOWING_SHARE * shown_s))

    def _fail(self, sentence: str) -> None:
        # The database watch says why on the status bar, and asks for everything again once it is back.
        _log.info("Not answered: %s", sentence)
        self._rest(0.0)

    def _rest(self, cost_s: float) -> None:
        self._is_asking = False
        self._pause.start(min(MOST_PAUSE_MS, max(self._least_interval_ms, round(cost_s * 1000))))
