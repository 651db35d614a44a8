"""A limit of the program's own around an exchange ends it as a limit, whatever comes in at that moment."""

import asyncio
from types import SimpleNamespace

from drivers.opcua.transport import Question


async def test_an_answer_in_the_moment_of_the_cancellation_changes_nothing_about_it() -> None:
    future = asyncio.get_running_loop().create_future()
    question = Question(SimpleNamespace(check_answer=lambda data, words: None), b"", future, 5.0)
    seen: list[type[BaseException]] = []

    async def asks() -> None:
        try:
            await question.answer()
        except BaseException as error:
            seen.append(type(error))
            raise

    task = asyncio.create_task(asks())
    await asyncio.sleep(0)
    future.set_result(b"an answer")
    task.cancel()
    await asyncio.wait({task})
    assert seen == [asyncio.CancelledError]
