"""`main.py device certificate` on a real database and a real server with a certificate of its own."""

import argparse
import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest
from asyncua import Server, ua
from cryptography import x509

from console.commandline.device import COMMAND
from console.settings import Settings
from models.database import Database
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from tests.opcua_papers import APPLICATION_URI, Papers, PapersOffice


@pytest.fixture(scope="module")
def papers() -> Papers:
    return PapersOffice().self_signed(hosts=("plc9",))


@pytest.fixture(scope="module")
def endpoint(papers: Papers) -> Iterator[str]:
    """A server on a loop of its own, because the command brings its own loop, too."""
    told: list[str] = []
    ready, end = threading.Event(), threading.Event()
    library = logging.getLogger("asyncua")
    before = library.level
    library.setLevel(logging.CRITICAL)

    async def serve() -> None:
        server = Server()
        await server.init()
        server.disable_clock()
        server.set_endpoint("opc.tcp://127.0.0.1:0/plant")
        server.iserver.certificate, server.iserver.private_key = papers.certificate, papers.key
        server._application_uri = APPLICATION_URI
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        async with server:
            told.append(f"opc.tcp://127.0.0.1:{server.bserver._server.sockets[0].getsockname()[1]}/plant")
            ready.set()
            await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="opcua server of a test")
    thread.start()
    assert ready.wait(30)
    yield told[0]
    end.set()
    thread.join()
    library.setLevel(before)


@pytest.fixture
def run(capsys, tmp_path, database_url, endpoint):
    device = Device(
        DeviceId(0),
        "PRESS-5",
        "Press 5",
        "press",
        "Hall A",
        "opcua",
        {"endpoint": endpoint, "security": "Basic256Sha256"},
        1.0,
        (Tag("rpm", "ns=2;s=Speed"),),
    )
    database = Database(database_url, "tests")
    with database.transaction() as connection:
        import_devices(connection, [DeviceEntry(device, ())])
    database.close()

    def call(*arguments: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        code = COMMAND.run(parser.parse_args(arguments), Settings(tmp_path / "data", database_url))
        return code, capsys.readouterr().out.rstrip()

    return call


def test_a_servers_certificate_is_shown_with_what_is_wrong(run, papers) -> None:
    code, out = run("certificate", "PRESS-5")
    lines = out.splitlines()
    assert (code, lines[0], lines[1]) == (1, "Issued to  CN=Plant server", "Issued by  itself")
    assert any(line.startswith("! The server's certificate was issued for plc9") for line in lines)
    assert lines[-1] == papers.base64


def test_the_stations_own_is_shown_as_pem_and_kept(run, tmp_path) -> None:
    code, out = run("certificate", "PRESS-5", "--own")
    own = x509.load_pem_x509_certificate(out.encode())
    assert code == 0
    assert own == x509.load_pem_x509_certificate((tmp_path / "data/pki/opcua-station.pem").read_bytes())
