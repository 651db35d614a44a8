"""Every setting of OPC UA is held against a real server: a setting without a test here fails the last one."""

import asyncio
import time
from collections.abc import Callable

import pytest
from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.errors import LineLost, NeedsHuman
from drivers.events import EventNews
from drivers.opcua.settings import OpcuaSettings

HEAT = "ns=2;s=Heat"
SECURED = {"security": "Basic256Sha256", "timeout_s": 3.0}

COVERED: set[str] = set()


def covers(*names: str) -> Callable[[Callable], Callable]:
    """Say which settings a test is the contract of."""

    def note(test: Callable) -> Callable:
        COVERED.update(names)
        return test

    return note


async def values_through(driver) -> list[object]:
    await driver.open()
    return [value.value for value in await driver.read()]


@covers("endpoint")
async def test_endpoint_is_where_values_come_from(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    assert await values_through(driver_of(plant.endpoint, HEAT)) == [21.5]


@covers("starting_node")
async def test_starting_node_is_where_names_begin(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "path=Heat", starting_node="path=/Objects")
    heat = plant.server.get_node(ua.NodeId("Heat", plant.index))
    await heat.add_variable(ua.NodeId("Low", plant.index), f"{plant.index}:Low", 3.0)
    assert await values_through(driver) == [21.5]
    of_heat = driver_of(plant.endpoint, "path=nsu=urn:test:plant;Low", starting_node=HEAT)
    assert await values_through(of_heat) == [3.0]


@covers("security", "security_mode", "server_certificate")
async def test_security_is_what_the_server_sees(plant, driver_of, showing, papers_office) -> None:
    papers = papers_office.self_signed()
    policies = [ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Aes256Sha256RsaPss_Sign]
    await plant.start({"Heat": 21.5}, prepare=showing(papers, policies))
    chosen = {"security": "Aes256Sha256RsaPss", "server_certificate": papers.pem, "timeout_s": 3.0}
    assert await values_through(driver_of(plant.endpoint, HEAT, security_mode="Sign", **chosen)) == [21.5]
    assert set(plant.secured) == {"http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss"}
    with pytest.raises(NeedsHuman, match=r"Aes256Sha256RsaPss \(SignAndEncrypt\), only .*\(Sign\), None;"):
        await driver_of(plant.endpoint, HEAT, security_mode="SignAndEncrypt", **chosen).open()


@covers("application_uri", "host_check")
async def test_what_a_certificate_names_is_held_against_the_settings(
    plant, driver_of, showing, papers_office
) -> None:
    papers = papers_office.self_signed(hosts=("plc9",))
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    opened = {
        (is_checked, uri): await is_opened(
            driver_of(
                plant.endpoint,
                HEAT,
                server_certificate=papers.base64,
                host_check=is_checked,
                application_uri=uri,
                **SECURED,
            )
        )
        for is_checked, uri in [(True, None), (False, None), (False, "urn:test:server"), (False, "urn:x")]
    }
    assert [*opened.values()] == [False, True, True, False]


class Doorkeeper:
    """Lets in whom it knows, and remembers who knocked."""

    def __init__(self) -> None:
        self.knocked: list[tuple[str | None, str | None, bytes | None]] = []

    def get_user(self, iserver, username=None, password=None, certificate=None):
        self.knocked.append((username, password, certificate))
        return User(role=UserRole.User, name=username or "x")


@covers("sign_in", "username", "password", "user_certificate", "user_private_key")
async def test_sign_in_reaches_the_server_as_meant(plant, driver_of, showing, papers_office) -> None:
    keeper = Doorkeeper()
    papers, user = papers_office.self_signed(), papers_office.user("reader")

    def prepare(server: Server) -> None:
        server.set_identity_tokens(
            [ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken]
        )
        server.iserver.user_manager = keeper

    await plant.start({"Heat": 21.5}, prepare=showing(papers, then=prepare))
    given = {
        "anonymous": {},
        "user": {"username": "reader", "password": "Zange-7-Öl"},
        "certificate": {"user_certificate": user.pem, "user_private_key": user.key_pem},
    }
    for security in ("None", "Basic256Sha256"):
        for sign_in, settings in given.items():
            driver = driver_of(
                plant.endpoint,
                HEAT,
                sign_in=sign_in,
                security=security,
                server_certificate=papers.base64,
                timeout_s=3.0,
                **settings,
            )
            assert await values_through(driver) == [21.5]
    shown = user.certificate.public_bytes(Encoding.DER)
    as_meant = [(None, None, None), ("reader", "Zange-7-Öl", None), (None, None, shown)]
    knocked = [(name, word, paper if paper == shown else None) for name, word, paper in keeper.knocked]
    assert knocked == as_meant * 2


async def test_a_user_certificate_that_the_server_refuses_needs_a_human(
    plant, driver_of, showing, papers_office
) -> None:
    class Nobody:
        def get_user(self, iserver, username=None, password=None, certificate=None):
            return None

    def prepare(server: Server) -> None:
        server.set_identity_tokens([ua.X509IdentityToken])
        server.iserver.user_manager = Nobody()

    papers, user = papers_office.self_signed(), papers_office.user("reader")
    await plant.start({"Heat": 21.5}, prepare=showing(papers, then=prepare))
    driver = driver_of(
        plant.endpoint,
        HEAT,
        sign_in="certificate",
        user_certificate=user.pem,
        user_private_key=user.key_pem,
        server_certificate=papers.base64,
        **SECURED,
    )
    with pytest.raises(
        NeedsHuman, match="does not accept the user certificate; have its administrator trust"
    ):
        await driver.open()


async def test_a_password_is_encrypted_for_a_server_whose_session_shows_no_certificate(
    plant, driver_of, showing, papers_office
) -> None:
    papers, user, keeper = papers_office.self_signed(), papers_office.user("reader"), Doorkeeper()

    def prepare(server: Server) -> None:
        server.set_identity_tokens([ua.UserNameIdentityToken, ua.X509IdentityToken])
        server.iserver.user_manager = keeper

    await plant.start({"Heat": 21.5}, prepare=showing(papers, then=prepare))
    for factory in plant.server._policies:
        factory.certificate = None if factory.mode is ua.MessageSecurityMode.None_ else papers.certificate
    by_password = driver_of(plant.endpoint, HEAT, username="reader", password="Zange-7-Öl")
    by_certificate = driver_of(
        plant.endpoint,
        HEAT,
        sign_in="certificate",
        user_certificate=user.pem,
        user_private_key=user.key_pem,
    )
    assert await values_through(by_password) == await values_through(by_certificate) == [21.5]
    assert [name for name, _, _ in keeper.knocked] == ["reader", None]


async def test_a_password_that_cannot_be_encrypted_as_the_server_wants_is_not_sent(plant, driver_of) -> None:
    keeper = Doorkeeper()

    def prepare(server: Server) -> None:
        server.set_identity_tokens([ua.UserNameIdentityToken])
        server.iserver.user_manager = keeper
        add_endpoint = server.iserver.add_endpoint

        def add_strict(endpoint: ua.EndpointDescription) -> None:
            for token in endpoint.UserIdentityTokens:
                token.SecurityPolicyUri = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"
            add_endpoint(endpoint)

        server.iserver.add_endpoint = add_strict

    await plant.start({"Heat": 21.5}, prepare=prepare)
    with pytest.raises(NeedsHuman, match="wants the password encrypted, but shows no certificate"):
        await driver_of(plant.endpoint, HEAT, username="reader", password="Zange-7-Öl").open()
    assert keeper.knocked == []


async def test_a_password_does_not_cross_a_connection_that_is_only_signed_in_clear(
    plant, driver_of, showing, papers_office
) -> None:
    papers, keeper = papers_office.self_signed(), Doorkeeper()

    def prepare(server: Server) -> None:
        server.set_identity_tokens([ua.UserNameIdentityToken])
        server.iserver.user_manager = keeper
        add_endpoint = server.iserver.add_endpoint

        def add_careless(endpoint: ua.EndpointDescription) -> None:
            for token in endpoint.UserIdentityTokens:
                token.SecurityPolicyUri = "http://opcfoundation.org/UA/SecurityPolicy#None"
            add_endpoint(endpoint)

        server.iserver.add_endpoint = add_careless

    policies = [ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_Sign]
    await plant.start({"Heat": 21.5}, prepare=showing(papers, policies, then=prepare))
    driver = driver_of(
        plant.endpoint,
        HEAT,
        username="reader",
        password="Zange-7-Öl",
        security_mode="Sign",
        server_certificate=papers.base64,
        **SECURED,
    )
    with pytest.raises(NeedsHuman, match=r"wants the password unencrypted .* choose SignAndEncrypt"):
        await driver.open()
    assert keeper.knocked == []


@covers("mode")
async def test_mode_decides_whether_the_server_pushes(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    subscriptions = plant.server.iserver.subscription_service.subscriptions
    assert await values_through(driver_of(plant.endpoint, HEAT, mode="poll")) == [21.5]
    assert len(subscriptions) == 0
    assert await values_through(driver_of(plant.endpoint, HEAT, mode="subscribe")) == [21.5]
    assert len(subscriptions) == 1


@covers("publishing_interval_ms", "sampling_interval_ms")
async def test_intervals_are_those_that_the_server_is_asked_for(plant, driver_of) -> None:
    asked: list[tuple[float, float]] = []

    def listen(server: Server) -> None:
        service = server.iserver.subscription_service
        create = service.create_monitored_items

        async def create_and_note(params: ua.CreateMonitoredItemsParameters) -> list[object]:
            subscription = service.subscriptions[params.SubscriptionId]
            asked.extend(
                (subscription.data.RevisedPublishingInterval, item.RequestedParameters.SamplingInterval)
                for item in params.ItemsToCreate
            )
            return await create(params)

        service.create_monitored_items = create_and_note

    await plant.start({"Heat": 21.5}, prepare=listen)
    driver = driver_of(plant.endpoint, HEAT, publishing_interval_ms=120, sampling_interval_ms=40)
    assert await values_through(driver) == [21.5]
    assert asked == [(120.0, 40.0)]


@covers("timeout_s")
async def test_time_out_is_how_long_a_silent_server_is_waited_for(driver_of) -> None:
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    began = time.monotonic()
    with pytest.raises(LineLost, match=r"within 0\.4 s"):
        await driver_of(f"opc.tcp://127.0.0.1:{port}/x", HEAT, timeout_s=0.4).open()
    assert 0.35 < time.monotonic() - began < 1.5
    silent.close()


@covers("other_endpoints")
async def test_another_endpoint_stands_in_for_one_that_is_away(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of("opc.tcp://127.0.0.1:1/away", HEAT, other_endpoints=[plant.endpoint])
    assert await values_through(driver) == [21.5]


@covers("other_server_certificates")
async def test_another_endpoint_has_to_be_trusted_too(plant, driver_of, showing, papers_office) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    opened = [
        await is_opened(
            driver_of(
                "opc.tcp://127.0.0.1:1/away",
                HEAT,
                other_endpoints=[plant.endpoint],
                server_certificate=papers_office.authority.base64,
                other_server_certificates=certificates,
                **SECURED,
            )
        )
        for certificates in ([papers.base64], [])
    ]
    assert opened == [True, False]


@covers("nodes_per_read")
async def test_no_read_asks_for_more_nodes_than_settings_and_server_allow(plant, driver_of) -> None:
    asked: list[int] = []

    def listen(server: Server) -> None:
        service = server.iserver.attribute_service
        read = service.read

        def read_and_note(params: ua.ReadParameters) -> list[ua.DataValue]:
            if all(node.NodeId.NamespaceIndex == 2 for node in params.NodesToRead):
                asked.append(len(params.NodesToRead))
            return read(params)

        service.read = read_and_note

    await plant.start({f"V{number}": number for number in range(10)}, prepare=listen)
    addresses = [f"ns=2;s=V{number}" for number in range(10)]
    most = {}
    for own, servers in ((3, 0), (5, 2), (None, 4)):
        await set_limit(plant, "MaxNodesPerRead", servers)
        driver = driver_of(plant.endpoint, *addresses, mode="poll", nodes_per_read=own)
        asked.clear()
        assert await values_through(driver) == list(range(10))
        most[own, servers] = max(asked)
        await driver.close()
    assert most == {(3, 0): 3, (5, 2): 2, (None, 4): 4}


@covers("items_per_call", "items_per_subscription")
async def test_no_call_watches_more_items_than_settings_and_server_allow(plant, driver_of) -> None:
    asked: list[int] = []

    def listen(server: Server) -> None:
        service = server.iserver.subscription_service
        create = service.create_monitored_items

        async def create_and_count(params: ua.CreateMonitoredItemsParameters) -> list[object]:
            asked.append(len(params.ItemsToCreate))
            return await create(params)

        service.create_monitored_items = create_and_count

    await plant.start({f"V{number}": number for number in range(10)}, prepare=listen)
    addresses = [f"ns=2;s=V{number}" for number in range(10)]
    subscriptions = plant.server.iserver.subscription_service.subscriptions
    most = {}
    for own, servers, each in ((3, 0, 1000), (5, 2, 1000), (None, 4, 1000), (None, 0, 4)):
        await set_limit(plant, "MaxMonitoredItemsPerCall", servers)
        driver = driver_of(plant.endpoint, *addresses, items_per_call=own, items_per_subscription=each)
        asked.clear()
        assert await values_through(driver) == list(range(10))
        fullest = max(len(one.monitored_item_srv._monitored_items) for one in subscriptions.values())
        most[own, servers, each] = (max(asked), fullest)
        await driver.close()
    assert [*most.values()] == [(3, 10), (2, 10), (4, 10), (4, 4)]


@covers("events", "event_notifier")
async def test_events_are_those_of_the_notifier(plant, driver_of, eventually) -> None:
    await plant.start({"Heat": 21.5})
    press = await plant.server.nodes.objects.add_object(2, "Press")
    await plant.server.get_event_generator(emitting_node=press)
    driver = driver_of(plant.endpoint, HEAT, events=True, event_notifier=press.nodeid.to_string())
    await driver.open()
    news: list[EventNews] = []

    async def is_more_told(before: int) -> bool:
        news.extend(filter(None, [driver.take_events()]))
        return len(news) > before

    await eventually(lambda: is_more_told(0), 5)
    assert [some.trouble for some in news] == [""]
    for source, message in ((plant.server.nodes.server, "of the server"), (press, "of the press")):
        await (await plant.server.get_event_generator(emitting_node=source)).trigger(message=message)
    await eventually(lambda: is_more_told(1), 5)
    assert [event.message for some in news for event in some.events] == ["of the press"]
    await driver.close()


async def set_limit(plant, name: str, limit: int) -> None:
    number = getattr(ua.ObjectIds, f"Server_ServerCapabilities_OperationLimits_{name}")
    await plant.server.get_node(ua.NodeId(number)).write_value(ua.Variant(limit, ua.VariantType.UInt32))


async def is_opened(driver) -> bool:
    try:
        await driver.open()
    except (LineLost, NeedsHuman):
        return False
    return True


def test_every_setting_has_its_contract_test() -> None:
    assert set(OpcuaSettings.model_fields) - COVERED == set()
