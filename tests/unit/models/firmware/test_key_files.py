"""Key files and the keys a computer trusts: what is no key of ours is never guessed at."""

import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from models.errors import NeedsSetup
from models.firmware.key_files import (
    firmware_key_id,
    load_private_key,
    load_public_key,
    make_key_pair,
    public_pem,
)
from models.firmware.trusted_keys import distrust_key, load_trusted_keys, trust_key, trusted_dir
from tests.firmware_parts import RELEASE_KEY, SECOND_KEY

PASSWORD = "correct horse battery"


@pytest.fixture
def files(tmp_path):
    return tmp_path / "release.pem", tmp_path / "release.pub.pem"


@pytest.fixture
def pair(files):
    return make_key_pair(*files, PASSWORD)


def pem_without_password(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_both_halves_of_a_pair_have_the_same_id(files, pair):
    private, public = files
    assert firmware_key_id(load_private_key(private, PASSWORD).public_key()) == pair
    assert firmware_key_id(load_public_key(public)) == pair
    assert public.read_text().startswith(f"Public key of firmware, id {pair}\n-----BEGIN PUBLIC KEY")


def test_the_private_half_is_sealed_and_its_owners_alone(files, pair):
    assert b"ENCRYPTED PRIVATE KEY" in files[0].read_bytes()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_no_key_is_overwritten_and_nothing_half_made_is_left(files, pair):
    before = files[1].read_bytes()
    files[0].unlink()
    with pytest.raises(NeedsSetup, match=r"release\.pub\.pem exists already"):
        make_key_pair(*files, PASSWORD)
    assert files[1].read_bytes() == before
    assert not files[0].exists()


def test_a_short_password_makes_no_key(files):
    with pytest.raises(NeedsSetup, match="has 5 characters; take 12 or more"):
        make_key_pair(*files, "short")
    assert not files[0].exists()


@pytest.mark.parametrize(
    ("password", "reason"), [("wrong", "is wrong, or the file"), ("", "needs its password")]
)
def test_a_wrong_or_missing_password_is_told(files, pair, password, reason):
    with pytest.raises(NeedsSetup, match=reason):
        load_private_key(files[0], password)


def test_a_private_key_without_a_password_is_not_used(files):
    files[0].write_bytes(pem_without_password(RELEASE_KEY))
    with pytest.raises(NeedsSetup, match="not sealed with a password"):
        load_private_key(files[0], PASSWORD)
    with pytest.raises(NeedsSetup, match="not sealed with a password"):
        load_private_key(files[0], "")


def test_keys_of_another_kind_are_refused(files):
    rsa = generate_private_key(65537, 1024).public_key()
    files[1].write_bytes(
        rsa.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(NeedsSetup, match="another kind than Ed25519"):
        load_public_key(files[1])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"hello", "no public key"), (b"x" * 20_000, "larger than any key"), (None, "cannot be read")],
)
def test_what_is_no_key_is_told(files, content, reason):
    if content is not None:
        files[1].write_bytes(content)
    with pytest.raises(NeedsSetup, match=reason):
        load_public_key(files[1])


def test_a_computer_trusts_nobody_until_told(tmp_path):
    assert load_trusted_keys(tmp_path).by_id == {}


def test_a_key_is_trusted_until_it_is_taken_away(tmp_path):
    key = RELEASE_KEY.public_key()
    trust_key(tmp_path, "release", key)
    trust_key(tmp_path, "release", key)
    assert load_trusted_keys(tmp_path).names == {firmware_key_id(key): "release"}
    assert distrust_key(tmp_path, firmware_key_id(key))
    assert not distrust_key(tmp_path, firmware_key_id(key))
    assert load_trusted_keys(tmp_path).by_id == {}


def test_a_name_stands_for_one_key(tmp_path):
    trust_key(tmp_path, "release", RELEASE_KEY.public_key())
    with pytest.raises(NeedsSetup, match="holds another key"):
        trust_key(tmp_path, "release", SECOND_KEY.public_key())


def test_a_private_key_among_the_trusted_ones_is_told(tmp_path):
    file = trust_key(tmp_path, "release", RELEASE_KEY.public_key())
    file.write_bytes(pem_without_password(RELEASE_KEY))
    with pytest.raises(NeedsSetup, match="belongs on the release computer only"):
        load_trusted_keys(tmp_path)


@pytest.mark.parametrize("which", ["folder", "file"])
def test_keys_that_others_could_have_put_there_are_not_trusted(tmp_path, which):
    file = trust_key(tmp_path, "release", RELEASE_KEY.public_key())
    (file.parent if which == "folder" else file).chmod(0o722 if which == "folder" else 0o622)
    with pytest.raises(NeedsSetup, match="writable by nobody else"):
        load_trusted_keys(tmp_path)


def test_a_link_among_the_trusted_keys_is_not_followed(tmp_path):
    trust_key(tmp_path, "release", RELEASE_KEY.public_key())
    elsewhere = tmp_path / "elsewhere.pem"
    elsewhere.write_bytes(public_pem(SECOND_KEY.public_key()))
    (trusted_dir(tmp_path) / "second.pem").symlink_to(elsewhere)
    with pytest.raises(NeedsSetup, match=r"second\.pem must belong to you"):
        load_trusted_keys(tmp_path)
