"""Asks the same question again when something changed: one at a time, and not more often than wanted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from console.bridge.command_runner import CommandRunner, Job

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
        self._pause = QTimer(self, singleShot=True, interval=least_interval_ms)
        self._pause.timeout.connect(self._ask_if_wanted)

    def request(self) -> None:
        """Ask soon: now, or when the running question has been answered and the interval is over."""
        self._is_wanted = True
        self._ask_if_wanted()

    def _ask_if_wanted(self) -> None:
        if self._is_wanted and not self._is_asking and not self._pause.isActive():
            self._is_wanted, self._is_asking = False, True
            self._runner.run(Job(self._question, self._answer, self._fail, self))

    def _answer(self, result: Any) -> None:
        self._rest()
        self._on_done(result)

    def _fail(self, sentence: str) -> None:
        # The database watch says why on the status bar, and asks for everything again once it is back.
        _log.info("Not answered: %s", sentence)
        self._rest()

    def _rest(self) -> None:
        self._is_asking = False
        self._pause.start()
