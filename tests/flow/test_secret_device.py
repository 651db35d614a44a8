"""A password's whole way: from the document, sealed through the database, to the server that asks for it."""

import asyncio
import contextlib
import logging
import os
import socket
import time

import pytest
from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import text

from console.catalogue.document import entries_from_document
from console.catalogue.sealing import import_sealed
from console.settings import Settings
from console.station.feed import NoFeed
from console.station.pipeline import Station
from console.station.store import DatabaseStore
from models.credentials import MemoryStore
from models.queries.keys import load_workstations
from models.records.reading import Reading
from models.workstation import WorkstationKeys
from tests.opcua_papers import APPLICATION_URI, PapersOffice

DEADLINE_S = 20.0
PASSWORD = os.urandom(8).hex()


class OneUser:
    def get_user(self, iserver, username=None, password=None, certificate=None):
        return (
            User(role=UserRole.User, name=username) if (username, password) == ("reader", PASSWORD) else None
        )


OFFICE = PapersOffice()
SERVER, READER = OFFICE.self_signed(), OFFICE.user("reader")


class OneReader:
    def get_user(self, iserver, username=None, password=None, certificate=None):
        shown = READER.certificate.public_bytes(Encoding.DER)
        return User(role=UserRole.User, name="reader") if certificate == shown else None


@pytest.fixture
async def endpoint():
    """A server that lets only "reader" in, with one variable."""
    async with serving(set_up_for_a_password) as address:
        yield address


@pytest.fixture
async def secured_endpoint():
    """The same, encrypted, for a user with a certificate."""
    async with serving(set_up_for_a_certificate) as address:
        yield address


def set_up_for_a_password(server):
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    server.set_identity_tokens([ua.UserNameIdentityToken])
    server.iserver.user_manager = OneUser()


def set_up_for_a_certificate(server):
    server.iserver.certificate, server.iserver.private_key = SERVER.certificate, SERVER.key
    server._application_uri = APPLICATION_URI
    server.set_security_policy([ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt])
    server.set_identity_tokens([ua.X509IdentityToken])
    server.iserver.user_manager = OneReader()


@contextlib.asynccontextmanager
async def serving(set_up):
    logging.getLogger("asyncua.server").setLevel(logging.CRITICAL)
    logging.getLogger("asyncua.crypto.uacrypto").setLevel(logging.CRITICAL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"opc.tcp://127.0.0.1:{probe.getsockname()[1]}/plant"
    server = Server()
    await server.init()
    server.disable_clock()
    server.set_endpoint(address)
    set_up(server)
    await server.register_namespace("urn:test:plant")
    await server.nodes.objects.add_variable(ua.NodeId("Heat", 2), "Heat", 21.5)
    await server.start()
    yield address
    await server.stop()
    logging.getLogger("asyncua.server").setLevel(logging.NOTSET)
    logging.getLogger("asyncua.crypto.uacrypto").setLevel(logging.NOTSET)


class TellingFeed(NoFeed):
    """Remembers everything that windows would be sent."""

    def __init__(self):
        self.told = []

    async def has_readings(self):
        return any(isinstance(one, Reading) for one in self.told)

    def publish_readings(self, readings):
        self.told += readings

    def set_states(self, states, owners):
        self.told += states

    def publish_states(self, states):
        self.told += states


@contextlib.asynccontextmanager
async def running(database, tmp_path, keys):
    feed = TellingFeed()
    store = DatabaseStore(database, keys)
    station = Station(Settings(data_dir=tmp_path, station_name="hall"), database, feed, store=store)
    await station.start()
    try:
        yield feed
    finally:
        await station.stop()


async def eventually(condition):
    """Wait until an asynchronous condition gives something, and return it."""
    began = time.monotonic()
    while not (found := await condition()):
        assert time.monotonic() - began < DEADLINE_S, "it never happened"
        await asyncio.sleep(0.02)
    return found


async def state_of_device(database, wanted):
    """Wait until the device's stored status is `wanted`; return it with its reason."""
    query = text("SELECT status, status_detail FROM app.devices WHERE status = :wanted")

    def ask():
        with database.transaction() as connection:
            return connection.execute(query, {"wanted": wanted}).one_or_none()

    return (await eventually(lambda: asyncio.to_thread(ask))).status_detail


def keys_of(store):
    return WorkstationKeys(lambda: store, "here")


def imported(database, endpoint, keys, password):
    imported_with(database, {"endpoint": endpoint, "username": "reader", "password": password}, keys)


def imported_with(database, connection_settings, keys):
    document = {
        "device_id": "PRESS-01",
        "name": "Press 1",
        "type": "press",
        "location": "Hall B",
        "driver": "opcua",
        "connection": connection_settings | {"publishing_interval_ms": 50},
        "period_s": 0.2,
        "tags": [{"metric": "temperature", "address": "ns=2;s=Heat"}],
    }
    with database.transaction() as connection:
        import_sealed(connection, entries_from_document({"devices": [document]}), keys)


@pytest.fixture
def office(database):
    """The keys of the workstation where the device is entered."""
    store = MemoryStore()
    with database.transaction() as connection:
        keys_of(store).create(connection, "office")
    return keys_of(store)


async def test_a_sealed_password_opens_the_server_and_is_seen_nowhere(
    database, newest_site, endpoint, office, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    await asyncio.to_thread(imported, database, endpoint, office, PASSWORD)
    async with running(database, tmp_path, office) as feed:
        await state_of_device(database, "online")
        await eventually(feed.has_readings)
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(feed.told)
    assert PASSWORD not in await asyncio.to_thread(newest_site.all_text)


async def test_a_users_key_opens_a_secured_server_and_is_seen_nowhere(
    database, newest_site, secured_endpoint, office, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    settings = {
        "endpoint": secured_endpoint,
        "security": "Aes256Sha256RsaPss",
        "server_certificate": SERVER.base64,
        "sign_in": "certificate",
        "user_certificate": READER.pem,
        "user_private_key": READER.key_pem,
        "timeout_s": 3.0,
    }
    await asyncio.to_thread(imported_with, database, settings, office)
    async with running(database, tmp_path, office) as feed:
        await state_of_device(database, "online")
        await eventually(feed.has_readings)
    secret = READER.key_pem.splitlines()[5]
    assert secret not in caplog.text
    assert secret not in repr(feed.told)
    assert secret not in await asyncio.to_thread(newest_site.all_text)
    assert (tmp_path / "pki" / "opcua-station.pem").exists()


async def test_a_wrong_password_is_an_error_that_says_so(database, endpoint, office, tmp_path):
    await asyncio.to_thread(imported, database, endpoint, office, "wrong")
    async with running(database, tmp_path, office):
        detail = await state_of_device(database, "error")
    assert "does not accept the user 'reader' with this password" in detail
    assert "wrong" not in detail


async def test_a_station_without_the_key_says_so_until_it_comes(database, endpoint, office, tmp_path):
    await asyncio.to_thread(imported, database, endpoint, office, PASSWORD)
    hall = keys_of(MemoryStore())

    def ask():
        with database.transaction() as connection:
            hall.request(connection, "hall")

    def approve():
        with database.transaction() as connection:
            (waiting,) = [one for one in load_workstations(connection) if one.name == "hall"]
            office.approve(connection, waiting)

    await asyncio.to_thread(ask)
    async with running(database, tmp_path, hall):
        detail = await state_of_device(database, "error")
        assert "connection.password of PRESS-01 is encrypted and cannot be opened here" in detail
        assert "main.py key approve 2" in detail
        await asyncio.to_thread(approve)
        await state_of_device(database, "online")
