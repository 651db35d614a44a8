"""The timer that rings at the earliest of its moments, on either event loop."""

import asyncio
import sys
from collections.abc import Callable

import pytest

from drivers.modbus.alarm import Alarm

LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop]
if sys.platform != "win32":
    import uvloop

    LOOPS.append(uvloop.new_event_loop)


@pytest.mark.parametrize("make_loop", LOOPS)
def test_it_is_set_again_after_a_moment_that_has_passed(make_loop) -> None:
    rung: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        alarm = Alarm(loop, lambda: rung.append(loop.time()))
        alarm.set_for(loop.time() - 1.0)
        alarm.set_for(loop.time() + 5.0)
        alarm.set_for(loop.time() - 2.0)
        await asyncio.sleep(0.01)
        alarm.set_for(loop.time() + 0.001)
        alarm.set_for(loop.time() + 5.0)
        await asyncio.sleep(0.02)
        alarm.cancel()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(main())
    assert len(rung) == 2
