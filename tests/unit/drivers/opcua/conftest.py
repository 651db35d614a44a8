"""Real OPC UA servers on loopback, inside the test's loop or as a process of their own that can be frozen."""

import asyncio
import contextlib
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from pathlib import Path

import pytest
from asyncua import Server, ua
from asyncua.server.address_space import AttributeValue, NodeData
from asyncua.server.internal_server import InternalServer
from asyncua.server.standard_address_space.standard_address_space import fill_address_space

from drivers.opcua.address import parse_address
from drivers.opcua.driver import OpcuaDriver, OpcuaHub
from drivers.opcua.settings import OpcuaSettings
from tests.opcua_papers import APPLICATION_URI, Papers, PapersOffice

PLANT_URI = "urn:test:plant"
_COUNTING_SERVER = Path(__file__).with_name("counting_server.py")

StandardNodes = dict[ua.NodeId, NodeData]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def _server_side_is_quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The server is the stage, not the subject: its own log lines must not hide the client's."""
    loud = [logging.getLogger(f"asyncua.{name}") for name in ("server", "crypto.uacrypto")]
    before = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.CRITICAL + 1)
    yield
    for logger, level in zip(loud, before, strict=True):
        logger.setLevel(level)
    records = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.get_records("teardown")]
    errors = [record for record in records if record.levelno >= logging.WARNING]
    assert not errors, f"logged: {[record.getMessage() for record in errors]}"


@pytest.fixture(scope="session")
def standard_nodes() -> StandardNodes:
    """The 6,000 nodes every server has. Building them takes a second."""
    blank = InternalServer()
    fill_address_space(blank.node_mgt_service)
    return blank.aspace._nodes


class _NodesOnDemand(MutableMapping[ua.NodeId, NodeData]):
    """The standard nodes as one server's own: each is copied when that server first looks at it."""

    def __init__(self, source: StandardNodes) -> None:
        self._source = source
        self._own: StandardNodes = {}
        self._removed: set[ua.NodeId] = set()

    def __getitem__(self, key: ua.NodeId) -> NodeData:
        node = self._own.get(key)
        if node is None:
            if key in self._removed:
                raise KeyError(key)
            node = self._own[key] = _copied(self._source[key])
        return node

    def __setitem__(self, key: ua.NodeId, node: NodeData) -> None:
        self._own[key] = node
        self._removed.discard(key)

    def __delitem__(self, key: ua.NodeId) -> None:
        self._own.pop(key, None)
        self._removed.add(key)

    def __contains__(self, key: object) -> bool:
        return key in self._own or (key in self._source and key not in self._removed)

    def __iter__(self) -> Iterator[ua.NodeId]:
        yield from self._own
        yield from (key for key in self._source if key not in self._own and key not in self._removed)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _copied(node: NodeData) -> NodeData:
    copy = NodeData(node.nodeid)
    copy.attributes = {key: AttributeValue(attribute.value) for key, attribute in node.attributes.items()}
    copy.references = list(node.references)
    return copy


