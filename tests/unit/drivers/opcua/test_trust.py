"""Servers that are trusted, and those that are not: a stranger gets no secured connection and no session."""

import logging
import re
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from asyncua import Server, ua
from asyncua.common.utils import ServiceError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from drivers.errors import LineLost, NeedsHuman
from drivers.opcua.own_certificate import existing
from drivers.opcua.security import user_papers
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.spec import OPCUA
from drivers.opcua.trust import Shown, complaints_about
from tests.opcua_papers import APPLICATION_URI, Papers

HEAT = "ns=2;s=Heat"
SECURED = {"security": "Basic256Sha256", "timeout_s": 3.0}


async def value_through(driver) -> object:
    await driver.open()
    return (await driver.read())[0].value


async def test_every_policy_in_every_mode_carries_a_value(plant, driver_of, showing, papers_office) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers, list(ua.SecurityPolicyType)))
    chosen = [
        (security, mode)
        for security in (
            "Basic256Sha256",
            "Aes128Sha256RsaOaep",
            "Aes256Sha256RsaPss",
            "Basic256",
            "Basic128Rsa15",
        )
        for mode in ("Sign", "SignAndEncrypt")
    ]
    values = {
        (security, mode): await value_through(
            driver_of(
                plant.endpoint,
                HEAT,
                security=security,
                security_mode=mode,
                server_certificate=papers.base64,
                timeout_s=3.0,
            )
        )
        for security, mode in chosen
    }
    assert values == dict.fromkeys(chosen, 21.5)
    assert len(set(plant.secured)) == 5


ENDPOINT = "opc.tcp://127.0.0.1:4840"


def complaints(papers: Papers, uri: str = APPLICATION_URI, **settings: object) -> str:
    chosen = OpcuaSettings.model_validate({"endpoint": ENDPOINT, "security": "Basic256Sha256"} | settings)
    return " ".join(complaints_about(Shown((papers.certificate,), uri), chosen, datetime.now(UTC)))


@pytest.mark.parametrize(
    ("wish", "settings", "said"),
    [
        ({"ends": timedelta(days=-1)}, {}, r"^The .* ran out on \d{4}-\d\d-\d\d; renew it on the server\.$"),
        ({"begins": timedelta(days=1)}, {}, "is not valid before .* check the clocks"),
        (
            {"hosts": ("plc9", "10.0.0.9")},
            {},
            r"issued for plc9, 10\.0\.0\.9, not for 127\.0\.0\.1; use one of",
        ),
        ({"hosts": ()}, {}, r"issued for no host at all, not for 127\.0\.0\.1"),
        ({"hosts": ("PLC7",)}, {"endpoint": "opc.tcp://plc7"}, "^$"),
        ({"hosts": ("::1",)}, {"endpoint": "opc.tcp://[0:0::1]"}, "^$"),
        ({"uri": "urn:other"}, {}, "calls itself urn:test:server, but its certificate .* urn:other"),
        ({}, {"application_uri": "urn:line9"}, "expect the application URI urn:line9, .* urn:test:server"),
        ({"uses": (ExtendedKeyUsageOID.CLIENT_AUTH,)}, {}, "was not issued for servers"),
        ({}, {}, "^$"),
    ],
    ids=[
        "expired",
        "not yet valid",
        "wrong host",
        "no host",
        "upper case",
        "long address",
        "wrong application",
        "unexpected application",
        "a client's",
        "sound",
    ],
)
def test_what_is_wrong_with_a_trusted_certificate_is_named(papers_office, wish, settings, said) -> None:
    papers = papers_office.self_signed(**wish)
    assert re.search(said, complaints(papers, server_certificate=papers.base64, **settings))


@pytest.mark.parametrize(
    ("trusted", "said"),
    [
        (None, r"\(CN=Plant server, fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}\) is not trusted yet; compare"),
        (
            "Pump server",
            "^opc.tcp://127.0.0.1:4840 shows another certificate: fingerprint .* ask its administrator",
        ),
        ("Plant server", "has changed its certificate since it was trusted: fingerprint"),
    ],
    ids=["nothing", "another name", "the same name"],
)
def test_why_a_certificate_is_not_trusted_is_named(papers_office, trusted, said) -> None:
    pinned = papers_office.self_signed(name=trusted).base64 if trusted else None
    assert re.search(said, complaints(papers_office.self_signed(), server_certificate=pinned))


