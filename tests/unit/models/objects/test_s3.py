"""A real S3-compatible server that checks who asks: upload, versions, and every way it may say no."""

import hashlib
import socket
from dataclasses import replace

import pytest

from models.credentials import MemoryStore
from models.errors import FirmwareRefused, NeedsSetup, ObjectsAway, Rejected, Stopped
from models.objects.access import Limits, ObjectAccess, S3Credentials
from models.objects.s3_upload import PART_BYTES
from models.objects.store import (
    fetched_image,
    keep_s3_credentials,
    kept_s3_credentials,
    opened_object,
    stored_object,
)
from models.objects.urls import parsed_url
from tests.firmware_parts import IMAGE, MANIFEST
from tests.s3_parts import failing_at, s3_server
from tests.unit.models.objects.answering import answering, told


@pytest.fixture(scope="module")
def server():
    with s3_server() as running:
        yield running


@pytest.fixture
def access(server):
    return ObjectAccess(s3_endpoint=server.endpoint, credentials=lambda: server.owner)


@pytest.mark.parametrize("bucket", ["firmware", "plain"])
def test_an_image_is_stored_and_fetched_again(access, bucket):
    url = stored_object(f"s3://{bucket}/drives", "a b+c.bin", IMAGE, access)
    assert fetched_image(url, MANIFEST, access) == IMAGE
    assert bool(parsed_url(url).version) == (bucket == "firmware")


def test_a_large_image_goes_in_parts_with_progress(server, access):
    image = bytes(PART_BYTES + 1000)
    told_bytes = []
    url = stored_object("s3://firmware", "large.bin", image, access, told_bytes.append)
    place = parsed_url(url)
    facts = server.client().head_object(Bucket="firmware", Key=place.key, PartNumber=1)
    assert facts["PartsCount"] == 2
    assert told_bytes == sorted(told_bytes)
    assert told_bytes[-1] == len(image)
    large = replace(MANIFEST, size=len(image), sha256=hashlib.sha256(image).digest())
    assert fetched_image(url, large, access) == image


def test_whoever_writes_into_the_bucket_changes_nothing_that_was_uploaded(server, access):
    url = stored_object("s3://firmware", "ours.bin", IMAGE, access)
    server.client().put_object(Bucket="firmware", Key="ours.bin", Body=bytes(len(IMAGE)))
    assert fetched_image(url, MANIFEST, access) == IMAGE


def test_whoever_writes_into_a_bucket_without_versions_is_found_out(server, access):
    url = stored_object("s3://plain", "ours.bin", IMAGE, access)
    server.client().put_object(Bucket="plain", Key="ours.bin", Body=bytes(len(IMAGE)))
    with pytest.raises(FirmwareRefused, match="not the one that was signed"):
        fetched_image(url, MANIFEST, access)


@pytest.mark.parametrize("who", ["nobody", "wrong secret", "stranger"])
def test_whoever_may_not_is_told_to_correct_the_keys(server, access, who):
    url = stored_object("s3://firmware", "mine.bin", IMAGE, access)
    keys = {
        "nobody": server.nobody,
        "wrong secret": S3Credentials(server.owner.access_key, "wrong"),
        "stranger": S3Credentials("AKIASTRANGER", "wrong"),
    }[who]
    other = replace(access, credentials=lambda: keys)
    with pytest.raises(
        NeedsSetup, match=r"does not let this computer read .* \(403, .*main.py firmware store"
    ):
        fetched_image(url, MANIFEST, other)
    with pytest.raises(NeedsSetup, match=r"does not let this computer write there \(403, "):
        stored_object("s3://firmware", "theirs.bin", IMAGE, other)


def test_a_bucket_or_object_that_is_not_there_is_told(access):
    with pytest.raises(NeedsSetup, match="has no such bucket"):
        stored_object("s3://nothing", "a.bin", IMAGE, access)
    for url in ("s3://nothing/a.bin", "s3://firmware/nothing.bin"):
        with pytest.raises(Rejected, match=r"is not there \(404, NoSuch(Bucket|Key)\)"):
            fetched_image(url, MANIFEST, access)


def test_a_computer_without_a_store_or_keys_says_what_to_set():
    with (
        pytest.raises(NeedsSetup, match=r"s3_endpoint in settings\.toml"),
        opened_object("s3://fw1/a", ObjectAccess()),
    ):
        pass
    without = ObjectAccess(s3_endpoint="https://minio.example")
    with (
        pytest.raises(NeedsSetup, match=r"has no keys for https://minio\.example"),
        opened_object("s3://fw1/a", without),
    ):
        pass


