"""Uploading from the screen: real files, signatures and S3-compatible server; what is wrong is told."""

import hashlib
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton, QTextBrowser

from console.bridge.upload_work import STOPPED, AddDraft
from console.panels.firmware.firmware_panel import FirmwarePanel
from console.panels.firmware.pictured_versions import pictured_versions
from models.firmware.signing import texts_from_signatures
from models.firmware_release import Judge
from models.firmware_upload import UploadTerms
from models.objects.access import ObjectAccess
from models.objects.s3_upload import PART_BYTES
from models.queries.firmware_versions import SigningRule
from models.records.firmware import VersionId, VersionStatus
from tests.firmware_parts import IMAGE, MANIFEST, NOW, RELEASE_KEY, STRANGE_KEY, signed, trusted
from tests.s3_parts import s3_server
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.firmware.firmware_scene import OPERATOR
from tests.unit.console.panels.plant_scene import NOW as SCENE_NOW

GO, SAID, VERDICT = "version-upload-go", "version-upload-said", "upload-verdict"
LARGE = bytes(3 * PART_BYTES)
TERMS = UploadTerms(SigningRule(2, NOW), ())


class Desk:
    """Somebody at the upload dialog, and the files before them."""

    def __init__(self, qtbot, panel, bridge, folder) -> None:
        self._qtbot, self.panel, self.bridge, self.folder = qtbot, panel, bridge, folder
        self.image = folder / "drive-a.bin"
        self.store = folder / "store"
        self.store.mkdir()
        self.terms = TERMS
        self.judge = Judge(trusted(RELEASE_KEY), ObjectAccess(folder=self.store, store=self.store.as_uri()))
        self.put(IMAGE, RELEASE_KEY)

    def put(self, image, *keys, **changes) -> None:
        """Lay an image down with a manifest that is signed by these."""
        self.image.write_bytes(image)
        content = {"size": len(image), "sha256": hashlib.sha256(image).digest()} | changes
        data, signatures = signed(*keys, **content)
        self.image.with_name("drive-a.bin.manifest").write_bytes(data)
        texts = json.dumps(texts_from_signatures(signatures))
        self.image.with_name("drive-a.bin.manifest.sig").write_text(texts)

    def opens(self) -> None:
        self.bridge.firmware_judge = lambda: self.judge
        self.panel.versions_page.show_versions(pictured_versions(SCENE_NOW))
        QTest.keyClick(self.sees(QPushButton, "versions-upload"), Qt.Key.Key_Space)

    def types(self, words="", field="upload-image") -> None:
        """Types a path, and waits until it was looked at."""
        self.bridge.asked.clear()
        QTest.keyClicks(self.sees(QLineEdit, field), words or str(self.image))
        self._qtbot.waitUntil(lambda: bool(self.bridge.asked))
        self.bridge.answer_next(self.terms)
        beside = self.bridge.besides.pop()
        beside.on_done(beside.what())

    def sends(self) -> threading.Thread:
        """Presses Enter; what goes beside goes on a thread, as with a real bridge."""
        self.bridge.asked.clear()
        QTest.keyClick(self.sees(QLineEdit, "upload-image"), Qt.Key.Key_Return)
        self.bridge.answer_next(self.terms)
        self._beside = self.bridge.besides.pop()
        self._sent = []
        worker = threading.Thread(target=lambda: self._sent.append(self._beside.what()))
        worker.start()
        return worker

    def hears(self, worker: threading.Thread) -> None:
        """Waits for the worker, while the window goes on."""
        self._qtbot.waitUntil(lambda: not worker.is_alive(), timeout=30_000)
        self._beside.on_done(self._sent[0])

    def says(self, name: str) -> str:
        return self.sees(QLabel, name).text()

    def sees(self, kind, name):
        found = self.panel.findChild(kind, name)
        assert found is not None, name
        return found

    def waits(self, condition) -> None:
        self._qtbot.waitUntil(condition, timeout=30_000)

    @property
    def passage(self):
        return self.panel.versions_page.uploads._passage


@pytest.fixture
def desk(qtbot, show, tmp_path):
    bridge = FakeBridge(SCENE_NOW)
    panel = show(FirmwarePanel, bridge)
    panel.show_part("versions")
    panel.activateWindow()
    assert QTest.qWaitForWindowActive(panel)
    return Desk(qtbot, panel, bridge, tmp_path)


@pytest.fixture(scope="module")
def server():
    with s3_server() as running:
        yield running