def test_an_authority_that_ran_out_is_named(papers_office) -> None:
    old = papers_office.new_authority(ends=timedelta(days=-1))
    papers = papers_office.issued()
    assert re.search(
        "certificate of the authority CN=Plant authority ran out",
        complaints(papers, server_certificate=old.base64),
    )


async def test_a_stranger_gets_no_secured_connection(plant, driver_of, showing, papers_office) -> None:
    trusted = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(trusted))
    strangers = {
        "ran out": papers_office.self_signed(ends=timedelta(days=-1)),
        "not valid before": papers_office.self_signed(begins=timedelta(days=1)),
        "was issued for plc9": papers_office.self_signed(hosts=("plc9",)),
        "calls itself": papers_office.self_signed(uri="urn:other"),
        "has changed its certificate": papers_office.self_signed(),
    }
    pins = strangers | {"has changed its certificate": trusted}
    said = {}
    for what, papers in strangers.items():
        for endpoint in plant.server.iserver.endpoints:
            endpoint.ServerCertificate = papers.certificate.public_bytes(Encoding.DER)
        driver = driver_of(plant.endpoint, HEAT, server_certificate=pins[what].base64, **SECURED)
        with pytest.raises(NeedsHuman) as caught:
            await driver.open()
        said[what] = what in str(caught.value)
    assert said == dict.fromkeys(strangers, True)
    assert (plant.sessions, plant.secured) == (0, [])


async def test_a_certificate_of_a_trusted_authority_is_trusted(
    plant, driver_of, showing, papers_office
) -> None:
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.issued()))
    driver = driver_of(plant.endpoint, HEAT, server_certificate=papers_office.authority.base64, **SECURED)
    assert await value_through(driver) == 21.5


async def test_a_certificate_that_only_claims_a_trusted_authority_is_not_trusted(
    plant, driver_of, showing, papers_office
) -> None:
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed(name="Plant authority")))
    driver = driver_of(plant.endpoint, HEAT, server_certificate=papers_office.authority.base64, **SECURED)
    with pytest.raises(NeedsHuman, match="has changed its certificate"):
        await driver.open()
    assert (plant.sessions, plant.secured) == (0, [])


async def test_a_certificate_changed_while_connected_is_found_at_the_next_connection(
    plant, driver_of, showing, papers_office, eventually
) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    driver = driver_of(plant.endpoint, HEAT, server_certificate=papers.base64, **SECURED)
    assert await value_through(driver) == 21.5
    await plant.stop()
    await eventually(lambda: is_lost(driver), within_s=3.0)
    before = len(plant.secured)
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed()))
    with pytest.raises(NeedsHuman, match="has changed its certificate since it was trusted"):
        await driver.open()
    assert len(plant.secured) == before


async def is_lost(driver) -> bool:
    try:
        await driver.read()
    except LineLost:
        return True
    return False


async def test_a_server_that_does_not_offer_the_policy_lists_what_it_offers(
    plant, driver_of, showing, papers_office
) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    driver = driver_of(
        plant.endpoint, HEAT, server_certificate=papers.base64, **SECURED | {"security": "Aes256Sha256RsaPss"}
    )
    with pytest.raises(
        NeedsHuman,
        match=r"Aes256Sha256RsaPss \(SignAndEncrypt\), only Basic256Sha256 \(SignAndEncrypt\), None;",
    ):
        await driver.open()


async def test_a_server_that_does_not_trust_the_station_names_the_certificate_to_trust(
    plant, driver_of, showing, papers_office, pki
) -> None:
    async def distrust(*_: object) -> None:
        raise ServiceError(ua.StatusCodes.BadCertificateUntrusted)

    def prepare(server: Server) -> None:
        server.iserver.certificate_validator = distrust

    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers, then=prepare))
    with pytest.raises(
        NeedsHuman, match="does not trust this station yet; have its administrator trust"
    ) as caught:
        await driver_of(plant.endpoint, HEAT, server_certificate=papers.base64, **SECURED).open()
    own = existing(pki)
    assert own is not None
    assert own.fingerprint in str(caught.value)
    assert repr(own.subject) in str(caught.value)


async def test_without_a_folder_nothing_is_secured_and_that_is_said(plant, showing, papers_office) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    settings = OPCUA.settings_type(endpoint=plant.endpoint, server_certificate=papers.base64, **SECURED)
    steps = await OPCUA.test(settings, [])
    assert (steps[-1].name, steps[-1].ok) == ("Session open", False)
    assert "no folder for its certificate" in steps[-1].detail


