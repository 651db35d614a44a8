import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from console.station.leasing.witness import (
    _MOST_AT_ONCE,
    EVIDENCE_S,
    HOLD_S,
    Heard,
    Outcome,
    Sight,
    Statement,
    WitnessServer,
    ask,
)
from models.records.lease import Peer

KEY = b"of this site"
ME, OTHER = 1, 2


class Witness:
    """Another station, as far as it answers."""

    def __init__(self, folder: Path, clock) -> None:
        self.statement: Statement | None = Statement(OTHER, KEY, Sight.AWAY, 12.0)
        self.server = WitnessServer(lambda: self.statement, clock.monotonic, "127.0.0.1", 0, folder / "port")

    @property
    def peer(self) -> Peer:
        return Peer(OTHER, "Other", f"127.0.0.1:{self.server.port}")


@pytest.fixture
async def witness(tmp_path: Path, clock) -> AsyncIterator[Witness]:
    witness = Witness(tmp_path, clock)
    await witness.server.start()
    yield witness
    await witness.server.stop()


@pytest.fixture
async def listener(tmp_path: Path) -> AsyncIterator[Callable[[bytes | None], "asyncio.Future[Peer]"]]:
    """Something that listens and is no station: says what it is told, or nothing at all."""
    servers: list[asyncio.Server] = []
    release = asyncio.Event()

    async def listen(words: bytes | None) -> Peer:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            if words is None:
                await release.wait()
            else:
                writer.write(words)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        servers.append(server)
        return Peer(OTHER, "Other", f"127.0.0.1:{server.sockets[0].getsockname()[1]}")

    yield listen
    release.set()
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("sight", list(Sight))
async def test_station_hears_what_another_sees_of_the_database(witness: Witness, sight: Sight) -> None:
    witness.statement = Statement(OTHER, KEY, sight, 12.0)
    assert await ask(witness.peer, ME, KEY) == Heard(Outcome(sight.value), 12.0)


async def test_stranger_learns_nothing(witness: Witness) -> None:
    assert (await ask(witness.peer, ME, b"guessed")).outcome is Outcome.NOTHING
    assert witness.server.may_take_over()


async def test_station_that_answers_for_another_proves_nothing(witness: Witness) -> None:
    witness.statement = Statement(3, KEY, Sight.AWAY)
    assert (await ask(witness.peer, ME, KEY)).outcome is Outcome.NOTHING


async def test_station_that_does_not_know_the_sites_key_says_nothing(witness: Witness) -> None:
    witness.statement = None
    assert (await ask(witness.peer, ME, KEY)).outcome is Outcome.NOTHING


async def test_station_whose_program_ended_is_told_from_one_that_is_silent(witness: Witness) -> None:
    peer = witness.peer
    await witness.server.stop()
    assert (await ask(peer, ME, KEY)).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    "words",
    [
        None,
        b"",
        b"garbage\n",
        b"x" * 5000,
        json.dumps({"station": OTHER, "sight": "away", "gained_unix": 0.0, "mac": "0" * 64}).encode() + b"\n",
    ],
)
async def test_whatever_else_is_said_proves_nothing_and_takes_no_time(listener, words) -> None:
    began = asyncio.get_running_loop().time()
    assert (await ask(await listener(words), ME, KEY)).outcome is Outcome.NOTHING
    assert asyncio.get_running_loop().time() - began < 2.0


async def test_answer_to_an_earlier_question_proves_nothing(witness: Witness, listener) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", witness.server.port)
    from console.station.leasing import witness as wire

    question = wire._Question(ME, OTHER, "once").signed(KEY)
    writer.write(wire.msgspec.json.encode(question) + b"\n")
    overheard = await reader.readline()
    writer.close()
    assert b"away" in overheard
    assert (await ask(await listener(overheard), ME, KEY)).outcome is Outcome.NOTHING


@pytest.mark.parametrize("address", ["", "nowhere", "127.0.0.1:", ":"])
async def test_station_without_an_address_proves_nothing(address: str) -> None:
    assert (await ask(Peer(OTHER, "Other", address), ME, KEY)).outcome is Outcome.NOTHING


async def test_who_said_that_the_database_is_away_takes_nothing_over_for_a_while(
    witness: Witness, clock
) -> None:
    await ask(witness.peer, ME, KEY)
    clock.turn(EVIDENCE_S)
    assert not witness.server.may_take_over()
    clock.turn(HOLD_S - EVIDENCE_S + 0.01)
    assert witness.server.may_take_over()


async def test_strangers_who_say_nothing_keep_no_station_from_an_answer(witness: Witness) -> None:
    strangers = [
        await asyncio.open_connection("127.0.0.1", witness.server.port) for _ in range(3 * _MOST_AT_ONCE)
    ]
    assert (await ask(witness.peer, ME, KEY)).outcome is Outcome.AWAY
    for _, writer in strangers:
        writer.close()


async def test_station_started_anew_answers_where_it_did(witness: Witness, tmp_path: Path, clock) -> None:
    port = witness.server.port
    await witness.server.stop()
    again = Witness(tmp_path, clock)
    await again.server.start()
    assert again.server.port == port
    # Before it was started anew it may have said "away".
    assert not again.server.may_take_over()
    clock.turn(HOLD_S + 0.01)
    assert again.server.may_take_over()
    await again.server.stop()


async def test_station_goes_on_without_where_its_port_is_taken(
    witness: Witness, tmp_path: Path, clock, caplog
) -> None:
    server = WitnessServer(
        lambda: None, clock.monotonic, "127.0.0.1", witness.server.port, tmp_path / "other"
    )
    await server.start()
    assert server.port == 0
    assert "Other stations cannot ask this one" in caplog.text
    await server.stop()


async def test_station_answers_on_every_network_at_one_port(tmp_path: Path, clock) -> None:
    said = Statement(OTHER, KEY, Sight.AWAY)
    server = WitnessServer(lambda: said, clock.monotonic, "", 0, tmp_path / "port")
    await server.start()
    heard = await ask(Peer(OTHER, "Other", f"127.0.0.1:{server.port}"), ME, KEY)
    await server.stop()
    assert heard.outcome is Outcome.AWAY
