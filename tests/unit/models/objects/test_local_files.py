"""file:// reads below one folder of this computer's own configuration, and follows no link."""

import os

import pytest

from models.errors import FirmwareRefused, NeedsSetup, Rejected, Stopped
from models.objects.access import ObjectAccess
from models.objects.store import fetched_image, stored_object
from tests.firmware_parts import IMAGE, MANIFEST


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "images"
    made.mkdir()
    (tmp_path / "outside.bin").write_bytes(IMAGE)
    return made


@pytest.fixture
def access(folder):
    return ObjectAccess(folder=folder)


def test_what_is_stored_is_read_again(folder, access):
    told = []
    url = stored_object(folder.as_uri(), "drive-a/2.1.0.bin", IMAGE, access, told.append)
    assert url == (folder / "drive-a" / "2.1.0.bin").as_uri()
    assert fetched_image(url, MANIFEST, access) == IMAGE
    assert told == [len(IMAGE)]
    assert stored_object(folder.as_uri(), "drive-a/2.1.0.bin", IMAGE, access) == url


def test_what_is_stopped_in_the_middle_leaves_no_half_file(folder, access):
    def stop(stored):
        raise Stopped(f"Enough after {stored}.")

    with pytest.raises(Stopped, match="Enough after 262144"):
        stored_object(folder.as_uri(), "a.bin", bytes(1_000_000), access, stop)
    assert list(folder.iterdir()) == []


def test_another_image_of_the_same_name_is_not_overwritten(folder, access):
    stored_object(folder.as_uri(), "a.bin", IMAGE, access)
    with pytest.raises(Rejected, match="exists already and holds something else"):
        stored_object(folder.as_uri(), "a.bin", b"other", access)
    assert [file.name for file in folder.iterdir()] == ["a.bin"]


@pytest.mark.parametrize(
    "path", ["../outside.bin", "x/../../outside.bin", "%2e%2e/outside.bin", "/etc/passwd", ""]
)
def test_outside_of_the_folder_is_refused(folder, access, path):
    url = f"file://{path}" if path.startswith("/") else f"{folder.as_uri()}/{path}"
    with pytest.raises(FirmwareRefused, match="lies outside of"):
        fetched_image(url, MANIFEST, access)


def test_nothing_is_read_where_no_folder_is_allowed(folder):
    url = (folder.parent / "outside.bin").as_uri()
    with pytest.raises(NeedsSetup, match=r"firmware_folder in settings\.toml"):
        fetched_image(url, MANIFEST, ObjectAccess())
    with pytest.raises(NeedsSetup, match=r"firmware_folder in settings\.toml"):
        stored_object(folder.as_uri(), "a.bin", IMAGE, ObjectAccess())


def test_nothing_is_stored_outside_of_the_folder(folder, access):
    with pytest.raises(FirmwareRefused, match="lies outside of"):
        stored_object(folder.parent.as_uri(), "a.bin", IMAGE, access)


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_that_leads_out_is_not_followed(folder, access, is_folder):
    if is_folder:
        (folder / "way").symlink_to(folder.parent)
        url = f"{folder.as_uri()}/way/outside.bin"
    else:
        (folder / "link.bin").symlink_to(folder.parent / "outside.bin")
        url = f"{folder.as_uri()}/link.bin"
    with pytest.raises(FirmwareRefused, match="links are not followed"):
        fetched_image(url, MANIFEST, access)


def test_what_is_no_plain_file_is_refused_and_not_waited_for(folder, access):
    os.mkfifo(folder / "pipe.bin")
    (folder / "sub.bin").mkdir()
    for name in ("pipe.bin", "sub.bin"):
        with pytest.raises(FirmwareRefused, match="is no plain file"):
            fetched_image(f"{folder.as_uri()}/{name}", MANIFEST, access)


def test_a_file_that_is_gone_is_told(folder, access):
    with pytest.raises(Rejected, match="is not there; upload it again"):
        fetched_image(f"{folder.as_uri()}/gone.bin", MANIFEST, access)


def test_another_file_in_its_place_is_refused(folder, access):
    url = stored_object(folder.as_uri(), "a.bin", IMAGE, access)
    (folder / "a.bin").write_bytes(bytes(len(IMAGE)))
    with pytest.raises(FirmwareRefused, match="not the one that was signed"):
        fetched_image(url, MANIFEST, access)


def test_a_web_server_is_only_read(access):
    with pytest.raises(FirmwareRefused, match=r"can only be read; .*--url"):
        stored_object("https://files.example/fw", "a.bin", IMAGE, access)
