"""asyncua's connection with an ear on it: counts bytes on the wire, and knows each request as it was meant.

Everything else is asyncua's. What is kept of a message is its body before encryption, because ciphertext
helps nobody who asks why a value is grey.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleVariableOverride=false, reportArgumentType=false

import asyncio
from typing import Any

from asyncua import ua
from asyncua.client.ua_client import UaClient, UASocketProtocol
from asyncua.common.connection import SecureConnection, TransportLimits
from asyncua.common.utils import Buffer, wait_for
from asyncua.crypto.security_policies import SecurityPolicy

from drivers.trace import LineTrace

_LARGEST_CHUNK = 4 * 1024 * 1024
_LARGEST_MESSAGE = 64 * 1024 * 1024


class _Limits(TransportLimits):
    """Those that were agreed, and one that no server talks us out of."""

    def is_msg_size_within_limit(self, sz: int) -> bool:
        """Whether a message of so many bytes is taken."""
        return sz <= _LARGEST_MESSAGE and super().is_msg_size_within_limit(sz)


class TracedConnection(SecureConnection):
    """asyncua's secure channel, counting what it sends.

    Attributes:
        body: The last request before encryption.
    """

    def __init__(self, policy: SecurityPolicy, limits: TransportLimits, trace: LineTrace) -> None:
        super().__init__(policy, limits)
        self.body = b""
        self._trace = trace

    def message_to_binary(
        self, message: bytes, message_type: ua.MessageType = ua.MessageType.SecureMessage, request_id: int = 0
    ) -> bytes:
        """Return what goes onto the wire, and count it."""
        data = super().message_to_binary(message, message_type, request_id)
        self.body = message
        self._trace.sent_bytes += len(data)
        return data


class TracedProtocol(UASocketProtocol):
    """asyncua's protocol, counting what it receives."""

    _connection: TracedConnection

    def __init__(self, timeout_s: float, policy: SecurityPolicy, trace: LineTrace) -> None:
        super().__init__(timeout_s, security_policy=policy)
        self._trace = trace
        self._connection = TracedConnection(policy, _Limits(65535, 65535, 0, 0), trace)

    def data_received(self, data: bytes) -> None:
        """Count, then take apart."""
        self._trace.received_bytes += len(data)
        if self.receive_buffer is not None and len(self.receive_buffer) > _LARGEST_CHUNK:
            # A chunk that claims gigabytes: each piece would be copied with all that came before.
            if self.transport is not None:
                self.transport.abort()
            return
        super().data_received(data)

    def send(self, request: Any, timeout_s: float) -> "Question":
        """Send a request at once; its answer is waited for separately."""
        future = self._send_request(request, timeout_s)
        return Question(self, self._connection.body, future, timeout_s)


class Question:
    """A request that is on its way.

    Attributes:
        body: What was asked, in UA binary, before encryption.
    """

    __slots__ = ("_future", "_protocol", "_timeout_s", "body")

    def __init__(self, protocol: TracedProtocol, body: bytes, future: Any, timeout_s: float) -> None:
        self.body = body
        self._protocol = protocol
        self._future = future
        self._timeout_s = timeout_s

    async def answer(self) -> Buffer:
        """Wait for the answer. Raises UaStatusCodeError, TimeoutError, or what ended the connection."""
        try:
            data = await wait_for(self._future, self._timeout_s or None)
        except asyncio.CancelledError:
            raise plainly_cancelled() from None
        self._protocol.check_answer(data, "")
        return data


def plainly_cancelled() -> asyncio.CancelledError:
    """Return what to raise for a cancellation that came out of asyncua.

    WORKAROUND(wait_for2, which asyncua uses below Python 3.12): where an answer comes in the moment of the
    cancellation it raises a class of its own. `asyncio.timeout` takes that for somebody else's, and the task
    whose time was up ends as if it had been cancelled.
    """
    return asyncio.CancelledError()


class TracedClient(UaClient):
    """asyncua's client that connects with a `TracedProtocol`."""

    protocol: TracedProtocol | None

    def __init__(self, timeout_s: float, trace: LineTrace) -> None:
        super().__init__(timeout_s)
        self._trace = trace

    def _make_protocol(self) -> TracedProtocol:
        protocol = TracedProtocol(self._timeout, self.security_policy, self._trace)
        protocol.pre_request_hook = self._pre_request_hook
        protocol.on_connection_lost = self._on_transport_lost
        protocol.is_session_closing = self._is_session_closing
        self.protocol = protocol
        return protocol
