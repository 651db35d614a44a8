"""One TCP connection, secure channel and OPC UA session: connect in steps, call, close.

asyncua's `Client` does the handshakes; its reconnecting supervisor, its stale watchdog and its
`Subscription` (a task an item and notification) are left out: a channel lives once, and whoever holds it
makes a new one when it is lost. Used from one event loop.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from typing import Any, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.ua_binary import struct_from_binary

from drivers.errors import NeedsHuman
from drivers.opcua.faults import FOREIGN, fault, sign_in_fault
from drivers.opcua.settings import OpcuaSettings

SESSION_TIMEOUT_MS = 30_000  # a server forgets us this long after we died without saying goodbye
_POLICY_PREFIX = "http://opcfoundation.org/UA/SecurityPolicy#"

_Response = TypeVar("_Response")


class Channel:
    """Connects once. Methods raise LineLost or NeedsHuman; only `call` lets a refused service through."""

    def __init__(self, settings: OpcuaSettings) -> None:
        self.endpoint = settings.endpoint
        self._timeout_s = settings.timeout_s
        self._username = settings.username
        self._password = settings.password
        self._client = Client(settings.endpoint, timeout=settings.timeout_s)
        self._client.session_timeout = SESSION_TIMEOUT_MS
        self._client.name = self._client.description = "Operator console"
        self._client.application_uri = "urn:operator-console:client"
        self._client.product_uri = "urn:operator-console"

    @property
    def is_open(self) -> bool:
        """Whether the TCP connection stands, as far as this end knows."""
        protocol = self._client.uaclient.protocol
        return protocol is not None and protocol.transport is not None

    @property
    def renewal_s(self) -> float:
        """Seconds after which `renew` is due: 75 % of the token's lifetime (OPC 10000-4, 5.6.2.1)."""
        return self._client.secure_channel_timeout * 0.75 / 1000.0

    async def connect(self) -> None:
        """Take all four steps. What was half made is dropped on failure and on cancellation."""
        try:
            await self.open_port()
            await self.open_channel()
            await self.check_endpoint()
            await self.open_session()
        except BaseException:
            self.abort()
            raise

    async def open_port(self) -> None:
        """Step 1: TCP connection."""
        try:
            await self._client.connect_socket()
        except FOREIGN as error:
            raise fault(error, self.endpoint, self._timeout_s) from error

    async def open_channel(self) -> None:
        """Step 2: hello and secure channel."""
        try:
            await self._client.send_hello()
            await self._client.open_secure_channel()
        except FOREIGN as error:
            raise fault(error, self.endpoint, self._timeout_s) from error

    async def check_endpoint(self) -> str:
        """Step 3: is the chosen security offered, and this kind of sign-in with it? Returns what was found.

        Raises:
            NeedsHuman: It is not; the sentence lists what the server offers instead.
        """
        try:
            endpoints = await self._client.get_endpoints()
        except FOREIGN as error:
            raise fault(error, self.endpoint, self._timeout_s) from error
        policy = self._client.security_policy
        matching = [
            found
            for found in endpoints or ()
            if found.SecurityMode == policy.Mode
            and found.SecurityPolicyUri == policy.URI
            and str(found.EndpointUrl).startswith("opc.tcp://")
        ]
        offered = ", ".join(sorted({_security_text(found) for found in endpoints or ()})) or "nothing"
        if not matching:
            raise NeedsHuman(
                f"{self.endpoint} offers no endpoint with security None, only {offered}; "
                "enable security None on the server."
            )
        tokens = [token.TokenType for found in matching for token in found.UserIdentityTokens or ()]
        if self._username is not None and tokens and ua.UserTokenType.UserName not in tokens:
            raise NeedsHuman(
                f"{self.endpoint} offers no sign-in by user name; remove user name and password, or allow it "
                "on the server."
            )
        if self._username is None and tokens and ua.UserTokenType.Anonymous not in tokens:
            raise NeedsHuman(
                f"{self.endpoint} refuses to sign in anonymously; give user name and password, or allow "
                "anonymous sign-in on the server."
            )
        return offered

    async def open_session(self) -> None:
        """Step 4: create the session and sign in to it."""
        password = self._password.get_secret_value() if self._password is not None else ""
        try:
            await self._client.create_session()
            await self._client.activate_session(self._username, password)
        except FOREIGN as error:
            refusal = sign_in_fault(error, self.endpoint, self._username)
            raise refusal or fault(error, self.endpoint, self._timeout_s) from error

    async def call(
        self, request: Any, response_type: type[_Response], timeout_s: float | None = None
    ) -> _Response:
        """Send one request of any service and return the checked, decoded response.

        Args:
            request: asyncua's request structure.
            response_type: The structure that answers it.
            timeout_s: Instead of the settings' time-out; 0 waits as long as the connection lives.

        Raises:
            ua.UaStatusCodeError: The service as a whole was refused while the connection stands; the caller
                knows what that means for its service. `fault` translates it.
            LineLost: Connection gone, no answer in time, or an answer that cannot be decoded.
        """
        protocol = self._client.uaclient.protocol
        waits_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            if protocol is None:
                raise ConnectionError("not connected")
            data = await protocol.send_request(request, waits_s)
            response = struct_from_binary(response_type, data)
            response.ResponseHeader.ServiceResult.check()
        except ua.UaStatusCodeError:
            raise
        except FOREIGN as error:
            raise fault(error, self.endpoint, waits_s) from error
        return response

    async def renew(self) -> None:
        """Renew the secure channel's token."""
        try:
            await self._client.open_secure_channel(renew=True)
            self._client.uaclient.revolve_security_token()
        except FOREIGN as error:
            raise fault(error, self.endpoint, self._timeout_s) from error

    async def close(self) -> None:
        """Say goodbye within the time-out, then drop the connection. Safe twice; never raises."""
        if self.is_open:
            try:
                await self._client.uaclient.close_session(True)
                await self._client.uaclient.close_secure_channel()
            except FOREIGN:
                pass  # the server forgets the session by itself, and nobody waits for it any more
        self.abort()

    def abort(self) -> None:
        """Drop the connection at once. Safe twice."""
        uaclient = self._client.uaclient
        if uaclient.protocol is not None and uaclient.protocol.transport is not None:
            # Not `close`: towards a frozen server that would wait for unsent bytes for ever.
            uaclient.protocol.transport.abort()
        uaclient.disconnect_socket()


def _security_text(endpoint: ua.EndpointDescription) -> str:
    policy = (endpoint.SecurityPolicyUri or "").removeprefix(_POLICY_PREFIX)
    mode = ua.MessageSecurityMode(endpoint.SecurityMode).name.strip("_")
    return policy if policy == mode else f"{policy} ({mode})"
