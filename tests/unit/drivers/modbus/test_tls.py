"""Modbus over TLS against the server of pymodbus: what is believed and shown, and what goes wrong by name."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr, ValidationError
from pymodbus.server import ModbusTlsServer

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.modbus.address import parse_address
from drivers.modbus.certificate_complaints import complaints_of
from drivers.modbus.hub import ModbusHub
from drivers.modbus.spec import MODBUS_TLS
from drivers.modbus.tls import make_context
from drivers.modbus.tls_faults import ended
from drivers.modbus.tls_settings import ModbusTlsSettings
from tests.certificates import Authority, Shown, pem_of
from tests.unit.drivers.modbus.line_ends import REGISTERS, registers_unit

HOST = "localhost"
ServeTls = Callable[..., Awaitable[int]]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def authority_pem(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    return authority.write(tmp_path_factory.mktemp("tls") / "authority.pem").read_text()


@pytest.fixture
async def serve_tls(tmp_path: Path) -> AsyncIterator[ServeTls]:
    """Return a function that serves a unit behind a certificate on a free port, which it returns."""
    servers: list[ModbusTlsServer] = []

    async def start(shown: Shown, clients_of: str = "") -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pair = tmp_path / f"server-{len(servers)}.pem"
        pair.write_bytes(shown.certificate + shown.key)
        context.load_cert_chain(pair)
        if clients_of:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients_of)
        server = ModbusTlsServer([registers_unit(1)], address=("127.0.0.1", 0), sslctx=context)
        servers.append(server)
        await server.serve_forever(background=True)
        return server.transport.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        await server.shutdown()


async def outcome(hub: ModbusHub, port: int, **more: object) -> object:
    """Return the first register as read over TLS, or the error."""
    settings = ModbusTlsSettings.model_validate({"host": HOST, "port": port, "timeout_s": 2.0} | more)
    driver = hub.driver(settings, [parse_address("holding:0")])
    try:
        await driver.open()
        return (await driver.read())[0].value
    except DriverError as error:
        return error
    finally:
        await driver.close()


def der(shown: Shown) -> str:
    certificate = x509.load_pem_x509_certificate(shown.certificate)
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def self_signed(host: str = HOST, ends: timedelta = timedelta(days=2)) -> Shown:
    return Authority("Nobody you know").certify(host, ends=ends)


async def test_certificate_of_a_trusted_authority_is_believed(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority, authority_pem: str
) -> None:
    port = await serve_tls(authority.certify(HOST))
    assert await outcome(hub, port, authorities=authority_pem) == REGISTERS[0]


async def test_one_trusted_certificate_is_believed_whatever_its_name(
    hub: ModbusHub, serve_tls: ServeTls
) -> None:
    shown = self_signed("plc-17.plant.example")
    port = await serve_tls(shown)
    assert await outcome(hub, port, trust="certificate", server_certificate=der(shown)) == REGISTERS[0]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda a: a.certify(HOST, ends=timedelta(days=-1)), "has expired; renew it on the device"),
        (lambda a: a.certify(HOST, begins=timedelta(days=1)), "not valid yet; check the clocks"),
        (lambda a: a.certify("plc-17"), "was not issued for 'localhost'"),
        (lambda a: self_signed(), "comes from nobody who is trusted"),
    ],
    ids=["expired", "not yet valid", "wrong host", "unknown authority"],
)
async def test_certificate_fault_needs_a_human_and_is_named(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority, authority_pem: str, make, sentence: str
) -> None:
    port = await serve_tls(make(authority))
    error = await outcome(hub, port, authorities=authority_pem)
    assert isinstance(error, NeedsHuman)
    assert sentence in str(error)


async def test_swapped_certificate_is_refused_where_another_is_trusted(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority
) -> None:
    port = await serve_tls(authority.certify(HOST))
    for trusted in (authority.certify(HOST), self_signed()):
        error = await outcome(hub, port, trust="certificate", server_certificate=der(trusted))
        assert isinstance(error, NeedsHuman)
        assert "shows another certificate than the one that is trusted" in str(error)


async def test_trusted_certificate_that_expired_is_refused(hub: ModbusHub, serve_tls: ServeTls) -> None:
    shown = self_signed(ends=timedelta(days=-1))
    port = await serve_tls(shown)
    error = await outcome(hub, port, trust="certificate", server_certificate=der(shown))
    assert isinstance(error, NeedsHuman)
    assert "has expired" in str(error)


async def test_other_name_in_the_certificate_may_be_given(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority, authority_pem: str
) -> None:
    port = await serve_tls(authority.certify("plc-17"))
    assert await outcome(hub, port, authorities=authority_pem, server_name="plc-17") == REGISTERS[0]


async def test_device_that_wants_a_certificate_gets_ours_or_says_so(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority, authority_pem: str
) -> None:
    port = await serve_tls(authority.certify(HOST), clients_of=authority_pem)
    ours = authority.certify("operator-console")
    pair = {
        "client_certificate": ours.certificate.decode(),
        "client_private_key": ours.key.decode(),
    }
    assert await outcome(hub, port, authorities=authority_pem, **pair) == REGISTERS[0]
    without = await outcome(hub, port, authorities=authority_pem)
    assert isinstance(without, NeedsHuman)
    assert "may ask for a certificate of this program" in str(without)
    strange = self_signed("operator-console")
    pair = {
        "client_certificate": strange.certificate.decode(),
        "client_private_key": strange.key.decode(),
    }
    unknown = await outcome(hub, port, authorities=authority_pem, **pair)
    assert isinstance(unknown, NeedsHuman)
    assert "may not trust this program's certificate" in str(unknown)


async def test_damaged_key_is_named_when_it_is_to_be_used(authority: Authority) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    whole = key.private_numbers()
    damaged = rsa.RSAPrivateNumbers(
        whole.p, whole.q, whole.d + 2, whole.dmp1, whole.dmq1, whole.iqmp, whole.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    settings = ModbusTlsSettings(
        host=HOST,
        client_certificate=authority.certify(HOST, key=key).certificate.decode(),
        client_private_key=SecretStr(pem_of(damaged).decode()),
    )
    with pytest.raises(NeedsHuman, match=r"certificate for localhost:802 cannot be used: .*; check it and"):
        await make_context(settings)


def test_words_of_the_device_about_our_certificate_are_kept(
    authority: Authority, authority_pem: str, tmp_path: Path
) -> None:
    error = alert_of(tmp_path, authority.certify(HOST), authority_pem)
    fault = ended("plc:802", error, has_answered=False, shows_certificate=False)
    assert isinstance(fault, NeedsHuman)
    assert str(fault) == "plc:802 asks for a certificate of this program; give it one it trusts."


def alert_of(folder: Path, shown: Shown, clients_of: str) -> ssl.SSLError:
    """Return what a client sees that shows no certificate to a server that wants one."""
    pair = folder / "server.pem"
    pair.write_bytes(shown.certificate + shown.key)
    server_context, client_context = (
        ssl.SSLContext(kind) for kind in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT)
    )
    server_context.load_cert_chain(pair)
    server_context.verify_mode = ssl.CERT_REQUIRED
    for context in (server_context, client_context):
        context.load_verify_locations(cadata=clients_of)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=HOST)
    for end in (client, server, client):
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    with contextlib.suppress(ssl.SSLError):
        server.do_handshake()
    with pytest.raises(ssl.SSLError) as raised:
        client.read()
    return raised.value


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_port_without_encryption_is_named(hub: ModbusHub, authority_pem: str, greeting: bytes) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await outcome(hub, port, authorities=authority_pem)
    assert isinstance(error, DriverError)
    assert "TLS" in str(error)


async def test_two_devices_that_trust_differently_never_share(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority, authority_pem: str
) -> None:
    port = await serve_tls(authority.certify(HOST))
    good = ModbusTlsSettings(host=HOST, port=port, authorities=authority_pem)
    driver = hub.driver(good, [parse_address("holding:0")])
    await driver.open()
    error = await outcome(hub, port, trust="certificate", server_certificate=der(self_signed()))
    assert isinstance(error, NeedsHuman)
    await driver.close()


async def test_certificate_is_shown_with_what_is_wrong_with_it(
    hub: ModbusHub, serve_tls: ServeTls, authority: Authority
) -> None:
    shown = authority.certify("plc-17", ends=timedelta(days=-1))
    port = await serve_tls(shown)
    assert MODBUS_TLS.tools is not None
    certificate = MODBUS_TLS.tools().certificate
    assert certificate is not None
    facts = await certificate(hub, ModbusTlsSettings(host=HOST, port=port))
    assert facts.der_base64 == der(shown)
    assert facts.hosts == ("plc-17",)
    assert facts.fingerprint.count(":") == 31
    assert any("expired" in complaint for complaint in facts.complaints)
    assert any("not for localhost" in complaint for complaint in facts.complaints)


@pytest.mark.parametrize(
    ("issued_for", "host", "is_named"),
    [
        ("PLC-17.plant.example", "plc-17.plant.example", True),
        ("*.plant.example", "plc-17.plant.example", True),
        ("*.plant.example", "cell.plc-17.plant.example", False),
        ("plc-17", "plc-18", False),
    ],
)
def test_certificate_names_a_host_as_the_handshake_sees_it(
    authority: Authority, issued_for: str, host: str, is_named: bool
) -> None:
    shown = x509.load_pem_x509_certificate(authority.certify(issued_for).certificate)
    assert (complaints_of(shown, host) == ()) is is_named


async def test_connection_test_says_that_it_is_encrypted(
    serve_tls: ServeTls, authority: Authority, authority_pem: str
) -> None:
    port = await serve_tls(authority.certify(HOST))
    settings = ModbusTlsSettings(host=HOST, port=port, authorities=authority_pem)
    steps = await MODBUS_TLS.test(settings, [])
    assert [(step.name, step.ok) for step in steps] == [
        ("Name resolved", True),
        ("Encrypted and trusted", True),
        ("Unit answered", True),
    ]


async def test_closed_port_is_a_lost_line(hub: ModbusHub, serve_tls: ServeTls, authority: Authority) -> None:
    port = await serve_tls(authority.certify(HOST))
    error = await outcome(hub, port + 1 if port < 65535 else port - 1)
    assert isinstance(error, LineLost)


def refused(**fields: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        ModbusTlsSettings.model_validate({"host": "plc"} | fields)
    assert "PRIVATE" not in str(refusal.value).replace("BEGIN PRIVATE KEY", "")
    return str(refusal.value)


def test_settings_that_cannot_work_are_refused_by_field(authority: Authority) -> None:
    ours, other = authority.certify("a"), authority.certify("b")
    certificate, key = ours.certificate.decode(), ours.key.decode()
    assert "no certificate in PEM form" in refused(authorities="nonsense")
    assert "this is no certificate" in refused(server_certificate="AAAA")
    assert "no private key in PEM form" in refused(
        client_certificate=certificate, client_private_key="nonsense"
    )
    assert "certificate and private key go together" in refused(client_certificate=certificate)
    assert "does not belong" in refused(client_certificate=certificate, client_private_key=other.key.decode())
    assert "trusted certificate is empty" in refused(trust="certificate")
    assert (
        ModbusTlsSettings.model_validate(
            {"host": "plc", "client_certificate": certificate, "client_private_key": key, "authorities": " "}
        ).authorities
        is None
    )
