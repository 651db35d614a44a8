"""How stations tell each other, without the database, that it is away for them too: who answers.

**Why.** A station that cannot renew its leases does not know whether the database is gone or only its own way
to it. In the first case nobody takes its devices over and it must go on, or readings are lost; in the second
another station takes them over and it must be silent, or devices are polled twice. So it asks the others.

**What is answered.** "Away": the latest renewal I tried failed, or none succeeded within LEASE_S. "Live": it
succeeded. Question and answer are one line each, signed with a key that only stations of this site are given
at each renewal (HMAC-SHA256 over a fresh number), so that no stranger can keep a station polling, nor learn
anything. No answer, a wrong signature or a wrong name proves nothing.

**Why nobody polls twice.** Station A could not renew and its lease has ended. It polls on only while *each*
station that was alive at its last renewal has, within the last EVIDENCE_S,
  (1) answered "away", or
  (2) refused the connection at an address where it was heard before: a computer that answers, and on it
      nobody who polls.
Say that B takes A's devices over at the moment T. Then B renewed at T, and
  - had it answered "away" before, it polls what it gains no earlier than HOLD_S after that answer
    (`WitnessServer.may_take_over`), nor than HOLD_S after its program was started anew; HOLD_S > EVIDENCE_S,
    and A counts from before it asked: by then A is silent;
  - had it refused, its program was started since. The database lets nobody be taken for dead before it has
    been renewed at for the whole of LEASE_S, and B listens before it enters, at the address it had before: A,
    asking twice a second, hears "live" or nothing for longer than EVIDENCE_S before T;
  - had it done neither, A was silent since the end of its lease, and that comes before T.
Whatever B answers, A is silent at latest EVIDENCE_S after the last answer that allowed it to poll. When the
database returns, the first to renew answers "live"; the others hear it within half a second, renew themselves
at once, and nobody has been silent.

**What it does not prove.** A station that was not alive at A's last renewal is not asked for proof: that is
what lets a station without neighbours go on for weeks. Should it come up while A is cut off, and be unable to
reach A, both poll. Those that A has known and can reach are asked all the same, and their "live" silences A.
So may they where a station comes back at another address and its old one refuses, where the database's clock
jumps ahead by more than the margin while A is cut off, and for up to a second where a failover of the
database loses the renewal that gave A's devices to B.
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from models.records.lease import Peer

_log = logging.getLogger(__name__)

ANSWER_LIMIT_S = 0.5
"""Question and answer together take no longer, or prove nothing."""

EVIDENCE_S = 1.5
"""For so long an answer allows to poll on, counted from before the question was sent."""

HOLD_S = 2.0
"""So long after an "away" a station polls nothing that it gains."""

_LINE_BYTES = 512
_MOST_AT_ONCE = 32


class Sight(StrEnum):
    """What a station sees of the database."""

    AWAY = "away"
    LIVE = "live"


class Outcome(StrEnum):
    """What became of a question."""

    AWAY = "away"
    LIVE = "live"
    REFUSED = "refused"
    """The computer answers, and nobody listens there."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Statement:
    """What this station answers.

    Attributes:
        station: `stations.id`.
        key: Proves that it is of this site.
        gained_unix: When it last took devices over, Unix seconds by the site's clock; 0 = never.
    """

    station: int
    key: bytes
    sight: Sight
    gained_unix: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What another station answered; `gained_unix` is its `Statement.gained_unix`."""

    outcome: Outcome
    gained_unix: float = 0.0


_NOTHING = Heard(Outcome.NOTHING)


class _Question(msgspec.Struct, frozen=True):
    asker: int
    asked: int
    nonce: str
    mac: str = ""

    def signed(self, key: bytes) -> "_Question":
        return msgspec.structs.replace(self, mac=_mac(key, "question", self.asker, self.asked, self.nonce))


class _Answer(msgspec.Struct, frozen=True):
    station: int
    sight: Sight
    gained_unix: float
    mac: str = ""

    def signed(self, key: bytes, asker: int, nonce: str) -> "_Answer":
        mac = _mac(key, "answer", asker, nonce, self.station, self.sight.value, self.gained_unix)
        return msgspec.structs.replace(self, mac=mac)


class WitnessServer:
    """Answers other stations. Belongs to the event loop."""

    def __init__(
        self,
        statement: Callable[[], Statement | None],
        monotonic: Callable[[], float],
        host: str,
        port: int,
        kept_port: Path,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            statement: What to answer now; None while this station does not know the site's key.
            monotonic: Seconds, counted while the computer sleeps.
            host: Where to listen; empty = on every network of this computer.
            port: At which; 0 = at the one of the last start, else at any that is free.
            kept_port: File that remembers it: others must find a station that was started anew where it was.
        """
        self._statement = statement
        self._monotonic = monotonic
        self._host = host
        self._port = port
        self._kept_port = kept_port
        self._servers: list[asyncio.Server] = []
        self._answering: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._said_away_s = float("-inf")

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._servers[0].sockets[0].getsockname()[1]) if self._servers else 0

    def may_take_over(self) -> bool:
        """Whether what this station gains may be polled: nobody counts on the contrary any more."""
        return self._monotonic() - self._said_away_s > HOLD_S

    async def start(self) -> None:
        """Listen. Where that is impossible the station goes on without, and falls silent the earlier."""
        trouble: OSError | None = None
        if self._kept_port.exists():
            # The start before this one may have said "away" at its very end.
            self._said_away_s = self._monotonic()
        for port in (self._port,) if self._port else (self._remembered(), 0):
            try:
                await self._listen(self._host or "0.0.0.0", port)
            except OSError as error:
                trouble = error
                continue
            if not self._host:
                with contextlib.suppress(OSError):  # a computer without IPv6
                    await self._listen("::", self.port)
            with contextlib.suppress(OSError):
                self._kept_port.write_text(str(self.port), encoding="ascii")
            return
        _log.warning("Other stations cannot ask this one about the database: %s", trouble)

    async def stop(self) -> None:
        """Listen no more. Safe twice."""
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
            await server.wait_closed()
        if self._answering:
            await asyncio.wait(self._answering)

    async def _listen(self, host: str, port: int) -> None:
        server = await asyncio.start_server(self._serve, host, port, limit=_LINE_BYTES)
        self._servers.append(server)

    def _remembered(self) -> int:
        try:
            port = int(self._kept_port.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
        return port if 0 < port < 1 << 16 else 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a coroutine is run by one
        if len(self._answering) >= _MOST_AT_ONCE:
            # A station asks as soon as it is connected; whoever has been here longest does not.
            next(
                (each for each in self._answering.values() if not each.is_closing()), writer
            ).transport.abort()
        self._answering[task] = writer
        task.add_done_callback(lambda done: self._answering.pop(done, None))
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                answer = self._answer_to(await reader.readline())
                if answer:
                    writer.write(answer + b"\n")
                    await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass  # ValueError: a line without an end
        finally:
            writer.close()

    def _answer_to(self, line: bytes) -> bytes:
        mine = self._statement()
        try:
            question = msgspec.json.decode(line, type=_Question)
        except msgspec.DecodeError:
            return b""
        if mine is None or question.asked != mine.station:
            return b""
        if not hmac.compare_digest(question.signed(mine.key).mac, question.mac):
            return b""
        if mine.sight is Sight.AWAY:
            self._said_away_s = self._monotonic()
        answer = _Answer(mine.station, mine.sight, mine.gained_unix)
        return msgspec.json.encode(answer.signed(mine.key, question.asker, question.nonce))


async def ask(peer: Peer, asker: int, key: bytes) -> Heard:
    """Ask another station what it sees of the database. Never raises; takes at most ANSWER_LIMIT_S."""
    host, _, port = peer.address.rpartition(":")
    if not (host and port.isdecimal()):
        return _NOTHING
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port), limit=_LINE_BYTES)
            question = _Question(asker, peer.id, secrets.token_hex(16)).signed(key)
            writer.write(msgspec.json.encode(question) + b"\n")
            answer = msgspec.json.decode(await reader.readline(), type=_Answer)
    except ConnectionRefusedError:
        return Heard(Outcome.REFUSED)
    except (OSError, TimeoutError, ValueError):
        return _NOTHING  # ValueError: msgspec's, or a line without an end
    finally:
        if writer is not None:
            writer.close()
    signed = answer.signed(key, asker, question.nonce)
    if answer.station != peer.id or not hmac.compare_digest(signed.mac, answer.mac):
        return _NOTHING
    return Heard(Outcome(answer.sight.value), answer.gained_unix)


def _mac(key: bytes, *parts: object) -> str:
    return hmac.new(key, "|".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()
