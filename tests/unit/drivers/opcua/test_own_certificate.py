"""The station's own certificate: made once, kept privately, renewed when it has run out."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from drivers.errors import NeedsHuman
from drivers.opcua.driver import OpcuaHub
from drivers.opcua.own_certificate import (
    CertificateStore,
    existing,
    load_or_make,
    reminders_of,
    renew,
    runs_out_soon,
)
from drivers.opcua.spec import OPCUA

YEARS_5 = timedelta(days=5 * 365)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "pki"
    load_or_make(folder)
    return folder


def test_it_says_what_servers_look_for(made: Path) -> None:
    own = load_or_make(made)
    extensions = own.certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert own.key.key_size == 2048
    assert own.application_uri.startswith("urn:")
    assert own.certificate.not_valid_after_utc - datetime.now(UTC) > YEARS_5 - timedelta(days=1)
    assert usage.digital_signature
    assert usage.key_encipherment
    assert usage.data_encipherment
    assert usage.content_commitment
    assert ExtendedKeyUsageOID.CLIENT_AUTH in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert own.subject.startswith("O=Operator console,CN=Operator console on ")


def test_only_this_account_reads_the_key(made: Path) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in made.iterdir()}
    assert modes == {"opcua-station.key": 0o600, "opcua-station.pem": 0o644}
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_it_is_the_same_at_the_next_start(made: Path) -> None:
    assert load_or_make(made).pem == load_or_make(made).pem


def test_its_representation_shows_no_key(made: Path) -> None:
    assert "PRIVATE" not in repr(load_or_make(made))


def test_one_that_ran_out_is_made_anew(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - YEARS_5 - timedelta(days=2)
    old = renew(tmp_path, long_ago)
    assert runs_out_soon(old.certificate, datetime.now(UTC))
    assert load_or_make(tmp_path).pem != old.pem


def test_the_last_thirty_days_are_soon(made: Path) -> None:
    own = existing(made)
    assert own is not None
    ends = own.certificate.not_valid_after_utc
    assert not runs_out_soon(own.certificate, ends - timedelta(days=31))
    assert runs_out_soon(own.certificate, ends - timedelta(days=29))


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_damaged_file_is_named_with_what_to_do(made: Path, tmp_path: Path, content: bytes) -> None:
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "opcua-station.pem").write_bytes(content)
    with pytest.raises(NeedsHuman, match=r"cannot be read .* repair or remove opcua-station\.pem"):
        load_or_make(tmp_path)


def test_a_key_of_another_certificate_is_named(made: Path, tmp_path: Path) -> None:
    renew(tmp_path)
    (tmp_path / "opcua-station.pem").write_bytes((made / "opcua-station.pem").read_bytes())
    with pytest.raises(NeedsHuman, match="does not belong to the certificate beside it"):
        load_or_make(tmp_path)


def test_the_key_is_checked_by_whoever_connects_and_not_for_every_reminder(
    made: Path, tmp_path: Path
) -> None:
    sound = load_or_make(made).key.private_numbers()
    broken = rsa.RSAPrivateNumbers(
        sound.p, sound.q, sound.d + 2, sound.dmp1, sound.dmq1, sound.iqmp, sound.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    pem = broken.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "opcua-station.pem").write_bytes((made / "opcua-station.pem").read_bytes())
    (tmp_path / "opcua-station.key").write_bytes(pem)
    assert reminders_of(tmp_path) == ()
    with pytest.raises(NeedsHuman, match="cannot be read"):
        load_or_make(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(NeedsHuman, match=r"cannot be kept in .*file"):
        renew(file)


async def test_one_that_was_replaced_on_the_disk_counts_from_the_next_connection(tmp_path: Path) -> None:
    store = CertificateStore(tmp_path)
    first = await store.own()
    assert (await store.own()) is first
    second = renew(tmp_path)
    assert (await store.own()).pem == second.pem


async def test_without_a_folder_there_is_none() -> None:
    with pytest.raises(NeedsHuman, match="no folder for its certificate"):
        await CertificateStore(None).own()


async def test_the_tool_returns_it_as_pem(made: Path) -> None:
    tools = OPCUA.tools()
    hub = OPCUA.kept_in(made).make_hub()
    assert await tools.own_certificate(hub) == load_or_make(made).pem
    assert isinstance(hub, OpcuaHub)
