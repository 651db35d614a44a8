"""Images on a station's disk: fetched once, checked when they are read, and the oldest given up."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from console.station.rollouts.database_store import DatabaseRolloutStore
from models.errors import Rejected
from models.objects.access import ObjectAccess
from models.records.firmware import Manifest
from tests.unit.console.station.rollouts.one_device import MANIFEST

NO_DATABASE = cast("Any", None)


def put(folder: Path, name: str, data: bytes) -> tuple[str, Manifest]:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    manifest = replace(MANIFEST, size=len(data), sha256=hashlib.sha256(data).digest())
    return (folder / name).as_uri(), manifest


def store(folder: Path) -> DatabaseRolloutStore:
    return DatabaseRolloutStore(NO_DATABASE, ObjectAccess(folder=folder / "bucket"), folder / "data")


def test_an_image_is_fetched_once_and_found_again_by_the_next_start(tmp_path: Path) -> None:
    url, manifest = put(tmp_path / "bucket", "a.bin", b"firmware")
    first = store(tmp_path)
    assert first.image(url, manifest) is first.image(url, manifest)
    (tmp_path / "bucket" / "a.bin").unlink()
    assert store(tmp_path).image(url, manifest) == b"firmware"


def test_what_was_altered_on_the_disk_is_fetched_anew(tmp_path: Path) -> None:
    url, manifest = put(tmp_path / "bucket", "a.bin", b"firmware")
    store(tmp_path).image(url, manifest)
    (kept,) = (tmp_path / "data" / "firmware" / "images").iterdir()
    kept.write_bytes(b"firmwarf")
    assert store(tmp_path).image(url, manifest) == b"firmware"
    kept.write_bytes(b"firmwarf")
    (tmp_path / "bucket" / "a.bin").unlink()
    with pytest.raises(Rejected):
        store(tmp_path).image(url, manifest)


def test_another_image_is_never_taken_for_the_one_that_is_held(tmp_path: Path) -> None:
    one, two = (put(tmp_path / "bucket", f"{name}.bin", name.encode()) for name in ("one", "two"))
    of = store(tmp_path)
    assert [of.image(*one), of.image(*two), of.image(*one)] == [b"one", b"two", b"one"]


def test_only_the_newest_images_stay_on_the_disk(tmp_path: Path) -> None:
    of = store(tmp_path)
    images = tmp_path / "data" / "firmware" / "images"
    for number in range(11):
        url, manifest = put(tmp_path / "bucket", f"{number}.bin", b"%d" % number)
        of.image(url, manifest)
        os.utime(images / manifest.sha256.hex(), (number, number))
    assert {file.read_bytes() for file in images.iterdir()} == {b"%d" % number for number in range(3, 11)}
