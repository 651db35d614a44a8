"""A station's socket in a folder of the test's own, and windows that connect to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from console.link.server import LinkServer
from tests.unit.console.link.link_parts import DEADLINE_S, FakeDoorkeeper, FakeWindow


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "s.sock")


@pytest.fixture
def doorkeeper() -> FakeDoorkeeper:
    return FakeDoorkeeper()


@pytest.fixture
def greeting_s() -> float:
    """Long: a test that waits for it says so by giving another."""
    return 60.0


@pytest.fixture
async def server(address: str, doorkeeper: FakeDoorkeeper, greeting_s: float) -> AsyncIterator[LinkServer]:
    server = LinkServer(
        address, "station of here", "0.1", coalesce_s=0.01, buffer_bytes=100_000, greeting_s=greeting_s
    )
    await server.start(doorkeeper)
    yield server
    await server.stop()


@pytest.fixture
async def connect(address: str) -> AsyncIterator[Callable[[], Awaitable[FakeWindow]]]:
    windows: list[FakeWindow] = []

    async def make() -> FakeWindow:
        windows.append(FakeWindow(*await asyncio.open_unix_connection(address)))
        return windows[-1]

    yield make
    for window in windows:
        await window.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    async def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            await asyncio.sleep(0.002)

    return wait
