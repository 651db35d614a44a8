"""`main.py firmware` from the keys to the release, on a real database and real files; and what it refuses."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from console.commandline import firmware
from console.commandline.command import CommandError
from console.settings import Settings
from models.database import Database
from models.errors import AlreadyDone, FirmwareRefused, NeedsSetup, Rejected, StorageError
from models.queries.firmware_versions import load_permits
from tests.firmware_parts import IMAGE

PASSWORD = "correct horse battery"
ABOUT = (
    "--product",
    "drive-a",
    "--hardware",
    "rev-a",
    "--version",
    "2.1.0",
    "--sequence",
    "7",
    "--way",
    "manual",
)


class Desk:
    """One computer: its folder, its settings, and its commands."""

    def __init__(self, folder: Path, database_url: str, capsys) -> None:
        self.folder, self._capsys = folder, capsys
        for name in ("data", "images"):
            (folder / name).mkdir(parents=True)
        self.image = folder / "drive-a.bin"
        self.image.write_bytes(IMAGE)
        self.manifest = folder / "drive-a.bin.manifest"
        self.profile = folder / "drive-a.json"
        self.profile.write_text('{"instructions": "Hold the button for five seconds."}')
        self.settings = Settings(folder / "data", database_url, firmware_folder=str(folder / "images"))
        self.store = (folder / "images").as_uri()

    def __call__(self, *arguments, **changes) -> str:
        parser = argparse.ArgumentParser()
        firmware.COMMAND.add_arguments(parser)
        options = parser.parse_args([str(argument) for argument in arguments])
        assert firmware.COMMAND.run(options, replace(self.settings, **changes)) == 0
        return self._capsys.readouterr().out.strip()

    def key(self, name="release", *, is_trusted=True) -> Path:
        self(*("keygen", self.folder / name))
        made = self.folder / f"{name}.pem"
        if is_trusted:
            public = self.folder / f"{name}.pub.pem"
            self("trust", public, "--key-id", self.id(name))
        return made

    def id(self, name="release") -> str:
        return (self.folder / f"{name}.pub.pem").read_text().split("id ")[1].split("\n")[0]

    def sign(self, key, *more) -> str:
        return self("sign", self.image, *ABOUT, "--profile", self.profile, "--key", key, *more)

    def upload(self, *more, **changes) -> str:
        return self("upload", self.image, "--to", self.store, *more, **changes)


@pytest.fixture
def desk(tmp_path, database_url, capsys, monkeypatch):
    monkeypatch.setenv("CONSOLE_NEW_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONSOLE_KEY_PASSWORD", PASSWORD)
    return Desk(tmp_path / "desk", database_url, capsys)


def test_from_the_keys_to_the_release(desk):
    key = desk.key()
    said = desk.sign(key)
    assert "2.1.0+drive-a, sequence 7" in said
    assert f"Signed by {desk.id()}: {desk.manifest}" in said
    assert "Genuine: signed by" in desk("verify", desk.image)
    notes = desk.folder / "notes.txt"
    notes.write_text("Mends the fan.\x1b[31m")
    said = desk.upload("--notes", notes)
    assert said.startswith(f"2.1.0+drive-a was added as a draft: {desk.store}/drive-a/2.1.0-")
    assert desk("list").splitlines()[1].split()[:5] == ["2.1.0+drive-a", "draft", "7", "10,240", "1"]
    assert "Genuine" in desk("verify", "2.1.0+drive-a")
    assert desk("release", "2.1.0+drive-a") == "2.1.0+drive-a is released."
    shown = desk("show", "2.1.0+drive-a")
    assert f"{desk.id()}  release" in shown
    assert "Mends the fan.?[31m" in shown
    assert "is deprecated" in desk("deprecate", "2.1.0+drive-a")
    (row,) = json.loads(desk("list", "--format", "json"))
    assert (row["status"], row["signatures"]) == ("deprecated", [desk.id()])


def test_every_action_explains_itself_with_an_example(desk, capsys):
    parser = argparse.ArgumentParser()
    firmware.COMMAND.add_arguments(parser)
    for action in (*firmware._BY_HAND, *firmware._STORED):
        with pytest.raises(SystemExit):
            parser.parse_args([action, "--help"])
        assert f" main.py firmware {action}" in capsys.readouterr().out


def test_a_second_person_signs_and_only_then_it_is_released(desk):
    first, second = desk.key(), desk.key("second")
    desk.sign(first)
    desk.upload()
    desk("signatures", 2)
    with pytest.raises(
        FirmwareRefused, match=r"has 1 signature of keys .* and 2 different ones are asked for"
    ):
        desk("release", "2.1.0+drive-a")
    desk("sign", desk.image, "--manifest", desk.manifest, "--key", second)
    assert desk("countersign", "2.1.0+drive-a", desk.manifest).endswith(
        f"{', '.join(sorted((desk.id(), desk.id('second'))))}."
    )
    desk("release", "2.1.0+drive-a")


def test_this_computer_may_ask_for_more_than_the_site(desk):
    desk.sign(desk.key())
    desk.upload()
    with pytest.raises(FirmwareRefused, match="2 different ones are asked for"):
        desk("release", "2.1.0+drive-a", firmware_signatures=2)


def test_signing_twice_with_one_key_is_one_signature(desk):
    key = desk.key()
    desk.sign(key)
    desk("sign", desk.image, "--manifest", desk.manifest, "--key", key)
    with pytest.raises(FirmwareRefused, match="has 1 signature"):
        desk("verify", desk.image, "--needed", 2)


def test_what_nobody_here_trusts_is_not_uploaded(desk):
    desk.sign(desk.key(is_trusted=False))
    assert "believes no key yet" in desk("keys")
    with pytest.raises(
        FirmwareRefused, match=f"signed by the key {desk.id()}, which this computer does not trust"
    ):
        desk.upload()
    assert list((desk.folder / "images").iterdir()) == []


def test_a_key_is_trusted_only_under_the_id_that_was_read_out(desk):
    desk.key(is_trusted=False)
    with pytest.raises(CommandError, match="somebody exchanged the file"):
        desk("trust", desk.folder / "release.pub.pem", "--key-id", "0" * 32)
    desk("trust", desk.folder / "release.pub.pem", "--key-id", desk.id().upper())
    assert desk.id() in desk("keys")
    desk("distrust", desk.id())
    with pytest.raises(CommandError, match="does not believe the key"):
        desk("distrust", desk.id())


def test_an_image_swapped_after_signing_is_not_uploaded(desk):
    desk.sign(desk.key())
    desk.image.write_bytes(bytes(len(IMAGE)))
    with pytest.raises(FirmwareRefused, match="not the one that was signed"):
        desk.upload()
    assert list((desk.folder / "images").iterdir()) == []
    with pytest.raises(FirmwareRefused, match="not the one that was signed"):
        desk("verify", desk.image)


def test_an_image_swapped_in_its_place_is_not_released(desk):
    desk.sign(desk.key())
    desk.upload()
    (stored,) = (desk.folder / "images").rglob("*.bin")
    stored.write_bytes(IMAGE + b"x")
    with pytest.raises(FirmwareRefused, match="longer than the 10,240 bytes"):
        desk("release", "2.1.0+drive-a")


def test_an_expired_manifest_is_not_uploaded(desk):
    desk.sign(desk.key(), "--days", "-1")
    with pytest.raises(FirmwareRefused, match="expired on"):
        desk.upload()


def test_the_metadata_service_is_no_place_for_an_image(desk):
    desk.sign(desk.key())
    with pytest.raises(FirmwareRefused, match="never asked for images"):
        desk("upload", desk.image, "--url", "https://169.254.169.254/latest/meta-data")


def test_a_version_is_added_once_and_a_draft_can_be_removed(desk):
    desk.sign(desk.key())
    desk.upload()
    with pytest.raises(AlreadyDone, match="a new image needs a new version"):
        desk.upload()
    assert "its image stays at file://" in desk("remove", "2.1.0+drive-a")
    assert "No versions yet" in desk("list")
    with pytest.raises(Rejected, match=r"There is no version 2\.1\.0\+drive-a"):
        desk("show", "2.1.0+drive-a")


def test_what_could_never_be_released_is_not_sent(desk):
    key = desk.key()
    desk.sign(key)
    desk.upload()
    stored = sorted((desk.folder / "images").rglob("*"))
    desk(
        "sign",
        desk.image,
        *ABOUT,
        "--version",
        "2.2.0",
        "--profile",
        desk.profile,
        "--key",
        key,
        "--output",
        desk.folder / "draft",
    )
    with pytest.raises(FirmwareRefused, match=r"is 7, which is that of the draft 2\.1\.0\+drive-a"):
        desk.upload("--manifest", desk.folder / "draft")
    desk("release", "2.1.0+drive-a")
    with pytest.raises(
        FirmwareRefused, match=r"is 7, and 2\.1\.0\+drive-a was released with 7; sign it with"
    ):
        desk.upload("--manifest", desk.folder / "draft")
    assert sorted((desk.folder / "images").rglob("*")) == stored


def test_a_permit_is_signed_and_handed_in(desk, database_url):
    key, permit = desk.key(), desk.folder / "back.permit"
    desk(
        "permit",
        permit,
        "--product",
        "drive-a",
        "--from",
        "2.1.0",
        "--to",
        "2.0.0",
        "--days",
        2,
        "--key",
        key,
    )
    assert desk("allow", permit) == "drive-a may go back from 2.1.0 to 2.0.0."
    database = Database(database_url, "tests")
    with database.transaction() as connection:
        (stored,) = load_permits(connection, "drive-a", "2.0.0")
    database.close()
    assert stored.permit == permit.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        desk("permit", permit, "--product", "drive-a", "--from", "2.1.0", "--to", "2.0.0", "--key", key)


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (("--version", "2.1"), StorageError, "'2.1' is no semantic version"),
        (("--version", "2.1.0+b"), StorageError, r"has build metadata; write 2\.1\.0"),
        (("--sequence", "-1"), StorageError, "sequence must be a whole number"),
        (("--product", "drive a"), StorageError, "cannot stand in a version"),
        (("--way", "pigeon"), CommandError, "no way of delivering firmware is called 'pigeon'; there are"),
        (("--from", "old"), StorageError, "'old' is no semantic version"),
        (("--days", "99999999999"), CommandError, "beyond every calendar"),
        (("--profile", "missing.json"), Rejected, "missing.json cannot be read"),
        (("--key", "missing.pem"), StorageError, "missing.pem cannot be read"),
        (("--way", ""), CommandError, "Say of the new manifest: --way"),
    ],
)
def test_what_cannot_be_signed_is_told_and_nothing_is_written(desk, change, error, reason):
    key = desk.key()
    with pytest.raises(error, match=reason):
        desk.sign(key, *change)
    assert not desk.manifest.exists()


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("{", "is no JSON"),
        ("[]", "must be a JSON object"),
        ('{"instructions": "x", "wings": 2}', "does not fit: wings"),
        ("1e999", "must be"),
    ],
)
def test_a_profile_that_its_way_does_not_understand_is_told(desk, profile, reason):
    key, file = desk.key(), desk.folder / "profile.json"
    file.write_text(profile)
    with pytest.raises(CommandError, match=reason):
        desk.sign(key, "--profile", file)


def test_a_manifest_is_not_overwritten_and_no_key_without_its_password(desk, monkeypatch):
    key = desk.key()
    desk.sign(key)
    with pytest.raises(CommandError, match="exists already; sign it too with --manifest"):
        desk.sign(key)
    monkeypatch.setenv("CONSOLE_KEY_PASSWORD", "wrong password")
    with pytest.raises(NeedsSetup, match=r"password of the private key .* is wrong"):
        desk("sign", desk.image, "--manifest", desk.manifest, "--key", key)


@pytest.mark.parametrize("content", ["{", "[]", '{"x": "y"}', '{"x": 1}'])
def test_damaged_signatures_are_told(desk, content):
    desk.sign(desk.key())
    desk.manifest.with_name(desk.manifest.name + ".sig").write_text(content)
    with pytest.raises(Rejected, match="sign again"):
        desk("verify", desk.image)


def test_a_place_for_the_image_must_be_said(desk):
    desk.sign(desk.key())
    with pytest.raises(CommandError, match="Say where the image goes"):
        desk("upload", desk.image)
    desk("upload", desk.image, firmware_store=desk.store)


def test_the_keys_of_the_bucket_are_kept(desk, monkeypatch):
    with pytest.raises(CommandError, match="s3_endpoint in settings"):
        desk("store", "--access-key", "AK")
    monkeypatch.setenv("CONSOLE_S3_SECRET", "secret")
    kept = desk("store", "--access-key", "AK", s3_endpoint="https://minio.example", credentials="file")
    assert kept.startswith("The keys for https://minio.example are kept in ")
