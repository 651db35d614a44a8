"""A host that answers badly: each way ends in one clear sentence, in time, and with nothing used."""

import ssl
import threading

import pytest

from models.errors import FirmwareRefused, NeedsSetup, ObjectsAway, Rejected
from models.firmware.images import check_image
from models.objects.access import Limits, ObjectAccess, S3Credentials
from models.objects.store import fetched_image, opened_object
from tests.certificates import Authority
from tests.firmware_parts import IMAGE, MANIFEST
from tests.unit.models.objects.answering import answering, dripping, endless, silent, told

KEYS = S3Credentials("key", "secret")
URL = "s3://firmware/drive-a.bin"


def access(port, **limits):
    """A store on loopback, waited for no longer than a test can."""
    return ObjectAccess(
        s3_endpoint=f"http://127.0.0.1:{port}",
        credentials=lambda: KEYS,
        limits=Limits(**{"connect_s": 5.0, "whole_s": 20.0, "window_s": 20.0, **limits}),
    )


def fetch(answer, **limits):
    with answering(answer) as (port, _):
        return fetched_image(URL, MANIFEST, access(port, **limits))


def test_the_image_is_fetched():
    assert fetch(told("200 OK", IMAGE)) == IMAGE


def test_an_image_in_chunks_is_fetched():
    chunks = b"".join(b"%x\r\n%s\r\n" % (1024, IMAGE[at : at + 1024]) for at in range(0, len(IMAGE), 1024))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert fetch(lambda connection, over: connection.sendall(head + chunks + b"0\r\n\r\n")) == IMAGE


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        ("301 Moved", Rejected, r"leads elsewhere \(301\), and no redirect is followed"),
        ("302 Found", Rejected, r"leads elsewhere \(302\)"),
        ("307 Temporary Redirect", Rejected, r"leads elsewhere \(307\)"),
        ("403 Forbidden", NeedsSetup, r"does not let this computer read s3://firmware/drive-a\.bin \(403\)"),
        ("404 Not Found", Rejected, r"drive-a\.bin is not there \(404\); upload it again"),
        ("500 Oops", ObjectsAway, r"could not deliver s3://firmware/drive-a\.bin \(500\); it will be tried"),
        ("503 Slow Down", ObjectsAway, r"could not deliver .* \(503\)"),
        ("206 Partial Content", Rejected, r"refused to deliver .* \(206\)"),
        ("416 Range", Rejected, r"refused to deliver .* \(416\)"),
    ],
)
def test_every_other_status_is_one_sentence(status, error, sentence):
    with pytest.raises(error, match=sentence):
        fetch(told(status, IMAGE, "Location: http://169.254.169.254/latest/meta-data/"))


def test_a_redirect_is_not_followed_anywhere():
    with answering(told("200 OK", IMAGE)) as (elsewhere, asked):
        with pytest.raises(Rejected, match="leads elsewhere"):
            fetch(told("302 Found", b"", f"Location: http://127.0.0.1:{elsewhere}/"))
    assert asked == []


def test_the_reason_of_the_store_is_told():
    with pytest.raises(NeedsSetup, match=r"\(403, RequestTimeTooSkewed\)"):
        fetch(told("403 Forbidden", b"<Error><Code>RequestTimeTooSkewed</Code></Error>"))


def test_a_body_that_is_cut_off_is_told():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10240\r\n\r\n"
    with pytest.raises(ObjectsAway, match=r"could not be read to its end"):
        fetch(lambda connection, over: connection.sendall(head + IMAGE[:5000]))


def test_an_image_truncated_in_the_bucket_is_refused():
    with pytest.raises(FirmwareRefused, match="ends after 5,000 of the 10,240 bytes"):
        fetch(told("200 OK", IMAGE[:5000]))


def test_an_endless_body_is_left_after_one_byte_too_many():
    with pytest.raises(FirmwareRefused, match="longer than the 10,240 bytes"):
        fetch(endless)


@pytest.mark.parametrize(
    "begun",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 10240\r\n\r\n"],
    ids=["status", "header", "body"],
)
def test_a_dripping_answer_is_ended_by_its_rate(begun):
    with pytest.raises(ObjectsAway, match=r"came too slowly: .* gave [0-9]+ bytes a second, less than the"):
        fetch(dripping(begun), window_s=0.2, least_bytes_per_s=100_000.0)


