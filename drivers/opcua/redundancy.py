"""Redundant servers: which of them serves best (OPC 10000-4, 6.6.2.4.2). Pure but for `start_best`.

200 to 255  healthy      which healthy one is used makes no difference: nobody changes
  2 to 199  degraded     another that is better takes over
         1  no data
         0  maintenance
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcuaSettings

HEALTHY = 200
_NOTHING_TOLD = 255
# How long others may still answer once a healthy one has: a dead server must not delay the living.
_GRACE_S = 0.2


def level_of(told: int | None) -> int:
    """Return the level that counts; a server that tells none is a single one, and healthy."""
    return _NOTHING_TOLD if told is None else told


def level_text(told: int | None) -> str:
    """Return a service level for people."""
    if told is None:
        return "the server tells none"
    if told >= HEALTHY:
        return f"{told} (healthy)"
    return f"{told} ({'maintenance' if told == 0 else 'no data' if told == 1 else 'degraded'})"


def is_better(other: int, current: int) -> bool:
    """Whether a server of level `other` should take over from one of level `current`."""
    return current < HEALTHY and other > current


async def start_best(
    candidates: Sequence[OpcuaSettings], start: Callable[[OpcuaSettings], Awaitable[Session]]
) -> Session:
    """Return a session on the server that serves best, the earlier among equals.

    Args:
        candidates: One or more, the preferred first.
        start: Opens a session on one of them.

    Raises:
        DriverError: None of them can be used.
    """
    if len(candidates) == 1:
        return await start(candidates[0])
    attempts = [
        asyncio.create_task(_attempt(start, candidate), name=f"opcua connect {candidate.endpoint}")
        for candidate in candidates
    ]
    try:
        await _wait_for_enough(attempts)
    except BaseException:
        await _drop(attempts)
        raise
    outcomes = [attempt.result() for attempt in attempts if attempt.done()]
    sessions = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    best = max(sessions, key=lambda session: min(level_of(session.service_level), HEALTHY), default=None)
    await _drop([attempt for attempt in attempts if not (attempt.done() and attempt.result() is best)])
    if best is None:
        raise _none_of([outcome for outcome in outcomes if isinstance(outcome, DriverError)])
    return best


async def _attempt(
    start: Callable[[OpcuaSettings], Awaitable[Session]], candidate: OpcuaSettings
) -> Session | DriverError:
    try:
        return await start(candidate)
    except DriverError as error:
        return error


async def _wait_for_enough(attempts: Sequence["asyncio.Task[Session | DriverError]"]) -> None:
    """Wait until all have ended, or a healthy one has and the others had a moment."""
    pending = set(attempts)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if any(
            isinstance(outcome := attempt.result(), Session) and level_of(outcome.service_level) >= HEALTHY
            for attempt in done
        ):
            if pending:
                await asyncio.wait(pending, timeout=_GRACE_S)
            return


async def _drop(attempts: Sequence["asyncio.Task[Session | DriverError]"]) -> None:
    for attempt in attempts:
        attempt.cancel()
    if attempts:
        await asyncio.wait(attempts)
    for attempt in attempts:
        if not attempt.cancelled() and isinstance(outcome := attempt.result(), Session):
            await outcome.close()


def _none_of(errors: Sequence[DriverError]) -> DriverError:
    sentences = " ".join(dict.fromkeys(str(error) for error in errors))
    # One that only lost its line may come back by itself, so trying again is not in vain.
    kind = NeedsHuman if all(isinstance(error, NeedsHuman) for error in errors) else LineLost
    error = kind(f"None of {len(errors)} redundant servers can be used. {sentences}")
    error.__cause__ = errors[0]
    return error