class PlantServer:
    """An OPC UA server with a few variables in `urn:test:plant`, restartable on its port."""

    def __init__(self, endpoint: str, standard_nodes: StandardNodes) -> None:
        self._standard_nodes = standard_nodes
        self.endpoint = endpoint
        self.server: Server | None = None
        self.index = 0
        self.sessions = 0
        self.secured: list[str] = []

    async def start(
        self,
        values: dict[str, object],
        namespaces_before: tuple[str, ...] = (),
        prepare: Callable[[Server], object] = lambda server: None,
    ) -> None:
        server = Server()

        async def load_copy(shelf_file: Path | None = None) -> None:
            server.iserver.aspace._nodes = _NodesOnDemand(self._standard_nodes)

        server.iserver.load_standard_address_space = load_copy
        await server.init()
        server.disable_clock()  # whose task takes a second to stop
        server.set_endpoint(self.endpoint)
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        for uri in namespaces_before:
            await server.register_namespace(uri)
        self.index = await server.register_namespace(PLANT_URI)
        for name, value in values.items():
            await server.nodes.objects.add_variable(ua.NodeId(name, self.index), name, value)
        prepare(server)
        await server.start()
        self.server = server
        self._count(server)

    def _count(self, server: Server) -> None:
        """Count who opens a session, and who a secured channel."""
        create_session = server.iserver.create_session

        def counting(*args: object, **kwargs: object) -> object:
            self.sessions += bool(kwargs.get("external"))
            return create_session(*args, **kwargs)

        server.iserver.create_session = counting
        for factory in server._policies:
            if factory.mode is not ua.MessageSecurityMode.None_:
                factory.create = self._counting_channels(factory.create)

    def _counting_channels(self, create: Callable[[bytes], object]) -> Callable[[bytes], object]:
        def counting(peer_certificate: bytes) -> object:
            policy = create(peer_certificate)
            self.secured.append(policy.URI)
            return policy

        return counting

    async def write(self, name: str, value: object) -> None:
        await self.server.get_node(ua.NodeId(name, self.index)).write_value(value)

    async def stop(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            await server.stop()


@pytest.fixture
async def plant(free_port: int, standard_nodes: StandardNodes) -> AsyncIterator[PlantServer]:
    server = PlantServer(f"opc.tcp://127.0.0.1:{free_port}/plant", standard_nodes)
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def papers_office() -> PapersOffice:
    return PapersOffice()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station's folder; its certificate is made by the first test that secures something."""
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
async def hub(pki: Path) -> AsyncIterator[OpcuaHub]:
    hub = OpcuaHub(pki)
    yield hub
    await hub.close()


@pytest.fixture
def showing() -> Callable[..., Callable[[Server], None]]:
    """Make a `prepare` for `PlantServer.start`: the server shows these papers and offers these policies."""

    def make(
        papers: Papers,
        policies: Sequence[ua.SecurityPolicyType] = (
            ua.SecurityPolicyType.NoSecurity,
            ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
        ),
        uri: str = APPLICATION_URI,
        then: Callable[[Server], object] = lambda server: None,
    ) -> Callable[[Server], None]:
        def prepare(server: Server) -> None:
            server.iserver.certificate, server.iserver.private_key = papers.certificate, papers.key
            server.set_security_policy(list(policies))
            server._application_uri = uri
            then(server)

        return prepare

    return make


@pytest.fixture
def driver_of(hub: OpcuaHub) -> Callable[..., OpcuaDriver]:
    def make(endpoint: str, *addresses: str, **settings: object) -> OpcuaDriver:
        chosen = OpcuaSettings.model_validate({"endpoint": endpoint, "publishing_interval_ms": 50} | settings)
        return hub.driver(chosen, [parse_address(text) for text in addresses])

    return make


async def _eventually(condition: Callable[[], Awaitable[bool]], within_s: float) -> float:
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < within_s, f"did not happen within {within_s} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture
def eventually() -> Callable[..., Awaitable[float]]:
    """Wait until a condition holds; returns the seconds it took, fails after `within_s`."""
    return _eventually


class ServerProcess:
    """A server in its own process, to be killed, frozen and thawed."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"opc.tcp://127.0.0.1:{port}/plant"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_COUNTING_SERVER),
            self.endpoint,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert (await asyncio.wait_for(self._process.stdout.readline(), 30)).strip() == b"ready"

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@pytest.fixture
async def server_process(free_port: int) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(free_port)
    yield process
    await process.kill()


@pytest.fixture
def counting_process(free_port: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The same server, with its endpoint, for a test that brings its own event loop."""
    endpoint = f"opc.tcp://127.0.0.1:{free_port}/plant"
    command = [sys.executable, str(_COUNTING_SERVER), endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline().strip() == b"ready"
        yield endpoint, process
        process.kill()


@pytest.fixture
def plant_at(standard_nodes: StandardNodes) -> Callable[[str], PlantServer]:
    return lambda endpoint: PlantServer(endpoint, standard_nodes)
