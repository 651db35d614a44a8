"""What a person is shown of a server's certificate before trusting it."""

from datetime import timedelta

import pytest
from asyncua import ua

from drivers.errors import LineLost, NeedsHuman
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.spec import OPCUA
from drivers.opcua.trust import chain_from_der

SECURED = {"security": "Basic256Sha256"}


@pytest.fixture
def facts_of(hub):
    async def ask(endpoint: str, **settings: object):
        return await OPCUA.tools().certificate(hub, OpcuaSettings(endpoint=endpoint, **settings))

    return ask


async def test_a_sound_certificate_has_no_complaints_and_can_be_trusted_as_it_is(
    plant, showing, papers_office, facts_of, driver_of
) -> None:
    papers = papers_office.self_signed(hosts=("127.0.0.1", "plc7"))
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    facts = await facts_of(plant.endpoint, **SECURED)
    assert (facts.der_base64, facts.complaints) == (papers.base64, ())
    assert (facts.subject, facts.issuer) == ("CN=Plant server", "CN=Plant server")
    assert facts.hosts == ("plc7", "127.0.0.1")
    assert facts.not_after_unix == papers.certificate.not_valid_after_utc.timestamp()
    driver = driver_of(
        plant.endpoint, "ns=2;s=Heat", server_certificate=facts.der_base64, timeout_s=3.0, **SECURED
    )
    await driver.open()
    assert (await driver.read())[0].value == 21.5


async def test_everything_wrong_with_it_is_said(plant, showing, papers_office, facts_of) -> None:
    papers = papers_office.self_signed(hosts=("plc9",), uri="urn:other", ends=timedelta(days=-1))
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    facts = await facts_of(plant.endpoint, **SECURED)
    assert ["ran out" in facts.complaints[0], "issued for plc9" in facts.complaints[1]] == [True, True]
    assert "urn:other" in facts.complaints[2]


async def test_one_that_differs_from_the_trusted_one_is_complained_of(
    plant, showing, papers_office, facts_of
) -> None:
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed()))
    facts = await facts_of(plant.endpoint, server_certificate=papers_office.self_signed().base64, **SECURED)
    assert "has changed its certificate since it was trusted" in facts.complaints[0]


async def test_a_server_that_shows_none_says_so(plant, facts_of) -> None:
    await plant.start({"Heat": 21.5})
    with pytest.raises(NeedsHuman, match="shows no certificate, so it offers no security"):
        await facts_of(plant.endpoint)


async def test_a_server_that_shows_nonsense_says_so(plant, facts_of) -> None:
    def prepare(server) -> None:
        add = server.iserver.add_endpoint

        def add_nonsense(endpoint: ua.EndpointDescription) -> None:
            endpoint.ServerCertificate = b"\x30\x03abc"
            add(endpoint)

        server.iserver.add_endpoint = add_nonsense

    await plant.start({"Heat": 21.5}, prepare=prepare)
    with pytest.raises(NeedsHuman, match="shows a certificate that cannot be read"):
        await facts_of(plant.endpoint)


async def test_a_server_that_is_away_is_a_lost_line(free_port, facts_of) -> None:
    with pytest.raises(LineLost, match="refuses the connection"):
        await facts_of(f"opc.tcp://127.0.0.1:{free_port}/x")


async def test_asking_opens_no_session(plant, showing, papers_office, facts_of) -> None:
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed()))
    await facts_of(plant.endpoint, **SECURED)
    assert (plant.sessions, plant.secured) == (0, [])


def test_a_chain_is_taken_apart(papers_office) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    chain = [papers_office.issued().certificate, papers_office.authority.certificate]
    der = b"".join(certificate.public_bytes(Encoding.DER) for certificate in chain)
    assert list(chain_from_der(der)) == chain


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x82", b"\x30\x84\xff\xff\xff\xff", b"\x00" * 40, b"0\x80" * 9]
)
def test_anything_else_is_no_chain(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"certificate|pars|ASN"):
        chain_from_der(data)