async def test_the_connection_test_tells_whom_it_trusts(plant, showing, papers_office, pki) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    settings = OPCUA.settings_type(endpoint=plant.endpoint, server_certificate=papers.base64, **SECURED)
    steps = await OPCUA.kept_in(pki).test(settings, [OPCUA.parse_address(HEAT)])
    assert [(step.name, step.ok) for step in steps] == [
        ("Name resolved", True),
        ("Port open", True),
        ("Endpoint with this security found", True),
        ("Server certificate trusted", True),
        ("Session open", True),
        ("Service level", True),
        ("First node read", True),
    ]
    assert steps[3].detail.startswith("CN=Plant server, valid until 20")
    assert steps[5].detail == "255 (healthy)"


async def test_the_connection_test_ends_with_the_certificate_that_is_not_trusted(
    plant, showing, papers_office, pki
) -> None:
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed()))
    steps = await OPCUA.kept_in(pki).test(OPCUA.settings_type(endpoint=plant.endpoint, **SECURED), [])
    assert (steps[-1].name, steps[-1].ok) == ("Server certificate trusted", False)
    assert "is not trusted yet" in steps[-1].detail


async def test_neither_error_nor_log_shows_a_key(plant, driver_of, showing, papers_office, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    user, other = papers_office.user("reader"), papers_office.authority
    await plant.start({"Heat": 21.5}, prepare=showing(papers_office.self_signed()))
    driver = driver_of(
        plant.endpoint,
        HEAT,
        sign_in="certificate",
        user_certificate=user.pem,
        user_private_key=other.key_pem,
    )
    with pytest.raises(NeedsHuman, match="does not belong to the user certificate") as caught:
        await driver.open()
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert other.key_pem.splitlines()[3] not in shown
    caplog.clear()


async def test_a_server_with_a_copied_certificate_and_another_key_gets_no_session(
    plant, driver_of, showing, papers_office, monkeypatch
) -> None:
    monkeypatch.setattr("drivers.opcua.channel._RSA_S", 0.1)
    papers = papers_office.self_signed()
    copied = Papers(papers.certificate, papers_office.authority.key)
    await plant.start({"Heat": 21.5}, prepare=showing(copied))
    chosen = SECURED | {"timeout_s": 0.5}
    driver = driver_of(plant.endpoint, HEAT, server_certificate=papers.base64, **chosen)
    with pytest.raises(LineLost, match=r"fell silent .* that lacks the key of its certificate"):
        await driver.open()
    assert plant.sessions == 0


async def test_a_protected_channel_is_renewed_while_values_go_on(
    plant, hub, driver_of, showing, papers_office, eventually
) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    driver = driver_of(plant.endpoint, HEAT, mode="poll", server_certificate=papers.base64, **SECURED)
    assert await value_through(driver) == 21.5
    session = hub.line(driver._settings).current
    await session.link.channel.renew()
    await plant.write("Heat", 22.5)

    async def has_followed() -> bool:
        return (await driver.read())[0].value == 22.5

    await eventually(has_followed, within_s=3.0)


async def test_devices_of_one_trusted_server_share_a_session(
    plant, driver_of, showing, papers_office
) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    for driver in [
        driver_of(plant.endpoint, HEAT, server_certificate=papers.base64, **SECURED) for _ in range(3)
    ]:
        await driver.open()
    assert plant.sessions == 1


def user_settings(papers: Papers, key_pem: str) -> OpcuaSettings:
    return OpcuaSettings(
        endpoint=ENDPOINT, sign_in="certificate", user_certificate=papers.pem, user_private_key=key_pem
    )


def locked(papers: Papers) -> str:
    with_passphrase = BestAvailableEncryption(b"x")
    return papers.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, with_passphrase).decode()


def elliptic(_papers: Papers) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("key_of", "said"),
    [
        (locked, "has a passphrase; give it without one"),
        (elliptic, "is no RSA key"),
        (lambda papers: papers.pem, "cannot be read; give one in PEM"),
        (lambda papers: papers.key_pem[:400], "cannot be read; give one in PEM"),
    ],
    ids=["locked", "elliptic", "a certificate", "cut off"],
)
def test_a_users_key_that_cannot_be_used_is_named(papers_office, key_of, said) -> None:
    papers = papers_office.user("reader")
    with pytest.raises(NeedsHuman, match=said):
        user_papers(user_settings(papers, key_of(papers)))