def test_an_answer_that_takes_too_long_as_a_whole_is_ended():
    with pytest.raises(ObjectsAway, match=r"took longer than 0\.2 s as a whole"):
        fetch(dripping(b"HTTP/1.1 200 OK\r\n\r\n"), whole_s=0.2)


def test_silence_is_ended():
    with pytest.raises(ObjectsAway, match=r"could not be read to its end \(no answer in time\)"):
        fetch(silent, connect_s=0.2)


def test_nobody_there_is_told():
    with answering(silent) as (port, _):
        pass
    with pytest.raises(ObjectsAway, match=r"127\.0\.0\.1 does not answer \(Connection refused\)"):
        fetched_image(URL, MANIFEST, access(port))


def test_garbage_for_an_answer_is_told():
    with pytest.raises(ObjectsAway, match="could not be read to its end"):
        fetch(lambda connection, over: connection.sendall(b"\0\1\2 what?\r\n\r\n"))


def test_no_thread_is_left_behind():
    fetch(told("200 OK", IMAGE))
    assert [thread.name for thread in threading.enumerate() if "watch" in thread.name] == []


# --- https:// ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority()
    return made, made.write(tmp_path_factory.mktemp("pki") / "authority.pem")


def context_of(shown, folder):
    certificate, key = folder / "c.pem", folder / "k.pem"
    certificate.write_bytes(shown.certificate)
    key.write_bytes(shown.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def fetch_https(authority, tmp_path, certified, resolve, allowed=("files.example",)):
    made, file = authority
    with answering(told("200 OK", IMAGE), context_of(made.certify(certified), tmp_path)) as (port, asked):
        reached = ObjectAccess(
            authorities=str(file), allowed_hosts=frozenset(allowed), limits=Limits(5.0, 20.0)
        )
        url = f"https://files.example:{port}/fw/a.bin?x=1"
        return fetched_image(url, MANIFEST, reached, resolve), asked, port


def test_https_goes_to_the_very_address_that_was_judged_and_asks_for_it_once(authority, tmp_path):
    questions = []

    def resolve(host, port):
        questions.append(host)
        # Whoever owns the name would answer a second question otherwise.
        return ["127.0.0.1"] if len(questions) == 1 else ["169.254.169.254"]

    image, asked, port = fetch_https(authority, tmp_path, "files.example", resolve)
    assert image == IMAGE
    assert questions == ["files.example"]
    assert asked[0].startswith(b"GET /fw/a.bin?x=1 HTTP/1.1\r\nHost: files.example:%d\r\n" % port)


def test_https_of_another_host_is_not_asked(authority, tmp_path):
    with pytest.raises(NeedsSetup, match=r"certificate of files\.example is not trusted .*nothing was asked"):
        fetch_https(authority, tmp_path, "other.example", lambda *_: ["127.0.0.1"])


def test_https_of_an_unknown_authority_is_not_asked(authority, tmp_path):
    strange = Authority("Somebody else"), authority[1]
    with pytest.raises(NeedsSetup, match="is not trusted"):
        fetch_https(strange, tmp_path, "files.example", lambda *_: ["127.0.0.1"])


def test_https_to_this_computer_is_refused_where_it_is_not_allowed(authority, tmp_path):
    with pytest.raises(FirmwareRefused, match=r"is 127\.0\.0\.1, a private address"):
        fetch_https(authority, tmp_path, "files.example", lambda *_: ["127.0.0.1"], allowed=())


def test_the_metadata_service_is_refused_by_any_way_to_it():
    for url in ("https://169.254.169.254/latest/meta-data/iam", "https://2852039166/"):
        with (
            pytest.raises(FirmwareRefused, match="never asked for images"),
            opened_object(url, ObjectAccess()),
        ):
            pass
    metadata = ObjectAccess(s3_endpoint="http://169.254.169.254", credentials=lambda: KEYS)
    with pytest.raises(FirmwareRefused, match="never asked for images"), opened_object(URL, metadata):
        pass


def test_a_swapped_address_that_serves_another_image_is_refused():
    with answering(told("200 OK", bytes(len(IMAGE)))) as (port, _):
        with opened_object("s3://firmware/evil.bin", access(port)) as read:
            with pytest.raises(FirmwareRefused, match="not the one that was signed"):
                check_image(read, MANIFEST)
