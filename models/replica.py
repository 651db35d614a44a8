"""A replica of the database: asked about the past, so that long questions cost the leader nothing.

Never for what is open now, and never for anything written. Where it does not answer, or has had nothing new
for a while, the database itself is asked, and `Replica.standing` says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text

from models.errors import DatabaseAway, Rejected, StorageError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from models.address import DatabaseAddress
    from models.database import Database

T = TypeVar("T")

BEHIND_S = 10.0
"""Older than this, it would show a hole before what is live. Stations write something every second."""
_REST_S = 30.0

_BEHIND = text(
    "SELECT CASE WHEN pg_is_in_recovery()"
    " THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::double precision"
    " ELSE 0 END"
)
_log = logging.getLogger(__name__)


class Replica:
    """One person's way to the replica, under the login they have at the database. Any thread may call."""

    def __init__(
        self,
        address: DatabaseAddress,
        open_way: Callable[[DatabaseAddress], Database],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what it needs; connects when first asked.

        Args:
            address: Where it is; its own login is another affair.
            open_way: Makes a `Database` for this address with the login of now.
            monotonic: Seconds that only grow.
        """
        # Of several replicas any will do; one that takes changes is not looked for.
        wanted = {"target_session_attrs": "any"} | {
            name: value for name, value in address.parameters.items() if name in address.explicit
        }
        self._address = replace(address, parameters={**address.parameters, **wanted})
        self._open_way = open_way
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._way: Database | None = None
        self._rests_until_s = 0.0
        self._standing = ""

    @property
    def standing(self) -> str:
        """One sentence: who is asked about the past now, and why; empty before anybody asked."""
        return self._standing

    def answer(self, question: Callable[[Connection], T], otherwise: Callable[[], T]) -> T:
        """Return what the replica answers, or `otherwise()` where it cannot be asked.

        Args:
            question: Only reads; is asked again by `otherwise` where the replica fails in the middle.
            otherwise: Asks the database itself.

        Raises:
            StorageError: As `otherwise`.
        """
        if self._monotonic() < self._rests_until_s:
            return otherwise()
        try:
            with self._opened().transaction() as connection:
                self._refuse_late(connection)
                answer = question(connection)
        except Rejected:
            # Not the replica's fault; the database says the same, or knows better already.
            return otherwise()
        except StorageError as error:
            self._rest(error)
            return otherwise()
        self._tell(f"The past is read from the replica {self._address.place}.")
        return answer

    def forget_login(self) -> None:
        """Come with the login of now from the next question on."""
        with self._lock:
            way, self._way = self._way, None
        if way is not None:
            way.close()

    def close(self) -> None:
        """Close every connection that is not lent out. Safe twice."""
        way = self._way
        if way is not None:
            way.close()

    def _opened(self) -> Database:
        with self._lock:
            if self._way is None:
                self._way = self._open_way(self._address)
            return self._way

    def _refuse_late(self, connection: Connection) -> None:
        behind_s = connection.execute(_BEHIND).scalar_one()
        if behind_s is None:
            raise DatabaseAway(f"The replica {self._address.place} has had nothing yet since it started.")
        if behind_s > BEHIND_S:
            raise DatabaseAway(f"The replica {self._address.place} has had nothing new for {behind_s:.0f} s.")

    def _rest(self, error: StorageError) -> None:
        self._rests_until_s = self._monotonic() + _REST_S
        self._tell(f"The past is read from the database itself. {error}")

    def _tell(self, sentence: str) -> None:
        if sentence != self._standing:
            self._standing = sentence
            _log.info("%s", sentence)
