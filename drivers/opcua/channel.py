"""One TCP connection, secure channel and OPC UA session: connect in steps, call, close.

asyncua's `Client` does the handshakes; its reconnecting supervisor, its stale watchdog and its
`Subscription` (a task an item and notification) are left out: a channel lives once, and whoever holds it
makes a new one when it is lost. Used from one event loop.

Where messages are to be protected, the server is asked for its certificate first, over a connection of its
own on which nothing else is said; only a server that is trusted sees the second one.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.ua_binary import struct_from_binary
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.errors import DriverError, NeedsHuman
from drivers.opcua.faults import FOREIGN, distrust_fault, fault, sign_in_fault
from drivers.opcua.own_certificate import CertificateStore, OwnCertificate
from drivers.opcua.security import (
    UserPapers,
    check_password_way,
    check_sign_in,
    offer_text,
    policy_uri,
    protection,
    security_mode,
    user_papers,
    wanted_text,
)
from drivers.opcua.settings import OpcuaSettings, SignIn
from drivers.opcua.tracing import ExchangeNotes, note_failed_step
from drivers.opcua.transport import TracedClient, plainly_cancelled
from drivers.opcua.trust import Shown, chain_from_der, complaints_about
from drivers.trace import LineTrace

SESSION_TIMEOUT_MS = 30_000  # a server forgets us this long after we died without saying goodbye
# RSA with a server's key: instants on a computer, seconds on a small controller; three times in a handshake.
_RSA_S = 4.0
_UNSECURED_URI = "urn:operator-console:client"

_Response = TypeVar("_Response")


class Channel:
    """Connects once. Methods raise LineLost or NeedsHuman; only `call` lets a refused service through.

    Attributes:
        settings: Of the one server that is meant.
        endpoint: What people call it.
        shown: What the server showed in `check_endpoint`; None before, or if it shows no certificate.
    """

    def __init__(
        self, settings: OpcuaSettings, store: CertificateStore | None = None, trace: LineTrace | None = None
    ) -> None:
        """Begin unconnected.

        Args:
            settings: Of one server.
            store: Keeps this station's certificate; needed where messages are protected.
            trace: Where exchanges are noted.
        """
        self.settings = settings
        self.endpoint = settings.endpoint
        self.shown: Shown | None = None
        self._store = store or CertificateStore(None)
        self._trace = trace or LineTrace()
        self._timeout_s = settings.timeout_s
        self._own: OwnCertificate | None = None
        self._papers: UserPapers | None = None
        self._connecting_s = settings.timeout_s
        self._client = self._new_client()

    @property
    def is_open(self) -> bool:
        """Whether the TCP connection stands, as far as this end knows."""
        protocol = self._client.uaclient.protocol
        return protocol is not None and protocol.transport is not None

    @property
    def user(self) -> str:
        """Whom the user certificate names; empty where the user signs in otherwise."""
        return "" if self._papers is None else self._papers.certificate.subject.rfc4514_string()

    @property
    def renewal_s(self) -> float:
        """Seconds after which `renew` is due: 75 % of the token's lifetime (OPC 10000-4, 5.6.2.1)."""
        return self._client.secure_channel_timeout * 0.75 / 1000.0

    async def connect(self) -> None:
        """Take all steps. What was half made is dropped on failure and on cancellation."""
        try:
            await self.open_port()
            await self.open_channel()
            await self.check_endpoint()
            self.check_trust()
            await self.protect()
            await self.open_session()
        except BaseException:
            self.abort()
            raise

    async def open_port(self) -> None:
        """Step 1: TCP connection."""
        await self._step("connect", self._client.connect_socket())

    async def open_channel(self) -> None:
        """Step 2: hello and secure channel, unprotected still."""
        await self._step("say hello", self._client.send_hello())
        await self._step("open a secure channel", self._client.open_secure_channel())

    async def check_endpoint(self) -> str:
        """Step 3: is the chosen security offered, and this kind of sign-in with it? Returns what was found.

        Raises:
            NeedsHuman: It is not; the sentence lists what the server offers instead.
        """
        endpoints = await self.find_endpoints()
        matching = [
            found
            for found in endpoints
            if found.SecurityMode == security_mode(self.settings)
            and found.SecurityPolicyUri == policy_uri(self.settings)
            and str(found.EndpointUrl).startswith("opc.tcp://")
        ]
        offered = ", ".join(sorted({offer_text(found) for found in endpoints})) or "nothing"
        if not matching:
            wanted = wanted_text(self.settings)
            remedy = (
                "choose one of these in the settings, or enable it on the server"
                if self.settings.is_secured
                else "enable security None on the server"
            )
            raise NeedsHuman(
                f"{self.endpoint} offers no endpoint with security {wanted}, only {offered}; {remedy}."
            )
        check_sign_in(
            self.settings, [token for found in matching for token in found.UserIdentityTokens or ()]
        )
        # Endpoints without security may show none, although others of the same server do.
        self.shown = next(filter(None, map(shown_by, (*matching, *endpoints))), None)
        return offered

    async def find_endpoints(self) -> list[ua.EndpointDescription]:
        """Ask the server which endpoints it offers."""
        return list(await self._step("ask for endpoints", self._client.get_endpoints()) or ())

    def check_trust(self) -> str:
        """Step 4: is the server's certificate trusted? Returns whose it is. Nothing to do without security.

        Raises:
            NeedsHuman: It is not; the sentence says why and what to do.
        """
        if not self.settings.is_secured:
            return "messages are not protected, so no certificate is needed"
        if self.shown is None:
            raise NeedsHuman(f"{self.endpoint} shows no certificate; give it one, or choose security None.")
        complaints = complaints_about(self.shown, self.settings, datetime.now(UTC))
        if complaints:
            raise NeedsHuman(" ".join(complaints))
        certificate = self.shown.certificate
        return (
            f"{certificate.subject.rfc4514_string()}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}"
        )

    async def protect(self) -> None:
        """Step 5: connect anew, signed and encrypted as chosen. Nothing to do without security."""
        if self.settings.sign_in is SignIn.CERTIFICATE:
            # Checking a key takes some 50 ms, and polling must go on meanwhile.
            self._papers = await asyncio.to_thread(user_papers, self.settings)
        if not self.settings.is_secured or self.shown is None:
            return
        self._own = await self._store.own()
        await self.close()
        self._connecting_s = self._timeout_s + _RSA_S
        self._client = self._new_client()
        self._client.application_uri = self._own.application_uri
        self._client.security_policy = protection(self.settings, self.shown.certificate, self._own)
        self._client.uaclient.set_security(self._client.security_policy)
        await self.open_port()
        await self._step("say hello", self._client.send_hello())
        await self._step("open a secure channel", self._client.open_secure_channel(), secures=True)

    async def open_session(self) -> None:
        """Step 6: create the session and sign in to it."""
        await self._step("make a session", self._client.create_session(), secures=True)
        settings, papers = self.settings, self._papers
        username = settings.username if settings.sign_in is SignIn.USER else None
        password = settings.password.get_secret_value() if username and settings.password is not None else ""
        self._know_the_server()
        if password:
            policy = self._client.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri or ""
            check_password_way(
                settings, policy, has_certificate=bool(self._client.security_policy.peer_certificate)
            )
        if papers is not None:
            self._client.user_private_key = papers.key
        began_s = time.perf_counter()
        try:
            await self._client.activate_session(username, password, papers.certificate if papers else None)
        except FOREIGN as error:
            note_failed_step(self._trace, "sign in", error, (time.perf_counter() - began_s) * 1000.0)
            refusal = sign_in_fault(error, self.endpoint, settings)
            raise refusal or self._fault(error, secures=False) from error

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
        return await self.ask(request, partial(struct_from_binary, response_type), timeout_s)

    async def ask(
        self, request: Any, read: Callable[[Any], _Response], timeout_s: float | None = None
    ) -> _Response:
        """Do the same with a response that is taken apart by `read` from its buffer, header included."""
        protocol = self._client.uaclient.protocol
        waits_s = self._timeout_s if timeout_s is None else timeout_s
        notes = ExchangeNotes(self._trace, request)
        try:
            if protocol is None:
                raise ConnectionError("not connected")
            question = protocol.send(request, waits_s)
            notes.sent(question.body)
            data = await question.answer()
            kept = bytes(data)
            response: Any = read(data)
            response.ResponseHeader.ServiceResult.check()
        except FOREIGN as error:
            notes.failed(error)
            if isinstance(error, ua.UaStatusCodeError):
                raise
            raise fault(error, self.endpoint, waits_s) from error
        notes.answered(kept)
        return response

    async def renew(self) -> None:
        """Renew the secure channel's token."""
        await self._step("renew the secure channel", self._client.open_secure_channel(renew=True))
        self._client.uaclient.revolve_security_token()

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

    def _new_client(self) -> "_Client":
        client = _Client(self.endpoint, timeout=self._connecting_s)
        client.uaclient = TracedClient(self._connecting_s, self._trace)
        client.session_timeout = SESSION_TIMEOUT_MS
        client.name = client.description = "Operator console"
        client.application_uri = _UNSECURED_URI
        client.product_uri = "urn:operator-console"
        return client

    def _know_the_server(self) -> None:
        # Without security a server need not show its certificate in the session (OPC 10000-4, 5.6.2.2). That
        # of its endpoint is then what a password is encrypted with, and a user's signature is made over.
        if not self._client.security_policy.peer_certificate and self.shown is not None:
            certificate = self.shown.certificate.public_bytes(Encoding.DER)
            self._client.security_policy.peer_certificate = certificate

    async def _step(self, asked: str, work: Awaitable[_Response], *, secures: bool = False) -> _Response:
        """Do one step of connecting, and note it where it fails.

        Args:
            asked: What is done, for people.
            work: The step.
            secures: Whether a server that does not trust this station refuses it.
        """
        began_s = time.perf_counter()
        try:
            return await work
        except asyncio.CancelledError:
            raise plainly_cancelled() from None
        except FOREIGN as error:
            note_failed_step(self._trace, asked, error, (time.perf_counter() - began_s) * 1000.0)
            raise self._fault(error, secures=secures) from error

    def _fault(self, error: Exception, *, secures: bool) -> DriverError:
        own = self._own
        if secures and own is not None:
            refusal = distrust_fault(error, self.endpoint, own.subject, own.fingerprint)
            if refusal is not None:
                return refusal
        return fault(error, self.endpoint, self._connecting_s)


class _Client(Client):
    """asyncua's client over a transport that is listened to."""

    uaclient: TracedClient  # pyright: ignore[reportIncompatibleVariableOverride]


def shown_by(endpoint: ua.EndpointDescription) -> Shown | None:
    """Return what an endpoint description shows of its server; None where it holds no certificate.

    Raises:
        NeedsHuman: What it holds is none.
    """
    if not endpoint.ServerCertificate:
        return None
    try:
        chain = chain_from_der(bytes(endpoint.ServerCertificate))
    except ValueError:
        raise NeedsHuman(
            f"{endpoint.EndpointUrl} shows a certificate that cannot be read; issue a new one on the server."
        ) from None
    return Shown(chain, str(endpoint.Server.ApplicationUri or ""))