@pytest.mark.parametrize(
    "endpoint", ["minio", "ftp://minio", "https://", "https://minio/path", "https://h:x"]
)
def test_an_endpoint_that_is_none_is_told(endpoint):
    access = ObjectAccess(s3_endpoint=endpoint, credentials=lambda: S3Credentials("a", "b"))
    with pytest.raises(NeedsSetup, match="is no address of a store"), opened_object("s3://fw1/a", access):
        pass


@pytest.mark.parametrize("status", ["500 Oops", "503 Slow Down"])
def test_a_store_that_fails_is_asked_three_times_and_no_more(status):
    with answering(told(status)) as (port, asked):
        access = ObjectAccess(
            s3_endpoint=f"http://127.0.0.1:{port}",
            credentials=lambda: S3Credentials("a", "b"),
            limits=Limits(2, 5, 2),
        )
        with pytest.raises(ObjectsAway, match="could not take the image"):
            stored_object("s3://firmware", "a.bin", IMAGE, access)
    assert len(asked) == 3


def test_a_store_that_is_away_is_told():
    with answering(told("200 OK")) as (port, _):
        pass
    access = ObjectAccess(s3_endpoint=f"http://127.0.0.1:{port}", credentials=lambda: S3Credentials("a", "b"))
    with pytest.raises(ObjectsAway, match="does not answer"):
        stored_object("s3://firmware", "a.bin", IMAGE, access)


def test_variables_and_files_of_other_programs_lead_nowhere(server, access, monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    url = stored_object("s3://firmware", "own.bin", IMAGE, access)
    assert fetched_image(url, MANIFEST, access) == IMAGE


def test_keys_are_kept_by_endpoint_and_never_shown():
    store = MemoryStore()
    keys = S3Credentials("key", "very secret")
    keep_s3_credentials(store, "https://minio:9000/", keys)
    assert kept_s3_credentials(store, "https://minio:9000") == keys
    assert kept_s3_credentials(store, "https://other") is None
    assert "very secret" not in repr(keys)
    store.set("objects https://minio:9000", "{}")
    with pytest.raises(NeedsSetup, match="is damaged; enter the keys again"):
        kept_s3_credentials(store, "https://minio:9000")


def stopping(after):
    """Somebody who has seen enough."""

    def tell(stored):
        if stored >= after:
            raise Stopped("Enough.")

    return tell


def test_an_upload_that_is_stopped_leaves_nothing_behind(server, access):
    with pytest.raises(Stopped, match="Enough"):
        stored_object("s3://plain", "stopped.bin", bytes(4 * PART_BYTES), access, stopping(PART_BYTES))
    seen = server.client()
    assert "Contents" not in seen.list_objects_v2(Bucket="plain", Prefix="stopped")
    assert "Uploads" not in seen.list_multipart_uploads(Bucket="plain")


def reading_slowly(connection, over):
    """Takes 500 bytes every 10 ms, which no limit here is content with."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    while not over.wait(0.01) and connection.recv(500):
        pass


def test_a_store_that_takes_too_little_at_a_time_is_told():
    with answering(reading_slowly) as (port, _):
        access = ObjectAccess(
            s3_endpoint=f"http://127.0.0.1:{port}",
            credentials=lambda: S3Credentials("a", "b"),
            limits=Limits(1, 30, 0.5, least_bytes_per_s=1e9),
        )
        with pytest.raises(ObjectsAway, match=r"took [\d,]+ bytes a second, less than .*nothing was stored"):
            stored_object("s3://plain", "slow.bin", bytes(PART_BYTES - 1), access)


def test_a_store_that_fails_in_the_middle_is_told_and_keeps_nothing(server, access):
    """Its answer to the second part is a 500; the library takes the first one away."""
    with failing_at(server.endpoint, "partNumber=2") as port:
        broken = replace(access, s3_endpoint=f"http://127.0.0.1:{port}")
        with pytest.raises(ObjectsAway, match=r"could not take the image \(500"):
            stored_object("s3://plain", "broken.bin", bytes(2 * PART_BYTES), broken)
    assert "Uploads" not in server.client().list_multipart_uploads(Bucket="plain")
    assert "Contents" not in server.client().list_objects_v2(Bucket="plain", Prefix="broken")