def test_what_the_files_say_is_shown_before_anything_is_sent(desk):
    desk.folder.joinpath("notes.md").write_text("# Softer ramp")
    desk.opens()
    desk.types()
    desk.types(str(desk.folder / "notes.md"), "upload-notes")

    assert desk.says(VERDICT).startswith("Every byte of it is what was signed. It goes to file://")
    facts = ("product", "version", "sequence", "hardware", "update from", "length", "expires")
    assert [desk.says(f"upload-{fact}") for fact in facts] == [
        "drive-a",
        "2.1.0",
        "7",
        "rev-a, rev-b",
        "1.4.0",
        "10,240 bytes (10 kB)",
        "after 2031-05-01 12:00 UTC",
    ]
    assert desk.says("upload-sha-256").replace(" ", "") == hashlib.sha256(IMAGE).hexdigest()
    assert "trusted, the bytes are what this key signed" in desk.says("upload-signed by")
    assert "A release needs 2 trusted signatures" in desk.says("upload-signed by")
    assert desk.sees(QTextBrowser, "upload-notes-shown").toPlainText() == "Softer ramp"
    assert desk.sees(QPushButton, GO).isEnabled()
    assert list(desk.store.iterdir()) == []


def older(version, **changes):
    """Another version of the product that there is already."""
    row = pictured_versions(SCENE_NOW).rows[0].version
    return (replace(row, version=f"{version}+drive-a", product="drive-a", **changes),)


