"""What the database refused goes into its audit trail: an attempt is worth knowing, whatever came of it.

Best effort: a note that cannot be written is logged and given up. Somebody who asks the server by hand is not
noted here; their refusals stand in the server's own log under their login.
"""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

_log = logging.getLogger(__name__)

_SAME_AGAIN_S = 10.0
_LIMIT_PER_MINUTE = 30
_PATIENCE = text(
    "SELECT set_config('statement_timeout', '500', true), set_config('lock_timeout', '300', true)"
)


class RefusalNotes:
    """Notes refusals of one login. Any thread may call."""

    def __init__(
        self,
        engine: Engine,
        note: Callable[[Connection, str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what it needs.

        Args:
            engine: The way to the database of the login that was refused.
            note: Writes one note (`queries.audit.note_refusal`).
            now: Seconds that only grow.
        """
        self._engine = engine
        self._note = note
        self._now = now
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}

    def refused(self, what: str) -> None:
        """Log and note a refusal, unless the same was just noted. Takes milliseconds, at most 0.5 s."""
        if not self._is_worth_noting(what):
            return
        _log.warning("Refused: %s", what)
        try:
            with self._engine.begin() as connection:
                connection.execute(_PATIENCE)
                self._note(connection, what)
        except Exception as error:  # noqa: BLE001 - the refusal itself is what the caller must hear
            _log.info("The refusal could not be noted in the audit: %s", error)

    def _is_worth_noting(self, what: str) -> bool:
        now = self._now()
        with self._lock:
            self._told = {key: at for key, at in self._told.items() if now - at < 60.0}
            if now - self._told.get(what, -60.0) < _SAME_AGAIN_S or len(self._told) >= _LIMIT_PER_MINUTE:
                return False
            self._told[what] = now
            return True
