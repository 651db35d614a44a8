"""After five failed sign-ins on this computer each further one waits: 30 s, 1, 2, 4 … at most 15 minutes.

Counted by a digest of the e-mail address, the same for addresses nobody has, and kept across restarts. It
hinders guessing at this keyboard and nothing else: sessions that are open go on, other computers are not
touched, and the database counts for itself.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import Refusal, SignInRefused
from models.file_lock import FileLock, LockTimeout

_log = logging.getLogger(__name__)

COUNTS = "sign-in.json"
"""Name of the file in the data folder."""

FREE_FAILURES = 5
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
_FORGOTTEN_AFTER_S = 86_400.0
_REMEMBERED_AT_MOST = 1_000
_LOCK_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_unix: float

    def wait_s(self, now_unix: float) -> float:
        """Return how long to wait yet; a clock that was set back does not shorten it."""
        if self.count < FREE_FAILURES:
            return 0.0
        whole = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (self.count - FREE_FAILURES))
        return max(0.0, whole - max(0.0, now_unix - self.last_unix))


class SignInDelay:
    """Counts failures of one data folder. Any thread and several programs may use it at once."""

    def __init__(self, file: Path, now: Callable[[], float] = time.time) -> None:
        """Keep what it needs.

        Args:
            file: Holds the counts; made at the first failure.
            now: Unix seconds.
        """
        self._file = file
        self._now = now
        self._known: dict[str, _Failures] = {}

    def check(self, key: str) -> None:
        """Return if an attempt may be made now.

        Raises:
            SignInRefused: LOCKED; the text says how long yet.
        """
        self._read()
        wait_s = self._known[key].wait_s(self._now()) if key in self._known else 0.0
        if wait_s > 0.0:
            raise SignInRefused(
                f"Too many failed attempts on this computer; try again in {_shown(wait_s)}.", Refusal.LOCKED
            )

    def failures(self, key: str) -> int:
        """Return how many attempts failed since the last that did not."""
        self._read()
        return self._known[key].count if key in self._known else 0

    def failed(self, key: str) -> None:
        """Count one more failure."""
        self._change(key, is_failure=True)

    def succeeded(self, key: str) -> None:
        """Forget the failures."""
        if key in self._known:
            self._change(key, is_failure=False)

    def _change(self, key: str, *, is_failure: bool) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock")).acquire(_LOCK_WAIT_S):
                self._read()
                self._count(key, is_failure=is_failure)
                self._write()
        except (OSError, LockTimeout) as error:
            # On a full disk the count lasts as long as this program does.
            self._count(key, is_failure=is_failure)
            _log.warning("Failed sign-ins could not be counted in %s: %s", self._file, error)

    def _count(self, key: str, *, is_failure: bool) -> None:
        before = self._known.pop(key, None)
        if is_failure:
            self._known[key] = _Failures(before.count + 1 if before else 1, self._now())

    def _read(self) -> None:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
            kept = {
                key: _Failures(int(one["count"]), float(one["last_unix"])) for key, one in content.items()
            }
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.warning("%s is damaged, so failed sign-ins are counted anew: %s", self._file, error)
            return
        now = self._now()
        self._known = {key: one for key, one in kept.items() if now - one.last_unix < _FORGOTTEN_AFTER_S}

    def _write(self) -> None:
        # Whoever tries a thousand invented addresses must not push out the one they are after.
        by_weight = sorted(self._known.items(), key=lambda item: (item[1].count, item[1].last_unix))
        kept = {key: asdict(one) for key, one in by_weight[-_REMEMBERED_AT_MOST:]}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(kept), encoding="utf-8")
        fresh.replace(self._file)


def _shown(wait_s: float) -> str:
    if wait_s <= 60.0:
        return f"{max(1, round(wait_s))} s"
    return f"{int(-(-wait_s // 60))} min"