BAD = {
    "truncated": (
        lambda desk: desk.image.write_bytes(IMAGE[:-1]),
        "The image ends after 10,239 of the 10,240 bytes that were signed",
    ),
    "too long": (
        lambda desk: desk.image.write_bytes(IMAGE + b"x"),
        "The image is longer than the 10,240 bytes that were signed",
    ),
    "wrong hash": (
        lambda desk: desk.image.write_bytes(bytes(len(IMAGE))),
        "The image is not the one that was signed as 2.1.0+drive-a: its SHA-256 is",
    ),
    "unsigned": (lambda desk: desk.put(IMAGE), "The manifest is not signed; sign it on the release"),
    "untrusted": (lambda desk: desk.put(IMAGE, STRANGE_KEY), "which this computer does not trust"),
    "altered": (
        lambda desk: desk.image.with_name("drive-a.bin.manifest").write_bytes(signed(sequence=8)[0]),
        "it was altered, or the signature belongs to another",
    ),
    "expired": (
        lambda desk: desk.put(IMAGE, RELEASE_KEY, expires_at=NOW - timedelta(days=1)),
        "The manifest of 2.1.0+drive-a expired on 2030-04-30 12:00 UTC",
    ),
    "no manifest": (
        lambda desk: desk.image.with_name("drive-a.bin.manifest").unlink(),
        "drive-a.bin.manifest cannot be read (No such file or directory)",
    ),
    "no image": (lambda desk: desk.image.unlink(), "drive-a.bin cannot be read (No such file"),
    "duplicate": (
        lambda desk: setattr(desk, "terms", replace(TERMS, versions=older("2.1.0"))),
        "There is a version 2.1.0+drive-a already (released); a new image needs a new version.",
    ),
    "not higher": (
        lambda desk: setattr(desk, "terms", replace(TERMS, versions=older("2.0.9", sequence=9))),
        "The sequence of 2.1.0+drive-a is 7, and 2.0.9+drive-a was released with 9; sign it with a higher",
    ),
    "taken by a draft": (
        lambda desk: setattr(
            desk,
            "terms",
            replace(TERMS, versions=older("2.0.9", sequence=7, status=VersionStatus.DRAFT)),
        ),
        "which is that of the draft 2.0.9+drive-a",
    ),
    "no store": (
        lambda desk: setattr(desk, "judge", Judge(trusted(RELEASE_KEY), ObjectAccess())),
        "name it with firmware_store in settings.toml",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_wrong_is_one_sentence_and_nothing_can_be_sent(desk, bad):
    spoil, sentence = BAD[bad]
    spoil(desk)
    desk.opens()
    desk.types()

    assert sentence in desk.says(VERDICT)
    assert not desk.sees(QPushButton, GO).isEnabled()
    QTest.keyClick(desk.sees(QLineEdit, "upload-image"), Qt.Key.Key_Return)
    assert (desk.bridge.asked, desk.bridge.besides, list(desk.store.iterdir())) == ([], [], [])


def test_notes_that_are_no_text_are_told(desk):
    notes = desk.folder / "notes.md"
    notes.write_bytes(b"\xff\xfe")
    desk.opens()
    desk.types()
    desk.types(str(notes), "upload-notes")

    assert desk.says(VERDICT) == f"The release notes {notes} are no text in UTF-8; save them as such."


def test_an_image_that_is_exchanged_after_it_was_looked_at_is_not_sent(desk):
    desk.opens()
    desk.types()
    desk.image.unlink()
    desk.hears(desk.sends())

    assert desk.says(SAID) == f"The image {desk.image} cannot be read (No such file or directory)."
    assert (desk.bridge.commanded, list(desk.store.iterdir())) == ([], [])
    assert desk.sees(QLineEdit, "upload-image").isEnabled()


def test_a_version_that_another_added_meanwhile_is_not_sent(desk):
    desk.opens()
    desk.types()
    desk.terms = replace(TERMS, versions=older("2.1.0"))
    desk.hears(desk.sends())

    assert "There is a version 2.1.0+drive-a already" in desk.says(SAID)
    assert list(desk.store.iterdir()) == []


def test_what_the_database_declines_is_said_beside_what_was_typed(desk):
    desk.opens()
    desk.types()
    desk.hears(desk.sends())
    desk.bridge.refuse_next("You may not add versions.")

    assert desk.says(SAID) == "You may not add versions."
    assert desk.sees(QPushButton, GO).isEnabled()


def test_an_operator_is_offered_no_upload(desk):
    desk.bridge.set_person(OPERATOR)
    desk.panel.versions_page.show_versions(pictured_versions(SCENE_NOW))

    assert not desk.sees(QPushButton, "versions-upload").isVisible()


@pytest.fixture
def in_bucket(desk, server):
    """A large image, and a bucket that its owner may write to."""

    def prepare(who="owner", image=LARGE) -> Desk:
        access = ObjectAccess(
            s3_endpoint=server.endpoint,
            store="s3://plain",
            credentials=lambda: getattr(server, who),
        )
        desk.judge = Judge(trusted(RELEASE_KEY), access)
        desk.put(image, RELEASE_KEY)
        desk.opens()
        desk.types()
        return desk

    return prepare


def left_in(server) -> list[str]:
    """What anybody sees in the bucket, parts included."""
    client = server.client()
    objects = client.list_objects_v2(Bucket="plain").get("Contents", [])
    parts = client.list_multipart_uploads(Bucket="plain").get("Uploads", [])
    return [one["Key"] for one in (*objects, *parts)]


def test_an_upload_into_a_bucket_is_stopped_in_the_middle_and_leaves_nothing(in_bucket, server):
    desk = in_bucket()
    worker = desk.sends()
    desk.waits(lambda: desk.passage.done > 0)
    QTest.keyClick(desk.sees(QPushButton, "version-upload-cancel"), Qt.Key.Key_Escape)
    assert desk.says(SAID) == "Stopping; what was sent is taken away…"
    desk.hears(worker)

    assert desk.says(SAID) == STOPPED
    assert (left_in(server), desk.bridge.commanded) == ([], [])
    assert desk.panel.versions_page.uploads.dialog.isVisible()


def test_a_window_that_closes_stops_its_upload(in_bucket, server):
    desk = in_bucket()
    worker = desk.sends()
    desk.panel.versions_page.uploads.deleteLater()
    desk.waits(lambda: not worker.is_alive())

    assert desk._sent[0].fault == STOPPED


def test_a_bucket_that_one_may_not_write_to_is_told_in_the_dialog(in_bucket, server):
    desk = in_bucket("nobody", IMAGE)
    desk.hears(desk.sends())

    assert "does not let this computer write there (403, " in desk.says(SAID)
    assert left_in(server) == []


def test_an_upload_into_a_bucket_shows_how_far_it_is_and_outlives_its_file(in_bucket, server):
    desk = in_bucket()
    worker = desk.sends()
    desk.waits(lambda: desk.passage.done > 0)
    # What is sent was read and proved before, so nothing that happens to the file matters any more.
    desk.image.unlink()
    desk.waits(lambda: desk.sees(QProgressBar, "upload-bar").value() > 0)
    assert desk.says(SAID).partition(" ")[0] in ("Sending", "Reading", "Adding")
    assert desk.says(SAID).endswith("…") or "of 25.2 MB" in desk.says(SAID)
    desk.hears(worker)

    (command,) = desk.bridge.commanded
    assert isinstance(command.what, AddDraft)
    (key,) = left_in(server)
    assert command.what.sent.url == f"s3://plain/{key}"
    desk.bridge.confirm_next(VersionId(9))
    assert (
        desk.says("versions-said")
        == f"{MANIFEST.full_version} is a draft; it can be rolled out once it is released."
    )
    assert desk.panel.versions_page.uploads.dialog is None
